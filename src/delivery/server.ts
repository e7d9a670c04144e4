/**
 * One mail server of a run: what it may be asked for, what was learnt about it, and whether it can be used just now.
 *
 *     usable --nothing can be had--> resting --pause is over--> one connection tries --first answer--> usable
 *        |                              |
 *        +---- lasting trouble ---------+--- patience is over ---> out, for the rest of the run
 *
 * Limits, lessons and trouble belong to the server; whose fault a refusal is, verdicts.ts decides.
 */

import type { DialFailure } from '../smtp/dial-failure.ts';
import { type PipeliningDepth, stepBelow } from '../smtp/pipelining-depth.ts';
import { type ServerSettings, serverName, withTokensHeard } from '../smtp/server-settings.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import type { Connection } from './connection.ts';
import { Connector, type Opened } from './connector.ts';
import type { DeliverOptions, ServerPlan } from './deliver-options.ts';
import { dialError } from './dial-error.ts';
import { type DialTrouble, dialTrouble } from './dial-trouble.ts';
import { Pace } from './pace/pace.ts';
import { RepeatedSecrets } from './repeated-secrets.ts';
import { Throttle } from './throttle.ts';
import { SlowSigns } from './throttling.ts';

export interface ServerContext
	extends Pick<DeliverOptions, 'clock' | 'random' | 'trace' | 'onNotice' | 'maxWaitMs' | 'window'> {
	/** No other server could take over: one that never lets us in ends the run at once. */
	readonly isOnlyOne: boolean;
	readonly nextConnectionNumber: () => number;
	readonly onDialled: (server: Server, opened: Opened) => void;
	/** Something changed: it may be usable again, or is not any more. */
	readonly onChange: () => void;
	readonly onBug: (bug: unknown) => void;
}

// Pauses of 1, 2, 4 ... 300 s (reference/reliability.md §3 fault 1).
const firstPauseMs = 1_000;
const longestPauseMs = 300_000;
const troublePauseMs = 60_000;
// One under way and the next ready: more than that is only of use where several are in flight, and puts several at stake when a connection breaks.
const smallWindow = 2;
// A server that has never let us in gets about a minute to be less busy: somebody waits to see the first message go out.
const maxBusyStarts = 6;

const leftHint = 'The rows that are left were not sent; the same command goes on.';

const lessons: Readonly<Record<PipeliningDepth, string>> = {
	whole_transactions: '',
	across_messages: 'one message in flight per connection from now on (DATA in place of BDAT)',
	within_message: 'pipelining only within a message from now on',
	none: 'one command at a time from now on',
};

export class Server {
	readonly plan: ServerPlan;
	readonly pace: Pace;
	readonly throttle: Throttle;
	readonly connector: Connector;
	readonly secrets: RepeatedSecrets;
	readonly connections = new Set<Connection>();
	readonly slowSigns = new SlowSigns();
	readonly #context: ServerContext;
	#depth: PipeliningDepth;
	#messagesPerConnection: number;
	/** Times in a row that it was tried and nothing was answered; ten connections that fail together are one time. */
	#setbacks = 0;
	/** Pauses since the last answer. */
	#pausedMs = 0;
	/** Monotonic. */
	#restsUntilMs = Number.NEGATIVE_INFINITY;
	/** Monotonic: no further connection before then. */
	#dialsFromMs = Number.NEGATIVE_INFINITY;
	/** Nobody answered when it was tried last. */
	#isAway = false;
	#error: RunError | null = null;
	/** It rested because it refuses everybody. */
	#isTroubled = false;
	#isOut = false;

	constructor(plan: ServerPlan, context: ServerContext) {
		const { settings, connections, messagesPerConnection, rates, quotas } = plan;
		const { clock, trace, onNotice, onBug, nextConnectionNumber } = context;
		this.plan = plan;
		this.#context = context;
		this.#depth = context.window > smallWindow ? 'whole_transactions' : 'across_messages';
		this.#messagesPerConnection = messagesPerConnection;
		this.secrets = new RepeatedSecrets(settings.auth);
		this.pace = new Pace({ rates, quotas, now: clock.now });
		this.throttle = new Throttle({ connections, monotonicMs: clock.monotonicMs });
		this.connector = new Connector({
			// RFC 7628's forerunner XOAUTH2: so the token goes over the wire.
			settings: withTokensHeard(settings, (token, user) =>
				this.secrets.add(token, `user=${user}\x01auth=Bearer ${token}\x01\x01`),
			),
			connections,
			clock,
			nextNumber: nextConnectionNumber,
			trace,
			onDialled: (opened) => context.onDialled(this, opened),
			onFailed: (failure) => this.#dialFailed(failure),
			onBug,
			onNotice,
			onQuiet: context.onChange,
		});
	}

