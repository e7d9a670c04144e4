/**
 * What an outcome means, and for whom. Blame has a scope:
 *
 *     row         the recipient's own reason: a result, or another try later (retry/)
 *     connection  421, a broken connection, a session that is full: the row goes back, no attempt is counted
 *     server      "not so fast", the same passing refusal for everybody: slower, or a rest
 *     campaign    our account, our sender, our content: the server is not used any more, and nobody's row is settled for it (breaker/)
 */
import { type Classify, classify } from '../bounces/classify.ts';
import type { Refusal } from '../bounces/refusal.ts';
import type { Outcome, Stage } from '../smtp/outcome.ts';
import { type Reply, replyText } from '../smtp/reply.ts';
import { assertNever } from '../support/assert-never.ts';
import type { Clock } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { adviceFor } from './breaker/advice.ts';
import { Breaker, type BreakerVerdict } from './breaker/breaker.ts';
import type { Connection } from './connection.ts';
import type { DeliverOptions } from './deliver-options.ts';
import type { Attempt, DeliveryResult, Sequel } from './delivery-result.ts';
import { loginNeeded } from './dial-error.ts';
import { brokenResult, isFinal, mayBeToBlame, type Refused, refusedResult, stageOf } from './judge.ts';
import { maxFalls, type Parcel, type ParcelQueue } from './parcel-queue.ts';
import { left, type Recorder } from './recorder.ts';
import type { Server } from './server.ts';
import { isSessionLimit } from './session-limit.ts';
import type { Supply } from './supply.ts';
import { isThrottling, tooMuchOf } from './throttling.ts';

export interface VerdictsContext {
	readonly options: DeliverOptions;
	readonly queue: ParcelQueue;
	readonly supply: Supply;
	readonly recorder: Recorder;
}

/** A message that was refused, and what will be recorded when it turns out to have been its own fault. */
interface KeptBack {
	readonly parcel: Parcel;
	readonly result: DeliveryResult;
}

// "Not so fast", after pauses of about 2, 4 ... 256 s: it is about that message after all.
const maxBrakes = 8;
const firstBrakeMs = 2_000;

export class Verdicts {
	readonly #options: DeliverOptions;
	readonly #classify: Classify;
	readonly #clock: Clock;
	readonly #queue: ParcelQueue;
	readonly #supply: Supply;
	/** What one server has against us says nothing about another. */
	readonly #breakers = new Map<Server, Breaker<KeptBack>>();
	readonly #recorder: Recorder;
	#keptBack = 0;

	constructor(context: VerdictsContext) {
		const { options, queue, supply, recorder } = context;
		this.#recorder = recorder;
		this.#options = options;
		this.#classify = options.classify ?? classify;
		this.#clock = options.clock;
		this.#queue = queue;
		this.#supply = supply;
	}

	judge(
		connection: Connection,
		parcel: Parcel,
		verdict: { readonly outcome: Outcome; readonly startedAtMs: number },
	): void {
		const { outcome, startedAtMs } = verdict;
		const attempt = this.#recorder.attempt(parcel, connection, startedAtMs);
		switch (outcome.kind) {
			case 'accepted':
				this.#accepted(connection, parcel, { attempt, reply: outcome.reply });
				return;
			case 'rejected':
				this.#rejected(connection, parcel, { attempt, outcome });
				return;
			case 'broken':
				if (outcome.stage === 'verdict') {
					this.#recorder.settle(connection, parcel, brokenResult(parcel.message, outcome, { attempt, sequel: left }));
				} else {
					this.#fell(connection, parcel, { attempt, outcome });
				}
				return;
			default:
				assertNever(outcome);
		}
	}

	/** Messages that were refused and wait for what becomes of others. */
	get keptBack(): number {
		return this.#keptBack;
	}

