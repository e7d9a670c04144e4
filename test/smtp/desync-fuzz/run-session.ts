/** One session of the real transaction loop against a model server, in turns of the event loop: who speaks when, and in what pieces, is chance. */
import { parseCapabilities } from '../../../src/smtp/capabilities.ts';
import type { Submission } from '../../../src/smtp/command.ts';
import type { PipeliningDepth } from '../../../src/smtp/pipelining-depth.ts';
import type { Session, SessionOptions, SessionOwner } from '../../../src/smtp/session.ts';
import type { Clock } from '../../../src/support/clock.ts';
import type { SeededRandom } from '../../chaos/seeded-random.ts';
import { type FarEnd, MemorySocket } from './memory-socket.ts';
import type { Mishaps, WireItem, WireReply } from './mishaps.ts';
import { ModelServer, type ModelServerOptions } from './model-server.ts';
import { Transcript } from './transcript.ts';

/** The loop under test: the one of src/, or one that is broken on purpose. */
export type SessionClass = new (
	owner: SessionOwner<Submission>,
	options: SessionOptions,
) => Pick<Session<Submission>, 'wake' | 'finish' | 'retire' | 'leave' | 'drop' | 'checkDeadline'>;

export interface SessionPlan {
	readonly queue: readonly Submission[];
	/** At first, and after another connection learnt its lesson. */
	readonly depths: readonly [PipeliningDepth, PipeliningDepth];
	/** Odds at each question that another connection has learnt it. */
	readonly lessonOdds: number;
	readonly pipelining: boolean;
	/** Submissions taken and not settled, at most. */
	readonly window: number;
	readonly maxMessages: number;
	/** Turns until a mark is durable, at most. */
	readonly slowDisk: number;
	readonly pieces: 'whole' | 'cut' | 'bytes';
	/** How the run meddles, and after how many events. */
	readonly stop: { readonly how: 'finish' | 'retire' | 'leave' | 'drop'; readonly after: number } | null;
	/** Something unasked for is said at these turns. */
	readonly strayTurns: readonly number[];
	/** Minutes pass at these turns. */
	readonly clockJumps: readonly number[];
	/** What the client had written when it left still arrives. */
	readonly lastWordsArrive: boolean;
	readonly server: Omit<ModelServerOptions, 'reply' | 'hangUp' | 'losesNextVerdict'>;
}

export interface RanSession {
	readonly transcript: Transcript;
	/** What must never be, found on the way. */
	readonly problems: readonly string[];
	/** Why whole transactions were given up. */
	readonly chunkingFailures: readonly string[];
}

// A session that is not over after this is stuck.
const mostTurns = 3_000;
// So many turns in which nothing moves are silence, and minutes pass.
const silentTurns = 14;

export async function runSession(
	plan: SessionPlan,
	{ SessionUnderTest, random, mishaps }: { SessionUnderTest: SessionClass; random: SeededRandom; mishaps: Mishaps },
): Promise<RanSession> {
	const table = new Table(plan, { random, mishaps });
	table.begin(SessionUnderTest);
	for (let turn = 0; turn < mostTurns && !table.isOver; turn += 1) {
		table.turn(turn);
		// Stream events, callbacks and setImmediate of the session have their say.
		await new Promise(setImmediate);
	}
	table.clear();
	return { transcript: table.transcript, problems: table.problems, chunkingFailures: table.chunkingFailures };
}

/** Both ends, and everything that is on its way between them. */
class Table implements FarEnd, SessionOwner<Submission> {
	readonly transcript = new Transcript();
	readonly problems: string[] = [];
	readonly chunkingFailures: string[] = [];
	isOver = false;
	readonly #plan: SessionPlan;
	readonly #random: SeededRandom;
	readonly #mishaps: Mishaps;
	readonly #server: ModelServer;
	readonly #socket = new MemorySocket(this);
	#session: InstanceType<SessionClass> | null = null;
	#nowMs = 0;
	/** Client -> server. */
	#written = '';
	#releaseWrite: (() => void) | null = null;
	#clientHasLeft = false;
	#serverIsGone = false;
	/** Server -> client. */
	#items: WireItem[] = [];
	#bytes: Buffer = Buffer.alloc(0);
	/** Replies with the number of octets at their end. */
	#underWay: { readonly reply: WireReply; readonly end: number }[] = [];
	#said = 0;
	#seen = 0;
	#waitTurns = 0;
	#resetAtWrite = false;
	/** Submissions. */
	readonly #waiting: Submission[];
	readonly #open: Submission[] = [];
	readonly #mayGo = new Set<Submission>();
	readonly #durableIn = new Map<Submission, number>();
	#events = 0;
	#hasStopped = false;
	/** leave() or drop() was called. */
	#mayWriteNoEnd = false;
	#hasLesson = false;
	#silent = 0;

