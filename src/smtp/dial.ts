/**
 * Opens a session with nodemailer's SMTPConnection (TCP, TLS, EHLO, STARTTLS, AUTH) and takes its socket over.
 *
 * This is the one file that reaches into nodemailer: its `_socket`, `_remainder` and `_responseQueue`. The version is pinned
 * exactly, and a nodemailer that looks different inside is refused before a byte of a message is written. What we add is an
 * absolute deadline per stage, the stage in which it broke, and the rule that no credential leaves before TLS stands.
 */
import { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { cleanText } from '../support/clean-text.ts';
import type { Clock, Timer } from '../support/clock.ts';
import { type Capabilities, parseCapabilities } from './capabilities.ts';
import type { BreakCause, Stage } from './outcome.ts';
import { ReplyParser } from './parse-replies.ts';
import { type Reply, replyText } from './reply.ts';
import type { ServerSettings } from './server-settings.ts';
import { stages } from './stages.ts';

/** What nodemailer hangs on its errors. */
interface NodemailerError extends Error {
	readonly code?: string | undefined;
	readonly originalCode?: string | undefined;
	readonly response?: string | undefined;
	/** OpenSSL's, for example `wrong version number`. */
	readonly reason?: string | undefined;
	/** Node's, for a certificate with another name. */
	readonly cert?: { readonly subjectaltname?: string } | undefined;
}

export interface Dialled {
	readonly kind: 'dialled';
	/** Secured and signed in as the settings ask; paused, without listeners, nothing unread. */
	readonly socket: Socket;
	readonly capabilities: Capabilities;
	/** `TLSv1.3`, or '' on a plain connection. */
	readonly tlsVersion: string;
}

/** No connection: never about a recipient, since none was named yet. */
export interface DialFailure {
	readonly kind: 'failed';
	readonly stage: Stage;
	/** `rejected`: the server said no, see `reply`. */
	readonly cause: BreakCause | 'rejected' | 'no_starttls' | 'no_auth';
	/** For people, cleaned, with the server's own words. */
	readonly message: string;
	readonly reply: Reply | null;
	/** System or OpenSSL code for hints, for example ECONNREFUSED or DEPTH_ZERO_SELF_SIGNED_CERT; '' when there is none. */
	readonly code: string;
}

/** Dials once. Never throws for what the network or the server does. The signal ends it at once. */
export function dial(
	settings: ServerSettings,
	context: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Dialled | DialFailure> {
	return new Promise((resolve, reject) => new Dialling(settings, { ...context, resolve, reject }).start());
}

class Dialling {
	readonly #settings: ServerSettings;
	readonly #clock: Clock;
	readonly #signal: AbortSignal;
	readonly #resolve: (result: Dialled | DialFailure) => void;
	readonly #reject: (bug: Error) => void;
	readonly #connection: SMTPConnection;
	#stage: Stage = 'connect';
	#deadline: Timer | null = null;
	#isOver = false;
	#offersStartTls = false;

	constructor(
		settings: ServerSettings,
		context: {
			readonly clock: Clock;
			readonly signal: AbortSignal;
			readonly resolve: (result: Dialled | DialFailure) => void;
			readonly reject: (bug: Error) => void;
		},
	) {
		this.#settings = settings;
		this.#clock = context.clock;
		this.#signal = context.signal;
		this.#resolve = context.resolve;
		this.#reject = context.reject;
		// nodemailer's own timers are put out of reach: ours are absolute and per stage.
		const never = 3_600_000;
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
			tls: { minVersion: 'TLSv1.2', ...(settings.tlsCa === null ? {} : { ca: settings.tlsCa }) },
			...(settings.clientName === '' ? {} : { name: settings.clientName }),
			logger: this.#stageObserver(),
			transactionLog: true,
		});
	}

	start(): void {
		if (this.#signal.aborted) return this.#fail({ cause: 'dropped', message: 'stopped before connecting' });
		this.#signal.addEventListener('abort', this.#abort, { once: true });
		this.#enter('connect');
		this.#connection.on('error', this.#onError);
		this.#connection.on('end', this.#onEnd);
		this.#connection.connect((error) => (error ? this.#onError(error) : this.#signIn()));
	}

	/** nodemailer tells its log each command and reply (secrets masked); that is the public way to know the stage. */
	#stageObserver() {
		const observe = (entry: { readonly tnx?: string }, text = '', ...rest: unknown[]) => {
			if (entry.tnx === 'network' && /established/.test(text + rest.join(' '))) this.#enter('greeting');
			if (entry.tnx === 'client') this.#enter(stageOfCommand(text, this.#stage));
			if (entry.tnx === 'server' && this.#stage === 'ehlo') this.#offersStartTls ||= /^250[ -]STARTTLS\b/im.test(text);
		};
		const ignore = () => {};
		return { level: ignore, trace: ignore, debug: observe, info: observe, warn: ignore, error: ignore, fatal: ignore };
	}

	#enter(stage: Stage): void {
		// A server that asks for one more line of AUTH, for ever, gets no more time than one that says nothing.
		if (this.#isOver || (stage === this.#stage && this.#deadline !== null)) return;
		this.#stage = stage;
		this.#deadline?.cancel();
		this.#deadline = this.#clock.after(stages[stage].deadlineMs, () => {
			this.#fail({ cause: 'timeout', message: `the server did not answer in time (${stages[stage].doing})` });
		});
	}

	#signIn(): void {
		const { auth, tls } = this.#settings;
		const ehlo = this.#connection.lastServerResponse;
		if (auth === null) return this.#takeOver(ehlo);
		if (tls !== 'off' && !this.#connection.secure)
			return this.#stopForBug('about to sign in over a connection that is not secure');
		if (!this.#connection.allowsAuth) {
			return this.#fail({ cause: 'no_auth', message: 'the server offers no AUTH on this connection' });
		}
		this.#connection.login({ credentials: { user: auth.user, pass: auth.password } }, (error) =>
			error ? this.#onError(error) : this.#takeOver(ehlo),
		);
	}

	#takeOver(ehlo: string | false): void {
		const internals = this.#connection as unknown as {
			_socket: unknown;
			_remainder: unknown;
			_responseQueue: unknown;
		};
		const socket = internals._socket;
		if (
			!(socket instanceof Socket) ||
			typeof internals._remainder !== 'string' ||
			!Array.isArray(internals._responseQueue)
		) {
			return this.#stopForBug('this nodemailer is built differently inside: mailshot needs the pinned version');
		}
		if (internals._remainder !== '' || internals._responseQueue.length > 0) {
			return this.#fail({
				cause: 'out_of_step',
				message: 'the server sent more than it was asked for before the first message',
			});
		}
		if (ehlo !== false && !ehlo.startsWith('250')) {
			// A second greeting, for example, that was taken for the reply to EHLO.
			return this.#fail({ cause: 'out_of_step', message: `${cleanText(ehlo, 80)} where the reply to EHLO is due` });
		}
		for (const event of ['data', 'end', 'error', 'close', 'timeout']) socket.removeAllListeners(event);
		socket.setTimeout(0);
		socket.pause();
		internals._socket = false;
		const lines = ehlo === false ? [] : ehlo.split(/\r?\n/).map((line) => cleanText(line.slice(4)));
		const capabilities = parseCapabilities(lines);
		const tlsVersion = 'getProtocol' in socket && typeof socket.getProtocol === 'function' ? socket.getProtocol() : '';
		this.#finish({ kind: 'dialled', socket, capabilities, tlsVersion: String(tlsVersion ?? '') });
	}

	#abort = (): void => this.#fail({ cause: 'dropped', message: `stopped while ${stages[this.#stage].doing}` });

	#onEnd = (): void =>
		this.#fail({ cause: 'closed', message: `the server closed the connection while ${stages[this.#stage].doing}` });

	#onError = (error: NodemailerError): void => {
		const code = error.originalCode ?? error.code ?? '';
		const reply = error.response === undefined ? null : parseReply(error.response);
		if (error.response !== undefined && reply === null) {
			const text = cleanText(error.response, 80);
			const said = text === '' ? 'bytes that are no text' : `"${text}"`;
			return this.#fail({ cause: 'out_of_step', message: `this is no SMTP server: it said ${said}` });
		}
		if (reply !== null) return this.#rejected(reply);
		if (isTlsError(code, error.message)) {
			if (this.#stage === 'greeting') this.#stage = 'starttls';
			const names = cleanText(error.cert?.subjectaltname ?? '', 200);
			const shown = names === '' || error.message.includes(names) ? '' : ` (it is for ${names})`;
			// OpenSSL's own text carries addresses and file names; its reason is what says something.
			const reason = cleanText(error.reason ?? error.message);
			return this.#fail({ cause: 'tls', message: `TLS failed: ${reason}${shown}`, code });
		}
		if (code === 'EPROTOCOL') return this.#fail({ cause: 'out_of_step', message: cleanText(error.message), code });
		if (code === 'EAUTH') return this.#fail({ cause: 'no_auth', message: cleanText(error.message), code });
		const cause = this.#stage === 'connect' ? 'network' : 'closed';
		this.#fail({ cause, message: `${cleanText(error.message)} (${stages[this.#stage].doing})`, code });
	};

	#rejected(given: Reply): void {
		// Some servers repeat the line they did not like, and that may be the password.
		const reply = this.#stage === 'auth' ? withoutSecrets(given, this.#settings.auth) : given;
		const said = replyText(reply);
		if (this.#stage === 'starttls' && !this.#offersStartTls) {
			return this.#fail({ cause: 'no_starttls', message: `the server does not offer STARTTLS: ${said}`, reply });
		}
		const cause = reply.code === 421 ? 'service_closing' : 'rejected';
		this.#fail({ cause, message: said, reply });
	}

	#stopForBug(message: string): void {
		this.#reject(new Error(message));
		this.#fail({ cause: 'dropped', message });
	}

	#fail(failure: { cause: DialFailure['cause']; message: string; reply?: Reply; code?: string }): void {
		const { cause, message, reply = null, code = '' } = failure;
		this.#finish({ kind: 'failed', stage: this.#stage, cause, message, reply, code });
	}

	#finish(result: Dialled | DialFailure): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#deadline?.cancel();
		this.#signal.removeEventListener('abort', this.#abort);
		// A late error has nobody left to tell; without a listener it would be thrown.
		this.#connection.removeAllListeners('error').on('error', () => {});
		if (result.kind === 'failed') this.#connection.close();
		this.#resolve(result);
	}
}

function stageOfCommand(command: string, current: Stage): Stage {
	if (/^(?:EHLO|HELO)\b/.test(command)) return 'ehlo';
	if (/^STARTTLS\b/.test(command)) return 'starttls';
	if (/^AUTH\b/.test(command)) return 'auth';
	return current;
}

function withoutSecrets(reply: Reply, auth: ServerSettings['auth']): Reply {
	if (auth === null) return reply;
	const { user, password } = auth;
	const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
	const secrets = [password, base64(password), base64(`\0${user}\0${password}`)].filter((secret) => secret !== '');
	const masked = (line: string) => secrets.reduce((text, secret) => text.replaceAll(secret, '(secret)'), line);
	return { ...reply, lines: reply.lines.map(masked) };
}

function parseReply(response: string): Reply | null {
	const parser = new ReplyParser();
	parser.push(Buffer.from(`${response}\n`, 'utf8'));
	return parser.next() > 0 ? parser.reply() : null;
}

function isTlsError(code: string, message: string): boolean {
	return (
		/^(?:ETLS|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|UNABLE_TO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$)/.test(code) ||
		/\bTLS\b|certificate|SSL/i.test(message)
	);
}