	/** Nothing more comes: what was kept back is recorded as it was judged. */
	flush(): void {
		for (const breaker of this.#breakers.values()) this.#recordAfterwards(breaker.flush());
	}

	#accepted(connection: Connection, parcel: Parcel, { attempt, reply }: { attempt: Attempt; reply: Reply }): void {
		const { server } = connection;
		server.slowSigns.add(false);
		const cleared = this.#breakerOf(server).accepted();
		if (cleared.length > 0) this.#recordAfterwards(cleared);
		this.#recorder.settle(connection, parcel, { kind: 'accepted', message: parcel.message, attempt, reply });
		const notice = server.throttle.accepted(this.#clock.monotonicMs());
		server.pace.limitTo(server.throttle.perSecond);
		if (notice !== '') this.#options.onNotice(`${server.name}: ${notice}`);
		connection.answered += 1;
		if (connection.answered === 1) server.bearsFruit({ isAccepted: true });
	}

	#rejected(
		connection: Connection,
		parcel: Parcel,
		said: { readonly attempt: Attempt; readonly outcome: Extract<Outcome, { kind: 'rejected' }> },
	): void {
		const { outcome, attempt } = said;
		const { stage, reply } = outcome;
		const { server } = connection;
		if (connection.answered > 0 && isSessionLimit(outcome)) {
			this.#notice(server.learnSessionLimit(connection.answered));
			connection.finish();
			return this.#supply.putBack(connection, parcel, { why: 'session_limit', isSuspect: false });
		}
		if (reply.code === 530) {
			this.#supply.putBack(connection, parcel, { why: 'login_needed', isSuspect: false });
			return server.giveUp(loginNeeded(server.settings, reply));
		}
		const refusal = this.#classify({ reply, stage, via: 'relay', provider: server.plan.provider });
		// RFC 5321 §3.8: 421 speaks of the connection, whatever it answers.
		if (reply.code === 421 && refusal.action !== 'stop') {
			if (isThrottling(refusal, connection.answered)) this.#slowDown(server, reply);
			return this.#fell(connection, parcel, { attempt, outcome });
		}
		connection.answered += 1;
		if (refusal.action === 'slow' && this.#isAboutPace(parcel, server, stage))
			return this.#brake(connection, parcel, reply);
		this.#refused(connection, parcel, { attempt, refused: { stage, reply, refusal } });
	}

	/** At RCPT it may be a limit of that recipient, unless several in a row are told the same; else it is a limit of ours. */
	#isAboutPace(parcel: Parcel, server: Server, stage: Stage): boolean {
		if (stage === 'rcpt' && parcel.tries > 0) return false;
		server.slowSigns.add(true);
		if (parcel.brakes >= maxBrakes) return false;
		return stage !== 'rcpt' || server.slowSigns.areInARow;
	}

	/** "Not so fast": nobody's fault but our pace. The message waits a moment, and no attempt is counted. */
	#brake(connection: Connection, parcel: Parcel, reply: Reply): void {
		parcel.brakes += 1;
		const waitMs = firstBrakeMs * 2 ** (parcel.brakes - 1) * (0.5 + this.#options.random() / 2);
		const untilMs = this.#clock.monotonicMs() + waitMs;
		this.#supply.putOff(connection, parcel, { why: 'not_so_fast', untilMs });
		if (connection.server.slowSigns.areFrequent) this.#slowDown(connection.server, reply);
	}

