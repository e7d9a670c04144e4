/** A mail server that can fail at TLS and at the login, one way each, and takes mail behind both. It notes what came over the wire before TLS stood. */
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { ServerCertificate } from '../helpers/test-ca.ts';
import type { FaultyServer } from './fault-case.ts';

export interface SecureServerOptions {
	readonly certificate: ServerCertificate;
	/** TLS from the first byte. */
	readonly implicitTls?: boolean;
	/** What is said to STARTTLS; null: it is not offered. Default `220 2.0.0 Go ahead`. */
	readonly startTls?: string | null;
	/** Bytes sent in the clear right behind the 220. */
	readonly injected?: string;
	/** The handshake is never answered. */
	readonly handshakeHangs?: boolean;
	/** At most this version, with ciphers of its time. */
	readonly maxVersion?: 'TLSv1.1';
	/** EHLO keyword after TLS, `AUTH PLAIN LOGIN`. Default none. */
	readonly authKeyword?: string;
	/** What is said to the nth AUTH (from 1) with what it carries, decoded; a 334 is followed by one more line of the client. Default `235 2.7.0 Ok`. */
	readonly auth?: (attempt: number, credentials: string) => string;
	readonly onConnected?: () => void;
}

export interface SecureServer extends FaultyServer {
	readonly port: number;
	/** Lines that came in the clear. */
	readonly inTheClear: readonly string[];
	/** What each AUTH carried, decoded. */
	readonly logins: readonly string[];
	readonly connectionCount: () => number;
}

export async function startSecureServer(t: TestContext, options: SecureServerOptions): Promise<SecureServer> {
	const state = { inTheClear: [] as string[], logins: [] as string[], accepted: [] as string[], connections: 0 };
	const sockets = new Set<Socket>();
	const server: Server = createServer((socket) => {
		state.connections += 1;
		sockets.add(socket);
		socket.on('error', () => {});
		options.onConnected?.();
		if (options.implicitTls === true)
			secure(socket, options, (safe) => new Talk(safe, options, { ...state, isSafe: true }).greet());
		else new Talk(socket, options, { ...state, isSafe: false }).greet();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return {
		port: address.port,
		url: `${options.implicitTls === true ? 'smtps' : 'smtp'}://127.0.0.1:${address.port}`,
		copies: () => state.accepted,
		inTheClear: state.inTheClear,
		logins: state.logins,
		connectionCount: () => state.connections,
	};
}

function secure(socket: Socket, options: SecureServerOptions, then: (safe: TLSSocket) => void): void {
	if (options.handshakeHangs === true) {
		socket.resume();
		return;
	}
	const { certificate, maxVersion } = options;
	const old = { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' };
	const safe = new TLSSocket(socket, {
		isServer: true,
		cert: certificate.certificate,
		key: certificate.key,
		...(maxVersion === undefined ? {} : { ...old, maxVersion }),
	});
	safe.on('error', () => {});
	safe.once('secure', () => then(safe));
}

interface Notes {
	readonly inTheClear: string[];
	readonly logins: string[];
	readonly accepted: string[];
	readonly isSafe: boolean;
}

class Talk {
	readonly #socket: Socket;
	readonly #options: SecureServerOptions;
	readonly #notes: Notes;
	#received = '';
	#recipient = '';
	#isInContent = false;
	#isInLogin = false;

	constructor(socket: Socket, options: SecureServerOptions, notes: Notes) {
		this.#socket = socket;
		this.#options = options;
		this.#notes = notes;
		socket.on('data', this.#read);
	}

	greet(): void {
		this.#say('220 relay.acme.example ESMTP');
	}

	readonly #read = (chunk: Buffer): void => {
		this.#received += chunk.toString('latin1');
		for (let end = this.#received.indexOf('\r\n'); end !== -1; end = this.#received.indexOf('\r\n')) {
			const line = this.#received.slice(0, end);
			this.#received = this.#received.slice(end + 2);
			if (!this.#notes.isSafe) this.#notes.inTheClear.push(line);
			this.#line(line);
		}
	};

	#line(line: string): void {
		if (this.#isInContent) return this.#content(line);
		if (this.#isInLogin) return this.#login(line);
		const [verb = '', argument = '', initial = ''] = line.split(' ');
		switch (verb.toUpperCase()) {
			case 'EHLO':
				return this.#say(this.#ehlo());
			case 'STARTTLS':
				return this.#startTls();
			case 'AUTH':
				if (argument === 'LOGIN' || initial === '') {
					this.#isInLogin = true;
					return this.#say('334 VXNlcm5hbWU6');
				}
				return this.#login(initial);
			case 'RCPT':
				this.#recipient = /<(.*)>/.exec(line)?.[1] ?? '';
				return this.#say('250 2.1.5 Ok');
			case 'DATA':
				this.#isInContent = true;
				return this.#say('354 Go ahead');
			case 'QUIT':
				this.#say('221 2.0.0 Bye');
				this.#socket.end();
				return;
			default:
				return this.#say('250 2.0.0 Ok');
		}
	}

	#ehlo(): string {
		const { startTls = '220 2.0.0 Go ahead', authKeyword } = this.#options;
		const keywords = ['PIPELINING', 'ENHANCEDSTATUSCODES'];
		if (!this.#notes.isSafe && startTls !== null) keywords.push('STARTTLS');
		if (authKeyword !== undefined) keywords.push(authKeyword);
		const lines = ['relay.acme.example', ...keywords];
		return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
	}

	#startTls(): void {
		const { startTls = '220 2.0.0 Go ahead', injected = '' } = this.#options;
		const said = startTls ?? '502 5.5.1 Not implemented';
		this.#socket.write(`${said}\r\n${injected}`);
		if (!said.startsWith('220')) return;
		this.#socket.off('data', this.#read);
		secure(this.#socket, this.#options, (safe) => new Talk(safe, this.#options, { ...this.#notes, isSafe: true }));
	}

	#login(line: string): void {
		this.#isInLogin = false;
		const credentials = Buffer.from(line, 'base64').toString('utf8').replaceAll('\0', ' ').trim();
		// The empty line by which a client takes note of why XOAUTH2 failed.
		if (credentials !== '') this.#notes.logins.push(credentials);
		const said = this.#options.auth?.(this.#notes.logins.length, credentials) ?? '235 2.7.0 Ok';
		this.#isInLogin = said.startsWith('334');
		this.#say(said);
		if (said.startsWith('421')) this.#socket.end();
	}

	#content(line: string): void {
		if (line !== '.') return;
		this.#isInContent = false;
		this.#notes.accepted.push(this.#recipient);
		this.#say('250 2.0.0 Ok: queued as 1A');
	}

	#say(text: string): void {
		this.#socket.write(`${text}\r\n`);
	}
}
