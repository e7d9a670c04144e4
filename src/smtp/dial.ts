/**
 * Opens a session: TCP, TLS, greeting, EHLO, STARTTLS, AUTH (RFC 5321, RFC 3207, RFC 4954), over nodemailer's connection.
 *
 * What we add to nodemailer is an absolute deadline per stage, the stage in which it broke, one reply to each command and no more, and
 * the rule that no credential leaves before a TLS session stands with a server that proved who it is.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { cleanText } from '../support/clean-text.ts';
import type { Clock, Timer } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { type Capabilities, parseCapabilities } from './capabilities.ts';
import { type DialFailure, loginPauseMs, pauseAfter } from './dial-failure.ts';
import { type ConnectionOwner, type ConnectionTrouble, NodemailerConnection } from './nodemailer-connection.ts';
import type { Stage } from './outcome.ts';
import { type Reply, replyText } from './reply.ts';
import { ReplyWatch, type Watched } from './reply-watch.ts';
import { SecretMask } from './secret-mask.ts';
import type { Login, ServerSettings } from './server-settings.ts';
import { authMechanisms, type SignedIn, signIn } from './sign-in.ts';
import { stages } from './stages.ts';
import { describeTls, distrust, isTlsError, type TlsFacts, tlsFacts } from './tls-facts.ts';
import type { DialogueTrace } from './trace.ts';
import { unfitReply } from './unfit-reply.ts';

export type { DialFailure } from './dial-failure.ts';

export interface Dialled {
	readonly kind: 'dialled';
	/** Secured and signed in as the settings ask; paused, without listeners, nothing unread. */
	readonly socket: Socket;
	/** As told over TLS, where there is TLS. */
	readonly capabilities: Capabilities;
	/** `TLSv1.3`, or '' on a plain connection. */
	readonly tlsVersion: string;
	/** Null on a plain connection. */
	readonly tls: TlsFacts | null;
}

export interface DialContext {
	readonly clock: Clock;
	/** Ends it at once. */
	readonly signal: AbortSignal;
	readonly trace: DialogueTrace | null;
}

/** Dials once. Never throws for what the network or the server does. */
export function dial(settings: ServerSettings, context: DialContext): Promise<Dialled | DialFailure> {
	return new Promise((resolve, reject) => new Dialling(settings, { ...context, resolve, reject }).start());
}

interface Ends {
	readonly resolve: (result: Dialled | DialFailure) => void;
	readonly reject: (bug: Error) => void;
}

class Dialling implements ConnectionOwner {
	readonly #settings: ServerSettings;
	readonly #context: DialContext & Ends;
	readonly #connection: NodemailerConnection;
	readonly #mask = new SecretMask();
	#stage: Stage = 'connect';
	#deadline: Timer | null = null;
	#isOver = false;
	#watch = new ReplyWatch('greeting');
	#tls: TlsFacts | null = null;
	#offersStartTls = false;
	#lastLine = '';
	#ehlo: Reply | null = null;

	constructor(settings: ServerSettings, context: DialContext & Ends) {
		this.#settings = settings;
		this.#context = context;
		this.#connection = new NodemailerConnection(settings, this);
	}

