/**
 * Gets messages there: keeps up to N connections, feeds each when it can take one more, tries messages again that a
 * connection let fall, and ends when everything has a result.
 *
 *     source --> ParcelQueue --mark--> Window of a connection --take()--> its session --settled()--> judge --> onResult
 *                     ^                      |                                                        |
 *                     +----------------------+------------------ release <----------------------------+
 *
 * A connection pulls when it can write (reference/performance.md §4), and no more than its window: so many messages a connection are alive, and a slow
 * disk, source or server slows the others down by itself. Its marks run ahead inside the window, so that the disk works while the server answers.
 */
import type { RenderedMessage } from '../message/rendered-message.ts';
import type { PipeliningDepth } from '../smtp/conversation.ts';
import type { Dialled } from '../smtp/dial.ts';
import type { Break, Outcome } from '../smtp/outcome.ts';
import type { Timer } from '../support/clock.ts';
import type { PullSource } from '../support/pull-source.ts';
import { Connection, type Dispatcher } from './connection.ts';
import { Connector } from './connector.ts';
import type { DeliverOptions } from './deliver-options.ts';
import type { Attempt, DeliveryResult } from './delivery-result.ts';
import { loginNeeded } from './dial-error.ts';
import { judge, mayBeToBlame, stageOf } from './judge.ts';
import { type Parcel, ParcelQueue } from './parcel-queue.ts';
import { Server } from './server.ts';
import { isSessionLimit } from './session-limit.ts';
import { Supply } from './supply.ts';

/**
 * Sends everything that `source` gives; resolves when each message has its result, or after a stop. Rejects with RunError when no connection can be made
 * (69, 77), with what the source threw, once all that was under way has its verdict, and with what onResult threw, after every connection was dropped.
 * A message that was taken and got no result was certainly not sent.
 */
export function deliver(source: PullSource<RenderedMessage>, options: DeliverOptions): Promise<void> {
	return new Promise((resolve, reject) => new Delivery(source, { options, resolve, reject }).start());
}

// A message with which three connections broke is recorded as deferred: it may be what breaks them.
const maxFalls = 3;
const deadlineSweepMs = 1_000;

class Delivery implements Dispatcher {
	readonly #source: PullSource<RenderedMessage>;
	readonly #options: DeliverOptions;
	readonly #server: Server;
	readonly #queue: ParcelQueue;
	readonly #supply: Supply;
	readonly #connector: Connector;
	readonly #connections = new Set<Connection>();
	readonly #idle = new Set<Connection>();
	readonly #resolve: () => void;
	readonly #reject: (error: unknown) => void;
	#connectionCount = 0;
	#isWaitingForSource = false;
	#isStopping = false;
	#failure: { readonly error: unknown } | null = null;
	#sweep: Timer | null = null;
	#isOver = false;

