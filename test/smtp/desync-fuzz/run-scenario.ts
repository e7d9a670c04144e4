/** A scenario: a few messages, and sessions with the same server until nothing is left that may be sent again. */
import type { Submission } from '../../../src/smtp/command.ts';
import type { PipeliningDepth } from '../../../src/smtp/pipelining-depth.ts';
import { SeededRandom } from '../../chaos/seeded-random.ts';
import { mishaps as allMishaps, type Mishap, Mishaps } from './mishaps.ts';
import type { Chunking, Wording } from './model-server.ts';
import { type Excuse, excuseForLeak, judgeSession } from './referee.ts';
import { runSession, type SessionClass, type SessionPlan } from './run-session.ts';
import type { Transcript } from './transcript.ts';
import { Truth } from './truth.ts';

export interface ScenarioReport {
	readonly sessions: number;
	/** Sessions with whole transactions, at least at first, where the server announced what they need. */
	readonly flyingSessions: number;
	/** Messages that went out whole behind another one in flight. */
	readonly flown: number;
	/** Times that whole transactions were given up. */
	readonly fallen: number;
	readonly messages: number;
	readonly accepted: number;
	/** Messages of which the client says that it does not know, and those of them in the sessions that flew. */
	readonly unknown: number;
	readonly unknownFlying: number;
	readonly excuses: readonly Excuse[];
	readonly mishaps: number;
	/** What must never be; with the transcripts of the scenario. */
	readonly violations: readonly string[];
	/** All sessions, for people. */
	readonly story: string;
}

const mostSessions = 5;
const bigBody = `${'x'.repeat(70)}\r\n`.repeat(1_000);

/** How messages may be sent: with dots only, whole where the server offers it, or the one or the other by seed. */
export type Ways = 'dots' | 'whole' | 'both';

export interface ScenarioOptions {
	readonly SessionUnderTest: SessionClass;
	readonly ways: Ways;
}

/** The same for the same seed, whatever ran before. */
export async function runScenario(seed: number, { SessionUnderTest, ways }: ScenarioOptions): Promise<ScenarioReport> {
	const random = new SeededRandom(seed);
	const hasMishaps = random.next() < 0.95;
	const mayFlyIfBoth = random.next() < 0.5;
	const mayFly = ways === 'both' ? mayFlyIfBoth : ways === 'whole';
	const messages = Array.from({ length: random.whole(1, mayFly ? 10 : 6) }, (_, n) => makeSubmission(n, random));
	const truth = new Truth(new Map(messages.map(({ envelope, content }) => [envelope.to, content.toString('latin1')])));
	const counts = {
		sessions: 0,
		flyingSessions: 0,
		flown: 0,
		fallen: 0,
		accepted: 0,
		unknown: 0,
		unknownFlying: 0,
		mishaps: 0,
	};
	const violations: string[] = [];
	const excuses: Excuse[] = [];
	const excused = new Set<string>();
	const story: string[] = [];
	let waiting: readonly Submission[] = messages;
	while (waiting.length > 0 && counts.sessions < mostSessions) {
		const mishaps = new Mishaps(random, hasMishaps ? planMishaps(random, mayFly) : new Map());
		const plan = planSession(waiting, { random, truth, hasMishaps, mayFly });
		const leaksBefore = truth.contentsTakenForCommands;
		const { transcript, problems, chunkingFailures } = await runSession(plan, { SessionUnderTest, random, mishaps });
		const judgement = judgeSession(transcript, truth, mishaps.faults);
		const flies = plan.server.chunking !== null && plan.pipelining && plan.depths[0] === 'whole_transactions';
		counts.sessions += 1;
		counts.flyingSessions += flies ? 1 : 0;
		counts.flown += transcript.flown;
		counts.fallen += chunkingFailures.length;
		counts.accepted += judgement.accepted;
		counts.unknown += judgement.unknown;
		counts.unknownFlying += flies ? judgement.unknown : 0;
		counts.mishaps += mishaps.told.length;
		story.push(`session ${counts.sessions}: ${tell(plan)}\n  ${mishaps.told.join('\n  ')}\n${transcript.show()}`);
		if (truth.contentsTakenForCommands > leaksBefore) {
			const excuse = excuseForLeak(transcript);
			// Whatever the server made of those lines: after a trial that was answered falsely nothing of this scenario says anything.
			if (excuse !== null)
				return {
					...counts,
					messages: messages.length,
					excuses: [...excuses, excuse],
					violations,
					story: story.join('\n'),
				};
			violations.push('a content was sent to a server that took it for commands');
		}
		excuses.push(...judgement.excuses);
		for (const recipient of judgement.excused) excused.add(recipient);
		violations.push(...problems, ...judgement.violations);
		if (!hasMishaps && plan.stop === null && plan.clockJumps.length === 0) {
			violations.push(...unfounded(transcript.events, plan), ...unfoundedFall(plan, chunkingFailures));
		}
		const taken = new Set(transcript.events.flatMap((event) => (event.kind === 'settled' ? [event.recipient] : [])));
		waiting = waiting.filter(({ envelope: { to } }) => {
			if (excused.has(to)) return false;
			return !taken.has(to) || judgement.mayBeTriedAgain.has(to);
		});
	}
	for (const [recipient, copies] of truth.copies) {
		if (copies > 1 && !excused.has(recipient)) violations.push(`${recipient} has ${copies} copies`);
	}
	violations.push(...truth.complaints);
	return { ...counts, messages: messages.length, excuses, violations, story: story.join('\n') };
}