	#refused(
		connection: Connection,
		parcel: Parcel,
		{ attempt, refused }: { readonly attempt: Attempt; readonly refused: Refused },
	): void {
		const { server } = connection;
		// Somebody else's refusal has ended the use of this server: this one says the same.
		if (server.isOut) return this.#supply.putBack(connection, parcel, { why: 'server_out', isSuspect: false });
		// Who was put off before is a selection of those that are put off: what they hear in a row says nothing about the others.
		if (parcel.tries > 0 && refused.reply.code < 500) {
			server.bearsFruit({ isAccepted: false });
			return this.#recordRefused(connection, parcel, { attempt, refused });
		}
		const kept = { parcel, result: refusedResult(parcel.message, refused, { attempt, sequel: left }) };
		const verdict = this.#breakerOf(server).refused(kept, { key: parcel.message.recipient.address, ...refused });
		switch (verdict.kind) {
			case 'record':
				this.#recordAfterwards(verdict.cleared);
				server.bearsFruit({ isAccepted: false });
				return this.#recordRefused(connection, parcel, { attempt, refused });
			case 'keep_back':
				this.#recordAfterwards(verdict.cleared);
				// Still under way for the queue: the run does not end before it is decided.
				this.#keptBack += 1;
				return connection.window.release(parcel, 'kept_back');
			case 'stop_server':
			case 'rest_server':
				return this.#blameServer(connection, parcel, { verdict, refusal: refused.refusal });
			default:
				assertNever(verdict);
		}
	}

	/** Nobody's row is settled for what is about us: all of them go back, for another server or for the next run. */
	#blameServer(
		connection: Connection,
		parcel: Parcel,
		{
			verdict,
			refusal,
		}: {
			readonly verdict: Extract<BreakerVerdict<KeptBack>, { kind: 'stop_server' | 'rest_server' }>;
			readonly refusal: Refusal;
		},
	): void {
		const { server } = connection;
		for (const { parcel: other } of verdict.heldBack) {
			if (other === parcel) continue;
			this.#keptBack -= 1;
			this.#queue.putBack(other, false);
		}
		this.#supply.putBack(connection, parcel, { why: 'about_us', isSuspect: false });
		const message = `${server.name} ${verdict.why}: ${verdict.said}`;
		const hint = `${adviceFor(refusal)}The rows that are left were not sent and nobody was marked as bounced for this; the same command goes on.`;
		const error = new RunError(exitCodes.stoppedBySafetyLimit, message, { hint });
		if (verdict.kind === 'stop_server') server.giveUp(error);
		else server.restAfterTrouble(error);
	}

	#recordRefused(
		connection: Connection,
		parcel: Parcel,
		{ attempt, refused }: { readonly attempt: Attempt; readonly refused: Refused },
	): void {
		const { refusal, reply } = refused;
		const sequel = isFinal(refusal) ? left : this.#recorder.sequel(parcel, { refusal, reply });
		parcel.attempts += 1;
		this.#recorder.record(connection, parcel, refusedResult(parcel.message, refused, { attempt, sequel }));
	}

	/** The connection broke, or closes, before the message was sent. */
	#fell(
		connection: Connection,
		parcel: Parcel,
		{ attempt, outcome }: { readonly attempt: Attempt; readonly outcome: Exclude<Outcome, { kind: 'accepted' }> },
	): void {
		if (mayBeToBlame(outcome)) {
			parcel.falls += 1;
			parcel.attempts += 1;
		}
		const make = (sequel: Sequel) => this.#fallenResult(connection, parcel, { attempt, outcome, sequel });
		if (parcel.falls >= maxFalls)
			return this.#recorder.record(connection, parcel, make(this.#recorder.sequel(parcel, null)));
		parcel.lastFall = make(left);
		const why = outcome.kind === 'broken' ? outcome.why.cause : 'service_closing';
		const isSuspect = connection.answered === 0 || stageOf(outcome) !== 'mail';
		this.#supply.putBack(connection, parcel, { why, isSuspect });
	}

	#fallenResult(
		{ server }: Connection,
		{ message }: Parcel,
		{
			attempt,
			outcome,
			sequel,
		}: { readonly attempt: Attempt; readonly outcome: Exclude<Outcome, { kind: 'accepted' }>; readonly sequel: Sequel },
	): DeliveryResult {
		if (outcome.kind === 'broken') return brokenResult(message, outcome, { attempt, sequel });
		const { stage, reply } = outcome;
		const said = this.#classify({ reply, stage, via: 'relay', provider: server.plan.provider });
		// 421 says nothing for good about anybody.
		const refusal = isFinal(said) ? { ...said, action: 'retry' as const } : said;
		return refusedResult(message, { stage, reply, refusal }, { attempt, sequel });
	}

	#recordAfterwards(cleared: readonly KeptBack[]): void {
		for (const { result } of cleared) {
			this.#keptBack -= 1;
			this.#queue.settle();
			this.#recorder.settleAfterwards(result);
		}
	}

	#breakerOf(server: Server): Breaker<KeptBack> {
		let breaker = this.#breakers.get(server);
		if (breaker === undefined) {
			breaker = new Breaker();
			this.#breakers.set(server, breaker);
		}
		return breaker;
	}

	#slowDown(server: Server, reply: Reply): void {
		const said = replyText(reply);
		const notice = server.throttle.slowDown(this.#clock.monotonicMs(), tooMuchOf(said));
		server.pace.limitTo(server.throttle.perSecond);
		server.shed();
		if (notice !== '') this.#notice(`${server.name} asks us to slow down: ${notice} (${said})`);
	}

	#notice(text: string): void {
		if (text !== '') this.#options.onNotice(text);
	}
}
