/**
 * nodemailer's SMTPConnection as dial() uses it: it connects, greets, starts TLS and carries the lines of a login.
 *
 * This is the one file that reaches into nodemailer, for its `_socket`. The version is pinned exactly, and a nodemailer that looks
 * different inside is refused before a byte of a message is written. It is handed no password, and its judgement of certificates is
 * switched off: its owner judges at connected() and upgraded(), before anything is said.
 */
import { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { ReplyParser } from './parse-replies.ts';
import type { Reply } from './reply.ts';
import type { ServerSettings } from './server-settings.ts';
import type { Exchange } from './sign-in.ts';
import { stages } from './stages.ts';

export interface ConnectionTrouble {
	readonly message: string;
	/** OpenSSL's, for example `wrong version number`; its message carries addresses and file names besides. Otherwise the message. */
	readonly reason: string;
	/** Of the system, OpenSSL or nodemailer; '' when there is none. */
	readonly code: string;
	/** The reply that nodemailer did not like; null when it was something else. */
	readonly reply: Reply | null;
}

/** Called synchronously, and never after close() or release(), which may be called from within. */
export interface ConnectionOwner {
	/** TCP stands, and TLS where it is the first thing. Nothing was said or read yet. */
	connected(socket: Socket): void;
	/** TLS stands after STARTTLS. Nothing was said or read over it yet. */
	upgraded(socket: Socket): void;
	/** A line is handed to the socket as soon as this returns; as a trace may know it, without its CRLF. */
	lineGoesOut(shown: string): void;
	/** EHLO, or HELO, was answered: over TLS where that was asked for. */
	ready(): void;
	failed(trouble: ConnectionTrouble): void;
	/** The server closed the connection. */
	ended(): void;
}

// Under this name nodemailer calls the login that is handed to it.
const ownMechanism = 'MAILSHOT';

// Its own timers are put out of reach: dial() has absolute ones for each stage.
const never = 3_600_000;

export class NodemailerConnection {
	readonly #owner: ConnectionOwner;
	readonly #connection: SMTPConnection;
	readonly #startsTls: boolean;
	#isUpgraded = false;
	#isOver = false;
	#login: (exchange: Exchange) => void = () => {};
	/** The line of a login that goes out next, as a trace may know it; null: nodemailer speaks. */
	#shown: string | null = null;

	constructor(settings: ServerSettings, owner: ConnectionOwner) {
		this.#owner = owner;
		this.#startsTls = settings.tls === 'starttls';
		this.#connection = new SMTPConnection({
			host: settings.host,
			port: settings.port,
			secure: settings.tls === 'implicit',
			requireTLS: settings.tls === 'starttls',
			ignoreTLS: settings.tls === 'off',
			connectionTimeout: never,
			greetingTimeout: never,
			socketTimeout: never,
			dnsTimeout: stages.connect.deadlineMs,
			// A connection that is given up is closed at once: nobody waits for its farewell.
			socketCloseTimeout: 0,
			maxResponseSize: 65_536,
			tls: {
				minVersion: 'TLSv1.2',
				// Node would throw the certificate away with the connection, and with it the facts that people need. The owner judges instead.
				rejectUnauthorized: false,
				...(settings.tlsCa === null ? {} : { ca: settings.tlsCa }),
			},
			...(settings.clientName === '' ? {} : { name: settings.clientName }),
			customAuth: { [ownMechanism]: ({ sendCommand }) => this.#login(this.#exchangeOver(sendCommand)) },
			logger: this.#observer(),
			transactionLog: true,
		});
	}

	connect(): void {
		this.#connection.on('error', this.#failed);
		this.#connection.on('end', () => this.#tell(() => this.#owner.ended()));
		this.#connection.connect((error) => (error ? this.#failed(error) : this.#tell(() => this.#owner.ready())));
	}

	/** Lets `login` talk to the server, after ready(). */
	login(login: (exchange: Exchange) => void): void {
		this.#login = login;
		this.#connection.login({ method: ownMechanism }, () => {});
	}

	/** Null before there is one, and when nodemailer keeps it elsewhere. */
	get socket(): Socket | null {
		const { _socket: socket } = this.#connection as unknown as { readonly _socket: unknown };
		return socket instanceof Socket ? socket : null;
	}

	/** The socket without listeners, paused; null when this nodemailer is built differently. */
	release(): Socket | null {
		const { socket } = this;
		if (socket === null) return null;
		this.#isOver = true;
		for (const event of ['data', 'end', 'error', 'close', 'timeout']) socket.removeAllListeners(event);
		socket.setTimeout(0);
		socket.pause();
		// Otherwise it would close the socket with itself.
		(this.#connection as unknown as { _socket: unknown })._socket = false;
		return socket;
	}

	close(): void {
		this.#isOver = true;
		// A late error has nobody left to tell; without a listener it would be thrown.
		this.#connection.removeAllListeners('error').on('error', () => {});
		this.#connection.close();
	}

	/** It tells its log what it does before it does it: that is the public way to know, and to step in. */
	#observer() {
		const observe = (entry: { readonly tnx?: string }, text = '', ...rest: unknown[]) => {
			const { socket } = this;
			if (socket === null || this.#isOver) return;
			if (entry.tnx === 'network' && /established/.test(text + rest.join(' '))) return this.#owner.connected(socket);
			if (this.#startsTls && this.#connection.secure && !this.#isUpgraded) {
				this.#isUpgraded = true;
				this.#owner.upgraded(socket);
			}
			if (entry.tnx === 'client') this.#tell(() => this.#owner.lineGoesOut(this.#shown ?? text));
		};
		const ignore = () => {};
		return { level: ignore, trace: ignore, debug: observe, info: observe, warn: ignore, error: ignore, fatal: ignore };
	}

	#exchangeOver(
		send: (line: string, done: (error: Error | null, data: { readonly response: string }) => void) => void,
	): Exchange {
		return (line, shown) =>
			new Promise((resolve) => {
				this.#shown = shown;
				send(line, (_error, { response }) => {
					const reply = parseReply(response);
					if (reply !== null) resolve(reply);
				});
			});
	}

	#failed = (error: NodemailerError): void => {
		const { message, reason = message, code = '', originalCode = code, response } = error;
		const reply = response === undefined ? null : parseReply(response);
		this.#tell(() => this.#owner.failed({ message, reason, code: originalCode, reply }));
	};

	#tell(tell: () => void): void {
		if (!this.#isOver) tell();
	}
}

/** What nodemailer hangs on its errors. */
interface NodemailerError extends Error {
	readonly code?: string | undefined;
	readonly originalCode?: string | undefined;
	readonly response?: string | undefined;
	readonly reason?: string | undefined;
}

function parseReply(response: string): Reply | null {
	const parser = new ReplyParser();
	parser.push(Buffer.from(`${response}\n`, 'utf8'));
	return parser.next() > 0 ? parser.reply() : null;
}