/** With a server that does nothing wrong and nobody who stops the run, nothing breaks, and nothing is unknown. */
function unfounded(events: Transcript['events'], { server }: SessionPlan): string[] {
	return events.flatMap((event) => {
		if (event.kind !== 'settled' || event.outcome.kind !== 'broken') return [];
		const { stage, why } = event.outcome;
		// A server that has enough of BDAT, or of RSET, says so truly; those messages go again.
		const isFounded = why.cause === 'chunking_refused' || (server.mostResets < 100 && stage !== 'verdict');
		return isFounded ? [] : [`${event.recipient} broke although nothing happened: ${why.message}`];
	});
}

/** Whole transactions are given up only where the server gave a reason: it does not know BDAT, says no to it, or speaks so that nothing tells its replies apart. */
function unfoundedFall({ server }: SessionPlan, chunkingFailures: readonly string[]): string[] {
	const hasReason =
		server.chunking?.isKnown !== true || server.chunking.tires > 0 || server.refusals > 0 || server.wording === 'terse';
	return hasReason ? [] : chunkingFailures.map((why) => `whole transactions were given up without need: ${why}`);
}

/** Lines that a server which takes a content for commands would obey, and one that ends a content whose dots were not doubled. */
const commandLines = [
	'RSET',
	'MAIL FROM:<news@acme.example>',
	'RCPT TO:<victim@x.example>',
	'BDAT 5 LAST',
	'DATA',
	'.',
	'QUIT',
	'',
].join('\r\n');

function makeSubmission(n: number, random: SeededRandom): Submission {
	const to = `r${n}@x.example`;
	const odds = random.next();
	// The first goes with a dot at any depth; of the second some fill what is put together in one turn.
	const body = odds < 0.01 ? bigBody : odds < 0.02 ? bigBody.slice(0, 36_000) : '';
	const text = `Subject: hi\r\n\r\nDear ${to}\r\n..\r\n${random.next() < 0.3 ? commandLines : ''}${body}`;
	const content = Buffer.from(text, 'latin1');
	return { envelope: { from: 'news@acme.example', to, smtpUtf8: false }, sizeBytes: content.length, content };
}

/** One mishap in half of the sessions, none or several in the others, near the beginning where the session still lives. */
function planMishaps(random: SeededRandom, mayFly: boolean): Map<number, Mishap> {
	const odds = random.next();
	if (odds < 0.2) return planAroundVerdict(random, mayFly);
	const count = odds < 0.25 ? 0 : odds < 0.65 ? 1 : odds < 0.87 ? 2 : random.whole(3, 6);
	const plan = new Map<number, Mishap>();
	const first = random.whole(0, mayFly ? 28 : 16);
	// Several of them stand close together more often than not: that is where they can make up for each other.
	for (let n = 0; n < count; n += 1) {
		plan.set(
			random.next() < 0.6 ? first + random.whole(0, 4) : random.whole(0, mayFly ? 40 : 24),
			random.pick(allMishaps),
		);
	}
	return plan;
}

