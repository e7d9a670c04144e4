/** The npm package smtp-server as a relay that keeps what it was given: for logins, TLS and refusals by address. */
import { SMTPServer } from 'smtp-server';
import type { ServerCertificate } from './test-ca.ts';

export interface SmtpServerOptions {
	readonly certificate?: ServerCertificate;
	/** TLS from the first byte; otherwise STARTTLS is offered when there is a certificate. */
	readonly implicitTls?: boolean;
	/** Who may log in, and how. Without it no login is offered or asked for. */
	readonly login?: { readonly user: string; readonly password: string; readonly methods: readonly string[] };
	/** Recipient -> refusal of RCPT TO, for example `550 5.1.1 User unknown`. */
	readonly refused?: ReadonlyMap<string, string>;
}

export interface KeptMessage {
	readonly connection: string;
	readonly from: string;
	readonly to: readonly string[];
	readonly content: string;
}

export interface LoginAttempt {
	readonly connection: string;
	readonly method: string;
	readonly user: string;
	readonly accepted: boolean;
	/** Whether the connection was encrypted when the credentials came. */
	readonly encrypted: boolean;
}

export interface TestSmtpServer {
	readonly port: number;
	readonly messages: readonly KeptMessage[];
	readonly logins: readonly LoginAttempt[];
	/** Connections whose greeting was sent (after the handshake with implicit TLS). */
	readonly connections: readonly string[];
	stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<TestSmtpServer> {
	const messages: KeptMessage[] = [];
	const logins: LoginAttempt[] = [];
	const connections: string[] = [];
	const { certificate, login } = options;
	const server = new SMTPServer({
		secure: options.implicitTls === true,
		...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key }),
		disabledCommands: [...(certificate === undefined ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
		...(login === undefined ? { authOptional: true } : { authMethods: [...login.methods] }),
		disableReverseLookup: true,
		closeTimeout: 100,
		onConnect(session, callback) {
			connections.push(session.id);
			callback();
		},
		onAuth(auth, session, callback) {
			const accepted = auth.username === login?.user && auth.password === login?.password;
			const { method, username = '' } = auth;
			logins.push({ connection: session.id, method, user: username, accepted, encrypted: session.secure });
			if (accepted) callback(null, { user: username });
			else callback(reply('535 5.7.8 Error: authentication failed: wrong password'));
		},
		onRcptTo(address, _session, callback) {
			const refusal = options.refused?.get(address.address);
			callback(refusal === undefined ? null : reply(refusal));
		},
		onData(stream, session, callback) {
			const chunks: Buffer[] = [];
			stream.on('data', (chunk: Buffer) => chunks.push(chunk));
			stream.on('end', () => {
				const { mailFrom, rcptTo } = session.envelope;
				messages.push({
					connection: session.id,
					from: mailFrom === false ? '' : mailFrom.address,
					to: rcptTo.map((recipient) => recipient.address),
					content: Buffer.concat(chunks).toString('latin1'),
				});
				callback(null, `2.0.0 Ok: queued as ${messages.length}`);
			});
		},
	});
	// Clients that hang up during a handshake are the point of some tests, not trouble.
	server.on('error', () => {});
	const listening = server.listen(0, '127.0.0.1');
	await new Promise((resolve) => listening.once('listening', resolve));
	const address = listening.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
	return { port: address.port, messages, logins, connections, stop };
}

/** `550 5.1.1 No such user` as the error that smtp-server turns into that reply. */
function reply(text: string): Error & { responseCode: number } {
	return Object.assign(new Error(text.slice(4)), { responseCode: Number(text.slice(0, 3)) });
}