	start(): void {
		const { signal } = this.#context;
		if (signal.aborted) return this.#fail({ cause: 'dropped', message: 'stopped before connecting' });
		signal.addEventListener('abort', this.#abort, { once: true });
		this.#enter('connect');
		this.#connection.connect();
	}

	connected(socket: Socket): void {
		this.#context.trace?.note(`connected to ${socket.remoteAddress} port ${socket.remotePort}`);
		if (this.#settings.tls === 'implicit' && !this.#trusts(socket)) return;
		this.#enter('greeting');
		socket.prependListener('data', this.#read);
	}

	/** RFC 3207 §4.2: nothing that was heard before TLS is believed; the server is asked again. */
	upgraded(socket: Socket): void {
		if (!this.#trusts(socket)) return;
		this.#watch = new ReplyWatch('command');
		this.#ehlo = null;
		socket.prependListener('data', this.#read);
	}

	lineGoesOut(shown: string): void {
		this.#lastLine = shown;
		this.#enter(stageOfCommand(shown, this.#stage));
		this.#watch.asked();
		this.#context.trace?.client(`${shown}\r\n`);
	}

	ready(): void {
		const { auth, tls } = this.#settings;
		if (tls !== 'off' && this.#tls === null) {
			this.#stopForBug('about to speak over a connection that is not secure');
		} else if (auth === null) {
			this.#takeOver();
		} else {
			this.#signIn(auth);
		}
	}

	failed({ message, reason, code, reply }: ConnectionTrouble): void {
		if (reply !== null) return this.#rejected(reply);
		if (isTlsError(code, message)) {
			if (this.#settings.tls === 'starttls') this.#stage = 'starttls';
			return this.#fail({ cause: 'tls', message: `TLS failed: ${cleanText(reason)}`, code });
		}
		if (code === 'EPROTOCOL') return this.#fail({ cause: 'out_of_step', message: cleanText(message), code });
		const cause = this.#stage === 'connect' ? 'network' : 'closed';
		this.#fail({ cause, message: `${cleanText(message)} (${stages[this.#stage].doing})`, code });
	}

	ended(): void {
		this.#fail({ cause: 'closed', message: `the server closed the connection while ${stages[this.#stage].doing}` });
	}

	#enter(stage: Stage): void {
		// A server that asks for one more line of AUTH, for ever, gets no more time than one that says nothing.
		if (stage === this.#stage && this.#deadline !== null) return;
		this.#stage = stage;
		this.#deadline?.cancel();
		this.#deadline = this.#context.clock.after(stages[stage].deadlineMs, () => this.#timedOut());
	}

	/** False: this is somebody else, and the connection is closed. */
	#trusts(socket: Socket): boolean {
		if (!(socket instanceof TLSSocket)) return this.#stopForBug('the connection should be TLS, and is not');
		const tls = tlsFacts(socket);
		this.#tls = tls;
		this.#context.trace?.note(describeTls(tls));
		const code = distrust(socket, tls, this.#settings);
		if (code === '') return true;
		if (this.#settings.tls === 'starttls') this.#stage = 'starttls';
		this.#fail({ cause: 'tls', message: `the server's certificate is not trusted: ${cleanText(code)}`, code });
		return false;
	}

	/** Hears everything before nodemailer does. */
	#read = (chunk: Buffer): void => {
		for (const seen of this.#watch.read(chunk)) {
			if (this.#isOver) return;
			if (seen.kind === 'out_of_step') this.#outOfStep(seen);
			else this.#heard(seen);
		}
	};

	#heard({ kind, reply }: Extract<Watched, { readonly reply: Reply }>): void {
		this.#context.trace?.server(this.#mask.mask(wireText(reply)));
		if (kind === 'closing') return this.#fail({ cause: 'service_closing', message: replyText(reply), reply });
		const unfit = unfitReply(reply, { stage: this.#stage, command: this.#lastLine, settings: this.#settings });
		if (unfit !== null) return this.#fail({ ...unfit, reply });
		if (this.#stage !== 'ehlo' || reply.code !== 250) return;
		this.#ehlo = reply;
		this.#offersStartTls ||= reply.lines.some((line) => /^STARTTLS\b/i.test(line));
	}

	#outOfStep({ what, message }: Extract<Watched, { readonly kind: 'out_of_step' }>): void {
		if (what === 'unasked' && this.#stage === 'starttls') {
			const injected = 'bytes came in clear behind the answer to STARTTLS: somebody on the way may have put them there';
			return this.#fail({ cause: 'out_of_step', message: injected, code: 'STARTTLS_INJECTION' });
		}
		this.#fail({ cause: 'out_of_step', message, code: what === 'tls_record' ? 'TLS_ON_PLAIN_PORT' : '' });
	}

	#signIn(auth: Login): void {
		const address = this.#connection.socket?.remoteAddress ?? '';
		if (this.#settings.tls === 'off' && !isLoopbackAddress(address)) {
			// A name such as localhost may lead elsewhere.
			this.#stage = 'auth';
			const message = `the login would go in clear to ${cleanText(address)}, which is not this machine`;
			return this.#fail({ cause: 'in_clear', message });
		}
		// From here to the first AUTH it is our own turn: a token may have to be fetched.
		this.#deadline?.cancel();
		this.#deadline = null;
		const mechanisms = authMechanisms(this.#capabilities.lines);
		this.#connection.login((exchange) => {
			signIn(auth, { mechanisms, exchange, mask: this.#mask })
				.then(this.#signedIn, this.#gotNoToken)
				.catch(this.#context.reject);
		});
	}

	#signedIn = (result: SignedIn): void => {
		if (this.#isOver) return;
		if (result.kind === 'signed_in') return this.#takeOver();
		this.#stage = 'auth';
		if (result.kind === 'no_mechanism') return this.#fail({ cause: 'no_auth', message: cleanText(result.message) });
		const { reply } = result;
		if (result.kind === 'refused') return this.#rejected(reply);
		this.#fail({ cause: 'out_of_step', message: `${replyText(reply)} where the login is complete`, reply });
	};

	#gotNoToken = (error: unknown): void => {
		if (!(error instanceof RunError)) throw error;
		this.#stage = 'auth';
		const { message, hint, exitCode } = error;
		const pauseMs = exitCode === exitCodes.serverUnreachable ? loginPauseMs : null;
		this.#fail({ cause: 'no_token', message, hint, pauseMs });
	};

	#takeOver(): void {
		const socket = this.#connection.release();
		if (socket === null) {
			this.#stopForBug('this nodemailer is built differently inside: mailshot needs the pinned version');
			return;
		}
		const tls = this.#tls;
		this.#finish({ kind: 'dialled', socket, capabilities: this.#capabilities, tlsVersion: tls?.version ?? '', tls });
	}

	get #capabilities(): Capabilities {
		return parseCapabilities(this.#ehlo?.lines ?? []);
	}

	#abort = (): void => this.#fail({ cause: 'dropped', message: `stopped while ${stages[this.#stage].doing}` });

	#timedOut(): void {
		const { socket } = this.#connection;
		const isInHandshake = this.#stage === 'connect' && socket !== null && socket.remoteAddress !== undefined;
		if (isInHandshake) this.#stage = 'starttls';
		this.#fail({ cause: 'timeout', message: `the server did not answer in time (${stages[this.#stage].doing})` });
	}

	#rejected(reply: Reply): void {
		const message = replyText(reply);
		if (this.#stage === 'starttls' && !this.#offersStartTls) {
			return this.#fail({ cause: 'no_starttls', message: `the server does not offer STARTTLS: ${message}`, reply });
		}
		this.#fail({ cause: 'rejected', message, reply });
	}

	#stopForBug(message: string): false {
		this.#context.reject(new Error(message));
		this.#fail({ cause: 'dropped', message });
		return false;
	}

	#fail(failure: {
		readonly cause: DialFailure['cause'];
		readonly message: string;
		readonly hint?: string;
		readonly reply?: Reply;
		readonly code?: string;
		readonly pauseMs?: number | null;
	}): void {
		if (this.#isOver) return;
		const { cause, hint = '', code = '' } = failure;
		const reply = failure.reply === undefined ? null : this.#mask.maskReply(failure.reply);
		const message = this.#mask.mask(failure.message);
		const stage = this.#stage;
		const { pauseMs = pauseAfter({ stage, cause, reply, code }) } = failure;
		const outlook = { isTemporary: pauseMs !== null, waitAtLeastMs: pauseMs ?? 0 };
		this.#context.trace?.note(`gave up ${stages[stage].doing}: ${message}`);
		this.#connection.close();
		this.#finish({ kind: 'failed', stage, cause, message, hint, reply, code, tls: this.#tls, ...outlook });
	}

	#finish(result: Dialled | DialFailure): void {
		this.#isOver = true;
		this.#deadline?.cancel();
		this.#context.signal.removeEventListener('abort', this.#abort);
		this.#context.resolve(result);
	}
}

function stageOfCommand(command: string, current: Stage): Stage {
	if (/^(?:EHLO|HELO)\b/.test(command)) return 'ehlo';
	if (/^STARTTLS\b/.test(command)) return 'starttls';
	if (/^AUTH\b/.test(command)) return 'auth';
	return current;
}

/** As it came over the wire, but for what is not fit to print. */
function wireText({ code, lines }: Reply): string {
	return lines.map((line, index) => `${code}${index === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join('');
}

function isLoopbackAddress(address: string): boolean {
	return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
