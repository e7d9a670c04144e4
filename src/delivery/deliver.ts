/**
 * Gets messages there: keeps up to N connections, feeds each when it can take one more, and ends when everything has a result.
 *
 *     source --> ParcelQueue --mark--> Window of a connection --take()--> its session --settled()--> Verdicts --> onResult
 *                     ^                      |                                                        |
 *                     +----------------------+---------------- release, wait <------------------------+
 *
 * A connection pulls when it can write (reference/performance.md §4), and no more than its window: so many messages a connection are alive, and a slow
 * disk, source or server slows the others down by itself. Its marks run ahead inside the window, so that the disk works while the server answers.
 *
 * Here is who is woken, and when it ends. What is known about a server: server.ts. What an outcome means: verdicts.ts. Who may have the next message:
 * supply.ts.
 */
import type { Break, Outcome } from '../smtp/outcome.ts';
import type { Timer } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { Alarm } from './alarm.ts';
import { Connection, type Dispatcher } from './connection.ts';
import type { Opened } from './connector.ts';
import type { DeliverOptions, MessageSource, WaitsFor } from './deliver-options.ts';
import type { DeliveryResult } from './delivery-result.ts';
import { IdleConnections } from './idle-connections.ts';
import { DomainPace } from './pace/domain-pace.ts';
import { type Parcel, ParcelQueue } from './parcel-queue.ts';
import { Recorder } from './recorder.ts';
import { Server } from './server.ts';
import { Servers } from './servers.ts';
import { SleepWatch } from './sleep-watch.ts';
import { Supply } from './supply.ts';
import { Verdicts } from './verdicts.ts';

/**
 * Sends everything that `source` gives; resolves when each message has its result, or after a stop. Rejects with RunError when no connection can be made
 * (69, 77), when servers refuse because of us (4) or a quota is spent (5), with what the source threw, once all that was under way has its verdict, and
 * with what onResult threw, after every connection was dropped. A message that was taken and got no result was certainly not sent.
 */
export function deliver(source: MessageSource, options: DeliverOptions): Promise<void> {
	return new Promise((resolve, reject) => new Delivery(source, { options, resolve, reject }).start());
}

const sweepMs = 1_000;

class Delivery implements Dispatcher {
	readonly #source: MessageSource;
	readonly #options: DeliverOptions;
	readonly #servers: Servers;
	readonly #queue: ParcelQueue;
	readonly #supply: Supply;
	readonly #recorder: Recorder;
	readonly #verdicts: Verdicts;
	readonly #alarm: Alarm;
	readonly #sleepWatch: SleepWatch;
	readonly #connections = new Set<Connection>();
	readonly #idle = new IdleConnections();
	readonly #resolve: () => void;
	readonly #reject: (error: unknown) => void;
	#connectionCount = 0;
	/** There was a message to send. */
	#hasBegun = false;
	#hasConnected = false;
	#isWaitingForSource = false;
	#isStopping = false;
	#failure: { readonly error: unknown } | null = null;
	#sweep: Timer | null = null;
	#isOver = false;