	constructor(plan: SessionPlan, { random, mishaps }: { random: SeededRandom; mishaps: Mishaps }) {
		this.#plan = plan;
		this.#random = random;
		this.#mishaps = mishaps;
		this.#waiting = [...plan.queue];
		this.#server = new ModelServer({
			...plan.server,
			losesNextVerdict: () => {
				const hidden = ['lost', 'close before', 'reset before', '421 before', '421 instead, goes on'];
				return hidden.includes(mishaps.next ?? '') && random.next() < 0.5;
			},
			hangUp: () => {
				this.#items.push({ kind: 'end', how: 'close' });
				this.#serverIsGone = true;
			},
			reply: (reply) => {
				for (const item of mishaps.befall(reply)) this.#items.push(item);
				if (reply.command === 'QUIT') this.#items.push({ kind: 'end', how: 'close' });
				this.#serverIsGone = this.#items.some((item) => item.kind === 'end');
				return !this.#serverIsGone;
			},
		});
	}

	begin(SessionUnderTest: SessionClass): void {
		const clock: Clock = {
			now: () => this.#nowMs,
			monotonicMs: () => this.#nowMs,
			after: () => ({ cancel: () => {} }),
			every: () => ({ cancel: () => {} }),
		};
		const { pipelining, server } = this.#plan;
		const announced = [
			...(pipelining ? ['PIPELINING'] : []),
			...(server.chunking === null ? [] : ['CHUNKING']),
			'SIZE',
		];
		const capabilities = parseCapabilities(['model.example', ...announced]);
		this.#socket.on('data', ({ length }: Buffer) => this.#clientReads(length));
		this.#session = new SessionUnderTest(this, {
			socket: this.#socket,
			capabilities,
			clock,
			maxMessages: this.#plan.maxMessages,
			trace: null,
		});
		this.#session.wake();
	}

	turn(turn: number): void {
		const before = this.#events;
		if (this.#plan.strayTurns.includes(turn) && !this.#serverIsGone) {
			this.#items.push({ kind: 'reply', reply: this.#mishaps.stray() });
		}
		if (this.#plan.clockJumps.includes(turn)) this.#minutesPass(this.#random.whole(1, 12));
		this.#makeDurable();
		this.#meddle('outside');
		if (this.#random.next() < 0.8) this.#serverHears();
		if (this.#random.next() < 0.8) this.#clientHears();
		this.#silent = this.#events === before ? this.#silent + 1 : 0;
		if (this.#silent > silentTurns) this.#breakSilence();
	}

	/** What is left on the way arrives or does not, and the books are closed. */
	clear(): void {
		if (!this.isOver) this.problems.push('the session never ended');
		this.#socket.destroy();
		if (this.#plan.lastWordsArrive && !this.#serverIsGone) this.#server.hear(this.#written);
		for (const { envelope } of this.#open) this.problems.push(`${envelope.to} was taken and never settled`);
	}

	// FarEnd: what the client does.

	hear(text: string, taken: () => void): void {
		this.#events += 1;
		const ended = this.transcript.wrote(text);
		if (ended.length > 0 && this.#mayWriteNoEnd)
			this.problems.push(`the end of ${ended.join()} was written after the run had left`);
		for (const recipient of ended) {
			const isAllowed =
				recipient === '' || this.#open.some((each) => each.envelope.to === recipient && this.#mayGo.has(each));
			if (!isAllowed) this.problems.push(`the end of ${recipient} went out without leave`);
		}
		this.#written += text;
		// The kernel takes big writes slowly.
		if (text.length < 20_000) taken();
		else this.#releaseWrite = taken;
	}

	left(): void {
		this.#clientHasLeft = true;
	}

	// SessionOwner.

	take(): Submission | null {
		if (this.isOver) this.problems.push('take() after the end');
		this.#meddle('middle');
		// Whoever stops a run gives nothing more.
		if (this.#hasStopped || this.#open.length >= this.#plan.window) return null;
		const submission = this.#waiting.shift();
		if (submission === undefined) return null;
		this.#open.push(submission);
		this.#durableIn.set(submission, this.#random.whole(0, this.#plan.slowDisk));
		return submission;
	}

	mayEnd(submission: Submission): boolean {
		this.#meddle('middle');
		const may = this.#durableIn.get(submission) === 0;
		if (may) this.#mayGo.add(submission);
		return may;
	}

	settled(submission: Submission, outcome: Parameters<SessionOwner<Submission>['settled']>[1]): void {
		this.#events += 1;
		const recipient = submission.envelope.to;
		if (this.#open[0] !== submission) this.problems.push(`${recipient} was settled out of turn, or twice`);
		this.#open.splice(this.#open.indexOf(submission), 1);
		this.transcript.events.push({ kind: 'settled', recipient, outcome });
		this.#meddle('outcome');
	}

	idle(): void {
		if (this.#waiting.length === 0 || this.#random.next() < 0.5) this.#session?.finish();
	}

	closed(): void {
		if (this.isOver) this.problems.push('closed() twice');
		this.isOver = true;
	}

	depth(): PipeliningDepth {
		if (this.#random.next() < this.#plan.lessonOdds) this.#hasLesson = true;
		return this.#plan.depths[this.#hasLesson ? 1 : 0];
	}

	chunkingFailed(why: string): void {
		this.chunkingFailures.push(why);
	}

	/** drop() and leave() may come in the middle of anything, retire() while an outcome is told, finish() from outside. */
	#meddle(where: 'outside' | 'outcome' | 'middle'): void {
		const { stop } = this.#plan;
		if (stop === null || this.#hasStopped || this.#events < stop.after || this.isOver) return;
		if (stop.how === 'finish' && where !== 'outside') return;
		if (stop.how === 'retire' && where === 'middle') return;
		this.#stop(stop.how);
	}

	#stop(how: NonNullable<SessionPlan['stop']>['how']): void {
		if (this.#hasStopped || this.isOver) return;
		this.#hasStopped = true;
		// What the socket had taken before still goes out.
		this.#mayWriteNoEnd = (how === 'leave' || how === 'drop') && this.#releaseWrite === null;
		if (how === 'leave' || how === 'drop') this.#session?.[how]('the run was stopped');
		else this.#session?.[how]();
	}

	#makeDurable(): void {
		for (const [submission, turns] of this.#durableIn) {
			if (turns === 0) continue;
			this.#events += 1;
			this.#durableIn.set(submission, turns - 1);
			if (turns === 1) this.#session?.wake();
		}
	}

	#serverHears(): void {
		// The next write may come at once, and wait in its turn.
		const release = this.#releaseWrite;
		this.#releaseWrite = null;
		release?.();
		if (this.#written === '' || this.#serverIsGone) return;
		this.#events += 1;
		const length = this.#random.next() < 0.7 ? this.#written.length : this.#random.whole(1, this.#written.length);
		const heard = this.#written.slice(0, length);
		this.#written = this.#written.slice(length);
		this.#server.hear(heard);
	}

	#clientHears(): void {
		if (this.#clientHasLeft) return;
		if (this.#waitTurns > 0) {
			this.#waitTurns -= 1;
			this.#events += 1;
			return;
		}
		while (this.#items[0]?.kind === 'reply') this.#putOnTheWay(this.#items[0].reply);
		if (this.#bytes.length > 0) return this.#deliver();
		const item = this.#items.shift();
		if (item === undefined) return;
		this.#events += 1;
		if (item.kind === 'wait') this.#waitTurns = item.turns;
		if (item.kind === 'stop') this.#stop(item.how);
		if (item.kind === 'end') this.#end(item.how);
	}

	#putOnTheWay(reply: WireReply): void {
		this.#items.shift();
		const bytes = Buffer.from(reply.bytes, 'latin1');
		this.#said += bytes.length;
		this.#underWay.push({ reply, end: this.#said });
		this.#bytes = Buffer.concat([this.#bytes, bytes]);
	}

	#deliver(): void {
		const { pieces } = this.#plan;
		const length = pieces === 'whole' ? this.#bytes.length : pieces === 'cut' ? this.#random.whole(1, 60) : 1;
		// Octet by octet, but not for ever.
		for (let times = pieces === 'bytes' ? 24 : 1; times > 0 && this.#bytes.length > 0; times -= 1) {
			this.#events += 1;
			const chunk = this.#bytes.subarray(0, length);
			this.#bytes = this.#bytes.subarray(chunk.length);
			this.#socket.say(chunk);
		}
	}

	/** So many octets, in one piece, are what the session is about to see. */
	#clientReads(octets: number): void {
		this.#seen += octets;
		while (this.#underWay[0] !== undefined && this.#underWay[0].end <= this.#seen) {
			this.transcript.events.push({ kind: 'read', reply: this.#underWay[0].reply });
			this.#underWay.shift();
		}
	}

	#end(how: 'close' | 'reset' | 'reset_at_write'): void {
		if (how === 'reset_at_write') {
			this.#resetAtWrite = true;
			return this.#socket.resetAtWrite();
		}
		this.transcript.events.push({ kind: 'ended' });
		if (how === 'close') this.#socket.hangUp();
		else this.#socket.resetNow();
	}

	/** Nothing moves: whoever waits waits for time to pass. */
	#breakSilence(): void {
		this.#silent = 0;
		if (this.#resetAtWrite) return this.#end('reset');
		this.#minutesPass(11);
	}

	#minutesPass(minutes: number): void {
		this.#nowMs += minutes * 60_000;
		this.#session?.checkDeadline(this.#nowMs);
	}
}
