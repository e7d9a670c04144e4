/** Measures how long a server takes to answer what costs it nothing (NOOP, RFC 5321 §4.1.1.9), and whether its PIPELINING holds; no mail is sent. */
import type { Socket } from 'node:net';
import type { Clock } from '../support/clock.ts';
import { ReplyParser } from './parse-replies.ts';
import type { DialogueTrace } from './trace.ts';

export interface RoundTrips {
	/** Of each NOOP that was answered, in milliseconds. */
	readonly milliseconds: readonly number[];
	/** Whether commands that came together were all answered; null when the server does not offer PIPELINING, or it was not tried. */
	readonly pipeliningHolds: boolean | null;
	/** Why it ended early, for people; '' when it did not. */
	readonly problem: string;
}

export interface RoundTripOptions {
	readonly clock: Clock;
	readonly pipelining: boolean;
	/** Ends it at once. */
	readonly signal: AbortSignal;
	readonly trace: DialogueTrace | null;
}

// Exim ends a session after ten commands that are no mail; these are eight.
const noops = 5;
// RFC 2920 §3.1: RSET may stand anywhere in a group, NOOP must be the last.
const group = 'RSET\r\nRSET\r\nNOOP\r\n';
const groupReplies = 3;

const replyDeadlineMs = 10_000;
const quitDeadlineMs = 2_000;

/** The socket is as dial() gives it; it is closed afterwards, with QUIT where the server still listens. */
export async function measureRoundTrips(socket: Socket, options: RoundTripOptions): Promise<RoundTrips> {
	const exchange = new Exchange(socket, options);
	const stop = () => exchange.stop();
	options.signal.addEventListener('abort', stop, { once: true });
	if (options.signal.aborted) stop();
	const milliseconds: number[] = [];
	let pipeliningHolds: boolean | null = null;
	for (let nth = 0; nth < noops && exchange.problem === ''; nth += 1) {
		const startedAtMs = options.clock.monotonicMs();
		if (await exchange.say('NOOP\r\n', { replies: 1, deadlineMs: replyDeadlineMs })) {
			milliseconds.push(options.clock.monotonicMs() - startedAtMs);
		}
	}
	if (options.pipelining && exchange.problem === '') {
		pipeliningHolds = await exchange.say(group, { replies: groupReplies, deadlineMs: replyDeadlineMs });
	}
	const { problem } = exchange;
	if (problem === '') await exchange.say('QUIT\r\n', { replies: 1, deadlineMs: quitDeadlineMs });
	options.signal.removeEventListener('abort', stop);
	exchange.close();
	return { milliseconds, pipeliningHolds, problem };
}

class Exchange {
	readonly #socket: Socket;
	readonly #clock: Clock;
	readonly #trace: DialogueTrace | null;
	readonly #parser = new ReplyParser();
	/** Replies that came unasked are as bad as replies that are missing. */
	#due = 0;
	#settle: (isComplete: boolean) => void = () => {};
	problem = '';

	constructor(socket: Socket, { clock, trace }: RoundTripOptions) {
		this.#socket = socket;
		this.#clock = clock;
		this.#trace = trace;
		socket.setNoDelay(true);
		socket.on('data', (chunk: Buffer) => this.#read(chunk));
		socket.on('error', (error: NodeJS.ErrnoException) =>
			this.#fail(`the connection broke (${error.code ?? 'unknown'})`),
		);
		socket.on('end', () => this.#fail('the server closed the connection'));
		socket.on('close', () => this.#fail('the server closed the connection'));
		socket.resume();
	}

	/** True when all its replies came in time. */
	say(
		commands: string,
		{ replies, deadlineMs }: { readonly replies: number; readonly deadlineMs: number },
	): Promise<boolean> {
		return new Promise((resolve) => {
			if (this.problem !== '') return resolve(false);
			const deadline = this.#clock.after(deadlineMs, () => {
				const missing = replies === 1 ? 'did not answer' : `left ${this.#due} of ${replies} commands unanswered`;
				this.#fail(`the server ${missing} within ${deadlineMs / 1_000} s`);
			});
			this.#due = replies;
			this.#settle = (isComplete) => {
				this.#settle = () => {};
				deadline.cancel();
				resolve(isComplete);
			};
			this.#trace?.client(commands);
			this.#socket.write(commands, 'latin1');
		});
	}

	stop(): void {
		this.#fail('stopped');
	}

	close(): void {
		this.#trace?.note('closed');
		this.#socket.removeAllListeners('data');
		this.#socket.destroy();
	}

	#read(chunk: Buffer): void {
		this.#trace?.server(chunk.toString('latin1'));
		this.#parser.push(chunk);
		for (let code = this.#parser.next(); code !== 0; code = this.#parser.next()) {
			if (code === -1) return this.#fail(this.#parser.problem);
			if (code === 421) return this.#fail('the server is closing the connection (421)');
			this.#due -= 1;
			if (this.#due < 0) return this.#fail('the server answered more than it was asked');
		}
		if (this.#due === 0) this.#settle(true);
	}

	#fail(problem: string): void {
		if (this.problem === '') this.problem = problem;
		this.#settle(false);
	}
}