	constructor(
		source: MessageSource,
		{ options, resolve, reject }: { options: DeliverOptions; resolve: () => void; reject: (error: unknown) => void },
	) {
		const { clock, marks, window, domainRates, random, trace, onNotice, maxWaitMs } = options;
		const { monotonicMs } = clock;
		this.#source = source;
		this.#options = options;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#alarm = new Alarm(clock, this.#keepGoing);
		this.#sleepWatch = new SleepWatch(clock);
		const domainPace = domainRates.size === 0 ? null : new DomainPace(domainRates);
		this.#queue = new ParcelQueue({ source, monotonicMs, domainPace, maxWaiting: options.maxWaiting });
		this.#supply = new Supply({
			queue: this.#queue,
			marks,
			windowSize: window,
			monotonicMs,
			connections: this.#connections,
			onUnfit: (parcel, connection, unfit) => {
				const attempt = this.#recorder.attempt(parcel, connection, monotonicMs());
				this.#recorder.report({ kind: 'failed', message: parcel.message, attempt, ...unfit });
			},
			onBroken: (error) => {
				// What is under way may still get its verdict.
				this.#failure ??= { error };
				this.#stop();
			},
		});
		const context = {
			clock,
			random,
			trace,
			onNotice,
			maxWaitMs,
			window,
			isOnlyOne: options.servers.length === 1,
			nextConnectionNumber: () => ++this.#connectionCount,
			onDialled: (server: Server, opened: Opened) => this.#connected(server, opened),
			onChange: () => this.#keepGoing(),
			onBug: (bug: unknown) => this.#fail(bug),
		};
		this.#servers = new Servers(
			options.servers.map((plan) => new Server(plan, context)),
			options,
		);
		this.#recorder = new Recorder({
			options,
			queue: this.#queue,
			report: (result) => this.#report(result),
			isStopping: () => this.#isStopping,
			onStop: (error) => this.#leave(error),
		});
		this.#verdicts = new Verdicts({ options, queue: this.#queue, supply: this.#supply, recorder: this.#recorder });
	}

	start(): void {
		const { stop, drop, halt, clock } = this.#options;
		stop.addEventListener('abort', this.#stop, { once: true });
		drop.addEventListener('abort', this.#drop, { once: true });
		halt.addEventListener('abort', this.#halt, { once: true });
		this.#sweep = clock.every(sweepMs, () => this.#lookAround());
		this.#options.onBegin(() => this.#waitsFor());
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
		this.#hasBegun = true;
		this.#keepGoing();
	};

	settled(
		connection: Connection,
		parcel: Parcel,
		verdict: { readonly outcome: Outcome; readonly startedAtMs: number },
	): void {
		this.#verdicts.judge(connection, parcel, verdict);
		// Everybody is busy: one connection more may be what keeps the pace.
		if (connection.server.mayGrow && this.#idle.size === 0) this.#keepGoing();
	}

	idle(connection: Connection): void {
		const nowMs = this.#options.clock.monotonicMs();
		this.#idle.add(connection, nowMs);
		try {
			if (this.#isStopping || this.#isDone() || this.#servers.areAllSpent(nowMs)) this.#keepGoing();
			else {
				if (this.#queue.isWaitingForSource) this.#waitForSource();
				this.#setAlarm(this.#supply.triedAtMs);
			}
		} catch (error) {
			this.#broke(error);
		}
	}

	closed(connection: Connection, why: Break | null): void {
		const { server } = connection;
		this.#connections.delete(connection);
		this.#idle.delete(connection);
		this.#supply.closed(connection);
		if (why?.cause === 'out_of_step') {
			const lesson = server.stepDown(connection.depthUsed);
			this.#options.onNotice(lesson === '' ? why.message : `${why.message}; ${lesson}`);
		}
		const isBarren = connection.answered === 0 && why !== null && why.cause !== 'dropped';
		server.closed(connection, isBarren ? why.message : '');
		this.#keepGoing();
	}

	#connected(server: Server, opened: Opened): void {
		const { clock, onConnected } = this.#options;
		const connection = new Connection(this, { server, opened, supply: this.#supply, clock });
		this.#connections.add(connection);
		server.connections.add(connection);
		if (!this.#hasConnected) onConnected(opened.dialled);
		this.#hasConnected = true;
		// Its server may have come to rest while it was dialled.
		if (clock.monotonicMs() < server.restsUntilMs) connection.finish();
		connection.session.wake();
		this.#keepGoing();
	}

	readonly #keepGoing = (): void => {
		if (this.#isOver || (!this.#hasBegun && !this.#isStopping)) return;
		if (this.#isStopping || this.#isDone()) return this.#windUp();
		try {
			this.#goOn();
		} catch (error) {
			this.#broke(error);
		}
	};

	/** Wakes who can work and opens what is missing. */
	#goOn(): void {
		const nowMs = this.#options.clock.monotonicMs();
		this.#servers.choose(nowMs);
		if (this.#servers.areAllOut) return this.#giveUp(this.#servers.lastError());
		if (this.#servers.areAllSpent(nowMs)) return this.#stopForQuota(this.#servers.lastError());
		const { maxWaitMs } = this.#options;
		if (this.#queue.asideUntilMs(nowMs, this.#verdicts.keptBack) - nowMs > maxWaitMs)
			return this.#stopForQuota(domainsSpent());
		for (const other of this.#connections) if (!this.#servers.mayUse(other.server)) other.finish();
		this.#idle.wake(this.#supply, this.#options.clock.monotonicMs);
		for (const candidate of this.#servers.toBeFilled(nowMs)) {
			if (candidate.pace.readyAtMs(nowMs) > nowMs || !this.#supply.hasMore) continue;
			candidate.fill(nowMs, { isSomebodyIdle: this.#idle.has(candidate) });
		}
		if (this.#queue.isWaitingForSource) this.#waitForSource();
		this.#setAlarm(nowMs);
	}

	/** What is under way reaches its verdict first. */
	#stopForQuota(error: RunError): void {
		this.#idle.finishAll();
		if (this.#connections.size === 0) this.#fail(error);
	}

	/** Everything that will ever come has its result; what was kept back gets it now, when nothing else could decide it any more. */
	#isDone(): boolean {
		if (this.#queue.isDrainedBut(this.#verdicts.keptBack)) this.#verdicts.flush();
		return this.#queue.isDrained;
	}

	#windUp(): void {
		this.#alarm.cancel();
		this.#servers.stop();
		this.#idle.finishAll();
		if (this.#servers.areQuiet) this.#end();
	}

	/**
	 * When something may go out, is due to be tried again, or a server may be asked again. Busy connections need no alarm: they pull, or are joined by one
	 * more. What was possible at `nowMs` was tried then; what has become possible since is tried at once.
	 */
	#setAlarm(nowMs: number): void {
		if (this.#isOver || this.#isStopping) return;
		let atMs = this.#servers.restEndsAtMs(nowMs);
		if (this.#idle.size > 0 || this.#connections.size === 0 || this.#servers.mayGrow(nowMs)) {
			if (this.#supply.hasMore) atMs = Math.min(atMs, this.#servers.readyAfterMs(nowMs, nowMs));
			atMs = Math.min(atMs, this.#servers.readyAfterMs(nowMs, this.#queue.nextAtMs(nowMs)));
		}
		// Without a connection nothing else keeps the process alive, whatever was overlooked.
		if (this.#servers.areQuiet) atMs = Math.min(atMs, nowMs + sweepMs);
		this.#alarm.set(atMs, nowMs);
	}

	#waitForSource(): void {
		if (this.#isWaitingForSource) return;
		this.#isWaitingForSource = true;
		this.#source.whenReadable(() => {
			this.#isWaitingForSource = false;
			this.#queue.sourceIsReadable();
			this.#keepGoing();
		});
	}

	/** About once a second. */
	#lookAround(): void {
		const nowMs = this.#options.clock.monotonicMs();
		for (const connection of [...this.#connections]) connection.session.checkDeadline(nowMs);
		const sleptMs = this.#sleepWatch.look();
		if (sleptMs > 0) this.#options.onNotice('this computer slept, or its clock was set: going on with new connections');
		if (sleptMs > 0) this.#idle.finishAll();
		else this.#idle.finishStale(nowMs);
		this.#keepGoing();
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

	#halt = (): void => this.#leave(null);

	/** No final dot goes out any more; verdicts that are due may still come. */
	#leave(error: RunError | null): void {
		if (this.#isOver) return;
		if (error !== null) this.#failure ??= { error };
		this.#startNothing();
		for (const connection of [...this.#connections]) connection.leave('the run was stopped');
		this.#keepGoing();
	}

	/** What was spent of a quota cannot be written down: what is under way still gets its verdict. Everything else is a bug. */
	#broke(error: unknown): void {
		if (error instanceof RunError) this.#leave(error);
		else this.#fail(error);
	}

	#waitsFor(): WaitsFor | null {
		const isWorking = this.#connections.size > this.#idle.size || !this.#hasBegun || this.#isStopping;
		if (isWorking || !this.#supply.hasMore) return null;
		try {
			return this.#servers.waitsFor(this.#options.clock.monotonicMs());
		} catch {
			// A ledger that cannot be written: the loop meets it itself, and stops.
			return null;
		}
	}

	/** No message and no connection is started any more; what is under way goes on. */
	#startNothing(): void {
		this.#isStopping = true;
		this.#servers.stop();
		this.#supply.stop();
	}

	/** No server can be used. When only messages are left with which connections broke, they are what cannot be sent, and not a reason to fail. */
	#giveUp(error: RunError): void {
		if (this.#connections.size > 0) return;
		const suspects = this.#queue.giveUpSuspects();
		for (const { lastFall } of suspects) if (lastFall !== null) this.#recorder.settleAfterwards(lastFall);
		if (suspects.length === 0 || error.exitCode === exitCodes.stoppedBySafetyLimit) this.#fail(error);
		else this.#keepGoing();
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
		this.#alarm.cancel();
		this.#sweep?.cancel();
		this.#options.stop.removeEventListener('abort', this.#stop);
		this.#options.drop.removeEventListener('abort', this.#drop);
		this.#options.halt.removeEventListener('abort', this.#halt);
		this.#verdicts.flush();
		this.#supply.close();
		this.#servers.close();
		if (this.#failure === null) this.#resolve();
		else this.#reject(this.#failure.error);
	}
}

function domainsSpent(): RunError {
	return new RunError(exitCodes.workLeft, 'only messages to domains whose --domain-rate is used up are left', {
		hint: 'The same command goes on with them later. --max-wait says how long a run may wait.',
	});
}
