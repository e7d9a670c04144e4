/**
 * A mail server inside the program that takes everything and delivers nothing (smtp-server on 127.0.0.1).
 *
 * Surprises of smtp-server 3.21.6: it greets 100 ms after a connection was made (fixed, it looks for early talkers);
 * it reads commands, not data, one by one, so replies stay in order under PIPELINING; it hands out domains in Unicode;
 * it refuses what is no dot-atom local part (`../../x`) with 501; it has no CHUNKING.
 */
import type { Socket } from 'node:net';
import type { SMTPServer, SMTPServerSession } from 'smtp-server';
import type { Clock } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { MailDirectory } from './mail-directory.ts';
import { type Answer, Reception, type SandboxLogin } from './reception.ts';
import type { SandboxEvent } from './sandbox-event.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

export interface SandboxOptions {
	readonly host: '127.0.0.1';
	/** 0: any free one. */
	readonly port: number;
	readonly tls: 'none' | 'starttls' | 'implicit';
	/** Mail is refused without this login (530); with `starttls` the login needs TLS (538). Null: nobody logs in. */
	readonly auth: SandboxLogin | null;
	/** Directory for one .eml file per message; null keeps nothing. */
	readonly save: string | null;
	/** Announced as SIZE, and held. */
	readonly maxMessageBytes: number;
	readonly clock: Clock;
	/** Called synchronously, once per event; it must not throw. */
	readonly onEvent: (event: SandboxEvent) => void;
}

export interface Sandbox {
	readonly host: string;
	readonly port: number;
	/** What clients must trust (`--tls-ca`), null without TLS. Made anew at each start. */
	readonly certificatePem: string | null;
	/** Messages taken; recipients and messages refused, failed logins not counted. They go on counting. */
	readonly counts: { readonly accepted: number; readonly refused: number };
	/** Says 421 to whoever is connected, after the verdict of messages that are complete. Resolves when no socket is left; may be called twice. */
	close(): Promise<void>;
}

/** Clients that do not close after the 421 are cut off. */
const closeGraceMs = 250;
/** RFC 5321 §4.5.3.2.7: a server waits at least 5 minutes for the next command. */
const idleMs = 300_000;
const pointlessCommands = ['WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD'];

/** Throws RunError 69 when the port cannot be used, 73 when `save` cannot. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
	const { SMTPServer } = await import('smtp-server');
	const certificate = options.tls === 'none' ? null : selfSignedCertificate(options.clock.now());
	const directory = options.save === null ? null : await MailDirectory.open(options.save);
	const reception = new Reception({ ...options, directory });
	const underWay = new Set<Promise<void>>();

	const server = new SMTPServer({
		name: 'sandbox.localhost',
		banner: 'mailshot sandbox, delivers nothing',
		logger: false,
		disableReverseLookup: true,
		disabledCommands: [
			...pointlessCommands,
			...(options.auth === null ? ['AUTH'] : []),
			...(options.tls === 'starttls' ? [] : ['STARTTLS']),
		],
		authMethods: ['PLAIN', 'LOGIN'],
		// Mail without login is refused by onMailFrom, so that it is told as an event.
		authOptional: true,
		secure: options.tls === 'implicit',
		...(certificate === null
			? {}
			: { key: certificate.privateKeyPem, cert: certificate.certificatePem, minVersion: 'TLSv1.2' as const }),
		size: options.maxMessageBytes,
		socketTimeout: idleMs,
		onAuth: (given, _session, callback) => {
			const answer = reception.login(given);
			if (answer.kind === 'no') callback(refusal(answer));
			else callback(null, { user: true });
		},
		onMailFrom: (_address, session, callback) => callback(refusal(reception.mailFrom(session))),
		onRcptTo: ({ address }, session, callback) => {
			const answer = reception.recipient(address, session.envelope);
			if (answer.kind === 'close') hangUp(server, session);
			else callback(refusal(answer));
		},
		onData: (stream, session, callback) => {
			const work = reception.message(stream, session).then((answer) => {
				underWay.delete(work);
				if (answer.kind === 'close') hangUp(server, session);
				else if (answer.kind === 'yes') callback(null, answer.text);
				else if (answer.kind === 'no') callback(refusal(answer));
			});
			underWay.add(work);
		},
		onClose: () => forgetClosedSockets(),
	});

	// smtp-server removes listeners from a socket when it starts TLS, so closed sockets are looked for when a session ends, too.
	const sockets = new Set<Socket>();
	const forgetClosedSockets = () => {
		for (const socket of sockets) if (socket.destroyed) sockets.delete(socket);
	};
	server.server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('close', forgetClosedSockets);
	});
	const port = await listen(server, options);

	const close = async (): Promise<void> => {
		server.server.close();
		// QUIRK: smtp-server wraps a new connection in TLS one tick after it was accepted; closed within that tick, it wraps a
		// destroyed socket, and Node 20 ends with a segmentation fault (smtp-server 3.21.6, close-sandbox.test.ts).
		await new Promise((resolve) => setImmediate(resolve));
		const closed = new Promise<void>((resolve) => server.close(resolve));
		reception.close();
		const deciding = [...server.connections].filter((connection) => reception.isDeciding(connection.session));
		for (const connection of server.connections) {
			if (!deciding.includes(connection)) connection.send(421, '4.3.2 The sandbox is shutting down');
		}
		const timer = options.clock.after(closeGraceMs, () => {
			for (const socket of sockets) socket.destroy();
		});
		await Promise.all(underWay);
		for (const connection of server.connections) connection.send(421, '4.3.2 The sandbox is shutting down');
		await closed;
		timer.cancel();
	};
	let closing: Promise<void> | null = null;
	return {
		host: options.host,
		port,
		certificatePem: certificate?.certificatePem ?? null,
		counts: reception.counts,
		close: () => {
			closing ??= close();
			return closing;
		},
	};
}

function listen(server: SMTPServer, options: SandboxOptions): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once('error', (error: Error) => {
			const why = 'code' in error && error.code === 'EADDRINUSE' ? 'it is in use' : error.message;
			reject(
				new RunError(
					exitCodes.serverUnreachable,
					`the sandbox cannot listen on ${options.host}:${options.port}: ${why}`,
					{
						hint: '--port 0   takes any free port',
						cause: error,
					},
				),
			);
		});
		server.listen(options.port, options.host, () => {
			server.removeAllListeners('error');
			// From here on: clients that break off or fail the TLS handshake. Their affair, and a sandbox goes on.
			server.on('error', () => {});
			const address = server.server.address();
			resolve(typeof address === 'object' && address !== null ? address.port : options.port);
		});
	});
}

/** Ends the connection without a reply; what was answered before still goes out. */
function hangUp(server: SMTPServer, session: SMTPServerSession): void {
	for (const connection of server.connections) {
		if (connection.session === session) connection.close();
	}
}

/** As smtp-server wants to hear it: an error with a code, or null. */
function refusal(answer: Answer): Error | null {
	if (answer.kind !== 'no') return null;
	return Object.assign(new Error(answer.reply.text), { responseCode: answer.reply.code });
}