const endings: readonly Mishap[] = [
	'close behind',
	'reset behind',
	'close before',
	'reset before',
	'421 before',
	'we stop before',
];

/** Something happens to a verdict, and the connection ends among the replies behind it: where a client has to believe what it cannot check any more. */
function planAroundVerdict(random: SeededRandom, mayFly: boolean): Map<number, Mishap> {
	// MAIL, RCPT, DATA, dot: each fourth reply is a verdict while nothing is refused. RSET, MAIL, RCPT, BDAT LAST too, behind BDAT once.
	const verdict = mayFly ? 4 + 4 * random.whole(0, 7) : 3 + 4 * random.whole(0, 4);
	return new Map([
		[verdict, random.next() < 0.5 ? 'lost' : random.pick(allMishaps)],
		[verdict + random.whole(1, 4), random.next() < 0.7 ? random.pick(endings) : random.pick(allMishaps)],
	]);
}

const depthPlans: readonly (readonly [PipeliningDepth, PipeliningDepth])[] = [
	['across_messages', 'across_messages'],
	['across_messages', 'across_messages'],
	['across_messages', 'within_message'],
	['within_message', 'within_message'],
	['within_message', 'none'],
	['none', 'none'],
];

const flyingDepthPlans: typeof depthPlans = [
	['whole_transactions', 'whole_transactions'],
	['whole_transactions', 'whole_transactions'],
	['whole_transactions', 'whole_transactions'],
	['whole_transactions', 'whole_transactions'],
	['whole_transactions', 'across_messages'],
	['whole_transactions', 'within_message'],
	['whole_transactions', 'none'],
];

const wordings: readonly Wording[] = [
	'words',
	'words',
	'words',
	'ids',
	'ids',
	'terse but verdict',
	'terse but verdict',
	'terse',
];

interface Circumstances {
	readonly random: SeededRandom;
	readonly truth: Truth;
	readonly hasMishaps: boolean;
	readonly mayFly: boolean;
}

function planSession(queue: readonly Submission[], { random, truth, hasMishaps, mayFly }: Circumstances): SessionPlan {
	const some = (odds: number, make: () => number) => (random.next() < odds ? [make()] : []);
	return {
		queue,
		depths: random.pick(mayFly ? flyingDepthPlans : depthPlans),
		// The trial alone asks five times.
		lessonOdds: mayFly ? 0.04 : 0.1,
		pipelining: random.next() < (mayFly ? 0.97 : 0.9),
		window: random.whole(1, mayFly ? 8 : 4),
		maxMessages: random.next() < 0.1 ? random.whole(1, 3) : 1_000,
		slowDisk: random.pick([0, 0, 0, 2, 12]),
		pieces: random.pick(['whole', 'whole', 'whole', 'cut', 'bytes']),
		stop:
			random.next() < 0.15
				? { how: random.pick(['finish', 'retire', 'leave', 'drop']), after: random.whole(1, mayFly ? 70 : 40) }
				: null,
		strayTurns: hasMishaps ? some(0.1, () => random.whole(0, 30)) : [],
		clockJumps: some(0.05, () => random.whole(0, 30)),
		lastWordsArrive: random.next() < 0.7,
		server: {
			truth,
			random,
			refusals: random.pick([0, 0.05, 0.3]),
			wording: random.pick(wordings),
			takesDataForNobody: random.next() < 0.2,
			mostResets: random.next() < 0.15 ? random.whole(0, 3) : Number.POSITIVE_INFINITY,
			// Now and then it offers none, and whole transactions are asked for all the same.
			chunking: mayFly && random.next() < 0.97 ? planChunking(random) : null,
		},
	};
}

function planChunking(random: SeededRandom): Chunking {
	return {
		isKnown: random.next() < 0.93,
		keepsRefused: random.next() < 0.5,
		tires: random.next() < 0.05 ? 0.2 : 0,
	};
}

function tell({ depths, pipelining, window, pieces, stop, server }: SessionPlan): string {
	const { chunking, wording } = server;
	const bdat = chunking === null ? '' : chunking.isKnown ? ', BDAT' : ', no BDAT although announced';
	const depth = pipelining ? depths.join(', then ') : 'no PIPELINING';
	const ends = stop === null ? '' : `, ${stop.how} after ${stop.after}`;
	return `${depth}, window ${window}, ${pieces}${ends}, ${wording}${bdat}`;
}
