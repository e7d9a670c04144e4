/** A scenario: a few messages, and sessions with the same server until nothing is left that may be sent again. */
import type { Submission } from '../../../src/smtp/command.ts';
import type { PipeliningDepth } from '../../../src/smtp/conversation.ts';
import { SeededRandom } from '../../chaos/seeded-random.ts';
import { mishaps as allMishaps, type Mishap, Mishaps } from './mishaps.ts';
import { Truth } from './model-server.ts';
import { type Excuse, judgeSession } from './referee.ts';
import { runSession, type SessionClass, type SessionPlan } from './run-session.ts';

export interface ScenarioReport {
	readonly sessions: number;
	readonly messages: number;
	readonly accepted: number;
	readonly excuses: readonly Excuse[];
	readonly mishaps: number;
	/** What must never be; with the transcripts of the scenario. */
	readonly violations: readonly string[];
	/** All sessions, for people. */
	readonly story: string;
}

const mostSessions = 5;
const bigBody = `${'x'.repeat(70)}\r\n`.repeat(1_000);

/** The same for the same seed, whatever ran before. */
export async function runScenario(seed: number, SessionUnderTest: SessionClass): Promise<ScenarioReport> {
	const random = new SeededRandom(seed);
	const truth = new Truth();
	const hasMishaps = random.next() < 0.95;
	const messages = Array.from({ length: random.whole(1, 6) }, (_, n) => makeSubmission(n, random.next() < 0.01));
	const violations: string[] = [];
	const excuses: Excuse[] = [];
	const excused = new Set<string>();
	const story: string[] = [];
	let waiting: readonly Submission[] = messages;
	let sessions = 0;
	let accepted = 0;
	let mishapCount = 0;
	while (waiting.length > 0 && sessions < mostSessions) {
		const mishaps = new Mishaps(random, hasMishaps ? planMishaps(random) : new Map());
		const plan = planSession(waiting, { random, truth, hasMishaps });
		const { transcript, problems } = await runSession(plan, { SessionUnderTest, random, mishaps });
		const judgement = judgeSession(transcript, truth);
		sessions += 1;
		accepted += judgement.accepted;
		mishapCount += mishaps.told.length;
		excuses.push(...judgement.excuses);
		for (const recipient of judgement.excused) excused.add(recipient);
		violations.push(...problems, ...judgement.violations);
		story.push(`session ${sessions}: ${tell(plan)}\n  ${mishaps.told.join('\n  ')}\n${transcript.show()}`);
		if (!hasMishaps && plan.stop === null && plan.clockJumps.length === 0) {
			violations.push(...unfounded(transcript.events));
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
	return {
		sessions,
		messages: messages.length,
		accepted,
		excuses,
		mishaps: mishapCount,
		violations,
		story: story.join('\n'),
	};
}

/** With a server that does nothing wrong and nobody who stops the run, nothing breaks. */
function unfounded(events: Awaited<ReturnType<typeof runSession>>['transcript']['events']): string[] {
	return events.flatMap((event) =>
		event.kind === 'settled' && event.outcome.kind === 'broken'
			? [`${event.recipient} broke although nothing happened: ${event.outcome.why.message}`]
			: [],
	);
}

function makeSubmission(n: number, isBig: boolean): Submission {
	const to = `r${n}@x.example`;
	const content = `Subject: hi\r\n\r\nDear ${to}\r\n..\r\n${isBig ? bigBody : ''}`;
	return { envelope: { from: 'news@acme.example', to, smtpUtf8: false }, sizeBytes: content.length, content };
}

/** One mishap in half of the sessions, none or several in the others, near the beginning where the session still lives. */
function planMishaps(random: SeededRandom): Map<number, Mishap> {
	const odds = random.next();
	if (odds < 0.2) return planAroundVerdict(random);
	const count = odds < 0.25 ? 0 : odds < 0.65 ? 1 : odds < 0.87 ? 2 : random.whole(3, 6);
	const plan = new Map<number, Mishap>();
	const first = random.whole(0, 16);
	// Several of them stand close together more often than not: that is where they can make up for each other.
	for (let n = 0; n < count; n += 1) {
		plan.set(random.next() < 0.6 ? first + random.whole(0, 4) : random.whole(0, 24), random.pick(allMishaps));
	}
	return plan;
}

const endings: readonly Mishap[] = ['close behind', 'reset behind', 'close before', 'reset before', '421 before'];

/** Something happens to a verdict, and the connection ends among the replies behind it: where a client has to believe what it cannot check any more. */
function planAroundVerdict(random: SeededRandom): Map<number, Mishap> {
	// MAIL, RCPT, DATA, dot: each fourth reply is a verdict while nothing is refused.
	const verdict = 3 + 4 * random.whole(0, 4);
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

function planSession(
	queue: readonly Submission[],
	{ random, truth, hasMishaps }: { random: SeededRandom; truth: Truth; hasMishaps: boolean },
): SessionPlan {
	const some = (odds: number, make: () => number) => (random.next() < odds ? [make()] : []);
	return {
		queue,
		depths: random.pick(depthPlans),
		pipelining: random.next() < 0.9,
		window: random.whole(1, 4),
		maxMessages: random.next() < 0.1 ? random.whole(1, 3) : 1_000,
		slowDisk: random.pick([0, 0, 0, 2, 12]),
		pieces: random.pick(['whole', 'whole', 'whole', 'cut', 'bytes']),
		stop:
			random.next() < 0.15
				? { how: random.pick(['finish', 'retire', 'leave', 'drop']), after: random.whole(1, 40) }
				: null,
		strayTurns: hasMishaps ? some(0.1, () => random.whole(0, 30)) : [],
		clockJumps: some(0.05, () => random.whole(0, 30)),
		lastWordsArrive: random.next() < 0.7,
		server: {
			truth,
			random,
			refusals: random.pick([0, 0.05, 0.3]),
			isTerse: random.next() < 0.3,
			takesDataForNobody: random.next() < 0.2,
		},
	};
}

function tell({ depths, pipelining, window, pieces, stop, server }: SessionPlan): string {
	const depth = pipelining ? depths.join(', then ') : 'no PIPELINING';
	const ends = stop === null ? '' : `, ${stop.how} after ${stop.after}`;
	return `${depth}, window ${window}, ${pieces}${ends}${server.isTerse ? ', terse' : ''}`;
}