	get settings(): ServerSettings {
		return this.plan.settings;
	}

	get name(): string {
		return serverName(this.plan.settings);
	}

	get depth(): PipeliningDepth {
		return this.#depth;
	}

	/** The server's own limit where it is known, never more than was asked for. */
	get messagesPerConnection(): number {
		return this.#messagesPerConnection;
	}

	/** Why it is not used; null while it is. */
	get error(): RunError | null {
		return this.#error;
	}

	get isOut(): boolean {
		return this.#isOut;
	}

	/** Monotonic; in the past when it need not rest. */
	get restsUntilMs(): number {
		return this.#restsUntilMs;
	}

	/** It is tried with one connection, and has not answered yet. */
	get isOnTrial(): boolean {
		return this.#setbacks > 0;
	}

	/** It has never let us in, and nobody answered the last time. */
	get isUnreachable(): boolean {
		return this.#isAway && !this.connector.hasConnected;
	}

	/** It has been away for as long as people want to wait. It is tried all the same, while another one is used. */
	get isPastPatience(): boolean {
		return this.#pausedMs > 0 && this.#pausedMs >= this.#context.maxWaitMs;
	}

	/**
	 * Opens what is missing. The first connection alone, to learn whether the server lets us in, and after trouble, too; then the others at once, or one
	 * by one when it is the pace and not the server that holds the run up.
	 */
	fill(nowMs: number, { isSomebodyIdle }: { readonly isSomebodyIdle: boolean }): void {
		if (this.#isOut || nowMs < this.#restsUntilMs || nowMs < this.#dialsFromMs) return;
		const cap = this.throttle.connections;
		if (!this.connector.hasConnected || this.isOnTrial) return this.connector.fill(Math.min(1, cap));
		if (!this.pace.isLimited) return this.connector.fill(cap);
		if (!isSomebodyIdle) this.connector.fill(Math.min(cap, this.connector.open + 1));
	}

	/** One connection more would be opened for a message that may go out and finds nobody idle. */
	get mayGrow(): boolean {
		const { connector, throttle } = this;
		return this.pace.isLimited && connector.hasConnected && !this.isOnTrial && !connector.isFull(throttle.connections);
	}

	/** The first answer about a message on a new connection: the server is alive. After a rest because of what it says, only an acceptance is one. */
	bearsFruit({ isAccepted }: { readonly isAccepted: boolean }): void {
		// A verdict that was due when it was given up changes nothing.
		if (this.#isOut || (this.#isTroubled && !isAccepted)) return;
		const wasOnTrial = this.isOnTrial;
		this.#isTroubled = false;
		this.#setbacks = 0;
		this.#pausedMs = 0;
		this.#isAway = false;
		this.#restsUntilMs = Number.NEGATIVE_INFINITY;
		this.#error = null;
		if (wasOnTrial) this.#context.onChange();
	}

	/** A connection is gone. `said` tells how it ended when that was before anything was answered on it, otherwise ''. */
	closed(connection: Connection, said: string): void {
		this.connections.delete(connection);
		this.connector.closed();
		if (said === '' || this.#isOut) return;
		const message = `${this.name} let us in and then broke the connection: ${said}`;
		this.#setBack(new RunError(exitCodes.serverUnreachable, message, { hint: leftHint }), { leastPauseMs: 0 });
	}

	/** More connections stand than it may be asked for: the youngest say goodbye. */
	shed(): void {
		let surplus = this.connections.size - this.throttle.connections;
		for (const connection of [...this.connections].reverse()) {
			if (surplus <= 0) return;
			if (connection.isLeaving) continue;
			surplus -= 1;
			connection.finish();
		}
	}

	/** It takes so many messages a session and no more (reference/reliability.md §3 fault 30). Gives a line for people, or ''. */
	learnSessionLimit(answered: number): string {
		if (answered < 1 || answered >= this.#messagesPerConnection) return '';
		this.#messagesPerConnection = answered;
		return `${this.name} takes ${answered} ${answered === 1 ? 'message' : 'messages'} a connection: a new one is opened after that`;
	}

	/** The same refusal for everybody, or a busy server: a pause that doubles, then one connection tries. */
	restAfterTrouble(error: RunError): void {
		this.#isTroubled = true;
		this.#setBack(error, { leastPauseMs: troublePauseMs, isForAll: true });
		this.#finishConnections();
		this.#context.onChange();
	}

	/** It is not used any more in this run. */
	giveUp(error: RunError): void {
		if (this.#isOut) return;
		this.#isOut = true;
		this.#error = error;
		this.connector.stop();
		for (const connection of [...this.connections]) connection.leave('the server is not used any more');
		this.#context.onChange();
	}

	/**
	 * A reply came out of step at the depth `used`: from now on ask one thing less at a time. Connections that fail together at one depth teach one lesson.
	 * Gives what changed, for people, or '' when nothing did.
	 */
	stepDown(used: PipeliningDepth): string {
		const lower = stepBelow(used, this.#depth);
		if (lower === this.#depth) return '';
		this.#depth = lower;
		return lessons[lower];
	}

	/** It cannot have several messages in flight on one connection. */
	chunkingFailed(why: string): void {
		const lesson = this.stepDown('whole_transactions');
		if (lesson !== '') this.#context.onNotice(`${this.name}: ${why}; ${lesson}`);
	}

	#finishConnections(): void {
		for (const connection of [...this.connections]) connection.finish();
	}

	#dialFailed(failure: DialFailure): void {
		const error = dialError(this.settings, failure);
		const trouble = dialTrouble(failure, this.connector);
		if (this.#isHopeless(trouble)) return this.giveUp(error);
		this.#isAway = trouble === 'away';
		this.#setBack(new RunError(error.exitCode, error.message, { hint: leftHint }), {
			leastPauseMs: failure.waitAtLeastMs,
		});
		this.#context.onChange();
	}

	/** A server that never let us in will do the same at the next try; where another can take over, it is tried again later. */
	#isHopeless(trouble: DialTrouble): boolean {
		if (trouble === 'lasting') return true;
		if (this.connector.hasConnected || !this.#context.isOnlyOne) return false;
		return trouble === 'away' || this.#setbacks >= maxBusyStarts;
	}

	/** A connection could not be had, or was good for nothing; `isForAll`: those that stand are good for nothing, too. */
	#setBack(error: RunError, { leastPauseMs, isForAll = false }: { leastPauseMs: number; isForAll?: boolean }): void {
		const { clock, random, onNotice, maxWaitMs, isOnlyOne } = this.#context;
		const open = this.connector.open;
		if (open > 0 && !isForAll) {
			// Use those that opened.
			this.#dialsFromMs = clock.monotonicMs() + leastPauseMs;
			const notice = this.throttle.opened(open);
			if (notice !== '') onNotice(`${notice}: ${error.message}`);
			return;
		}
		// Connections that were opened together fail together: the round was counted, and its pause runs.
		const nowMs = clock.monotonicMs();
		if (nowMs < this.#restsUntilMs) return;
		this.#setbacks += 1;
		this.#error = error;
		const doubledMs = Math.min(
			Math.max(firstPauseMs, leastPauseMs) * 2 ** Math.min(this.#setbacks - 1, 20),
			longestPauseMs,
		);
		// Jitter, so that several senders do not knock in step.
		const pauseMs = Math.max(doubledMs * (0.5 + random() / 2), leastPauseMs);
		if (isOnlyOne && this.#pausedMs + pauseMs > maxWaitMs) return this.giveUp(error);
		this.#pausedMs += pauseMs;
		this.#restsUntilMs = nowMs + pauseMs;
		onNotice(`${error.message}; trying again in ${Math.ceil(pauseMs / 1_000)} s`);
	}
}