	constructor(
		source: PullSource<RenderedMessage>,
		{ options, resolve, reject }: { options: DeliverOptions; resolve: () => void; reject: (error: unknown) => void },
	) {
		this.#source = source;
		this.#options = options;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#server = new Server(options.server);
		this.#queue = new ParcelQueue(source, options.clock.monotonicMs);
		this.#supply = new Supply({
			queue: this.#queue,
			marks: options.marks,
			windowSize: options.window,
			connections: this.#connections,
			onUnfit: (parcel, connection, unfit) => {
				const attempt = this.#attempt(parcel, connection, options.clock.monotonicMs());
				this.#report({ kind: 'failed', message: parcel.message, attempt, ...unfit });
			},
			onBroken: (error) => {
				// What is under way may still get its verdict.
				this.#failure ??= { error };
				this.#stop();
			},
		});
		const { server, connections, clock, random, onNotice } = options;
		this.#connector = new Connector({
			server,
			connections,
			clock,
			random,
			onNotice,
			onDialled: (dialled) => this.#connected(dialled),
			onHopeless: (error) => this.#giveUp(error),
			onChange: () => this.#keepGoing(),
		});
	}

	start(): void {
		const { stop, drop, halt, clock } = this.#options;
		stop.addEventListener('abort', this.#stop, { once: true });
		drop.addEventListener('abort', this.#drop, { once: true });
		halt.addEventListener('abort', this.#halt, { once: true });
		this.#sweep = clock.every(deadlineSweepMs, () => {
			const now = clock.monotonicMs();
			for (const connection of [...this.#connections]) connection.session.checkDeadline(now);
		});
		if (stop.aborted || drop.aborted || halt.aborted) this.#stop();
		else this.#begin();
	}

	/** Nobody dials before there is a message: a list of which everything is settled needs no server, and may take a while to read. */
	readonly #begin = (): void => {
		if (this.#isOver || this.#isStopping) return;
		try {
			if (!this.#queue.look() && !this.#source.ended) return this.#source.whenReadable(this.#begin);
		} catch (error) {
			this.#failure = { error };
			this.#isStopping = true;
		}
		this.#keepGoing();
	};

	get depth(): PipeliningDepth {
		return this.#server.depth;
	}

	settled(
		connection: Connection,
		parcel: Parcel,
		{ outcome, startedAtMs }: { readonly outcome: Outcome; readonly startedAtMs: number },
	): void {
		const attempt = this.#attempt(parcel, connection, startedAtMs);
		if (connection.answered > 0 && isSessionLimit(outcome)) {
			connection.retire();
			return this.#supply.putBack(connection, parcel, { why: 'session_limit', isSuspect: false });
		}
		if (outcome.kind === 'rejected' && outcome.reply.code === 530) {
			this.#supply.putBack(connection, parcel, { why: 'login_needed', isSuspect: false });
			return this.#fail(loginNeeded(this.#options.server, outcome.reply));
		}
		if (mayBeToBlame(outcome)) parcel.falls += 1;
		const judgement = judge(parcel.message, outcome, { attempt, isLastTry: parcel.falls >= maxFalls });
		if (judgement.kind === 'again') {
			const givenUp = judge(parcel.message, outcome, { attempt, isLastTry: true });
			parcel.lastFall = givenUp.kind === 'result' ? givenUp.result : null;
			const why = outcome.kind === 'broken' ? outcome.why.cause : 'service_closing';
			const isSuspect = connection.answered === 0 || stageOf(outcome) !== 'mail';
			return this.#supply.putBack(connection, parcel, { why, isSuspect });
		}
		this.#queue.settle();
		this.#report(judgement.result);
		connection.window.settled(parcel);
		if (outcome.kind === 'broken') return;
		connection.answered += 1;
		if (connection.answered === 1) this.#connector.bearsFruit();
	}

	idle(connection: Connection): void {
		this.#idle.add(connection);
		if (this.#queue.isDrained || this.#isStopping) this.#finishIdle();
		else if (this.#queue.isWaiting) this.#waitForSource();
	}

	closed(connection: Connection, why: Break | null): void {
		this.#connections.delete(connection);
		this.#idle.delete(connection);
		this.#supply.closed(connection);
		if (why?.cause === 'out_of_step') {
			const lesson = this.#server.stepDown(connection.depthUsed);
			this.#options.onNotice(lesson === '' ? why.message : `${why.message}; ${lesson}`);
		}
		this.#connector.closed(connection.answered === 0 ? (why?.message ?? '') : '');
		this.#keepGoing();
	}

	#connected(dialled: Dialled): void {
		this.#connectionCount += 1;
		const { messagesPerConnection, clock } = this.#options;
		const number = this.#connectionCount;
		const facts = { dialled, number, messagesPerConnection, supply: this.#supply, clock };
		const connection = new Connection(this, facts);
		this.#connections.add(connection);
		if (number === 1) this.#options.onConnected(dialled);
		connection.session.wake();
		this.#keepGoing();
	}

	/** Wakes who can work, opens what is missing, or ends. */
	#keepGoing(): void {
		if (this.#isOver) return;
		if (this.#isStopping || this.#queue.isDrained) {
			this.#connector.stop();
			this.#finishIdle();
			if (this.#connector.isQuiet) this.#end();
			return;
		}
		for (const connection of [...this.#idle]) {
			this.#idle.delete(connection);
			connection.session.wake();
		}
		if (!this.#isStopping && this.#supply.hasMore) this.#connector.fill();
	}

	#finishIdle(): void {
		for (const connection of [...this.#idle]) {
			this.#idle.delete(connection);
			connection.session.finish();
		}
	}

	#waitForSource(): void {
		if (this.#isWaitingForSource) return;
		this.#isWaitingForSource = true;
		this.#source.whenReadable(() => {
			this.#isWaitingForSource = false;
			this.#keepGoing();
		});
	}

	#attempt(parcel: Parcel, connection: Connection, startedAtMs: number): Attempt {
		const { clock, server } = this.#options;
		return {
			number: parcel.falls + 1,
			at: clock.now(),
			serverAddress: server.host,
			serverPort: server.port,
			connection: connection.number,
			mark: parcel.mark.id,
			queueMs: startedAtMs - parcel.takenAtMs,
			smtpMs: clock.monotonicMs() - startedAtMs,
		};
	}

	#report(result: DeliveryResult): void {
		try {
			this.#options.onResult(result);
		} catch (error) {
			this.#fail(error);
		}
	}

	#stop = (): void => {
		this.#startNothing();
		this.#keepGoing();
	};

	#drop = (): void => {
		this.#startNothing();
		this.#dropConnections('the run was stopped');
	};

	#halt = (): void => {
		this.#startNothing();
		for (const connection of [...this.#connections]) connection.session.leave('the run was stopped');
		this.#keepGoing();
	};

	/** No message and no connection is started any more; what is under way goes on. */
	#startNothing(): void {
		this.#isStopping = true;
		this.#connector.stop();
		this.#supply.stop();
	}

	/** The server cannot be used. When only messages are left with which connections broke, they are what cannot be sent, and not a reason to fail. */
	#giveUp(error: unknown): void {
		const suspects = this.#queue.giveUpSuspects();
		for (const { lastFall } of suspects) if (lastFall !== null) this.#reportAfterwards(lastFall);
		if (suspects.length === 0) this.#fail(error);
		else this.#keepGoing();
	}

	/** Its own mark was released when it was put back, so that the result gets one that it can close. */
	#reportAfterwards(result: DeliveryResult): void {
		const { number, connection } = result.attempt;
		const mark = this.#options.marks.mark(result.message, { number, connection }).id;
		this.#report({ ...result, attempt: { ...result.attempt, mark } });
	}

	/** No connection, or no place to record results: nothing new starts, every connection is closed, open dots are reported unknown. */
	#fail(error: unknown): void {
		if (this.#isOver) return;
		this.#failure ??= { error };
		this.#startNothing();
		this.#dropConnections('the run failed');
	}

	#dropConnections(reason: string): void {
		for (const connection of [...this.#connections]) connection.session.drop(reason);
		this.#keepGoing();
	}

	#end(): void {
		this.#isOver = true;
		this.#sweep?.cancel();
		this.#options.stop.removeEventListener('abort', this.#stop);
		this.#options.drop.removeEventListener('abort', this.#drop);
		this.#options.halt.removeEventListener('abort', this.#halt);
		this.#supply.close();
		if (this.#failure === null) this.#resolve();
		else this.#reject(this.#failure.error);
	}
}
