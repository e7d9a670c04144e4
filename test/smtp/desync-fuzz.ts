/**
 * Desync fuzz: the real transaction loop (session, conversation, reply parser) on a socket without a network, against a server whose replies are lost,
 * doubled, invented, merged, split, exchanged, late, changed or cut off, by seed. `node --import tsx test/smtp/desync-fuzz/main.ts` runs it for as long
 * as asked, or one seed with its whole story.
 */
import type { Excuse } from './desync-fuzz/referee.ts';
import { runScenario, type ScenarioOptions, type ScenarioReport, type Ways } from './desync-fuzz/run-scenario.ts';
import type { SessionClass } from './desync-fuzz/run-session.ts';

export interface FuzzOptions {
	/** So many sessions at least, unless something is found before. */
	readonly sessions: number;
	/** Of the first scenario; the others count up from it. */
	readonly seed: number;
	readonly SessionUnderTest: SessionClass;
	readonly ways: Ways;
}

export interface FuzzReport {
	readonly sessions: number;
	readonly scenarios: number;
	/** Sessions with whole transactions (RFC 3030), messages that went out behind another one in flight, and times that it was given up. */
	readonly flyingSessions: number;
	readonly flown: number;
	readonly fallen: number;
	readonly messages: number;
	readonly accepted: number;
	/** Messages of which the client says that it does not know, and those of them in flying sessions. */
	readonly unknown: number;
	readonly unknownFlying: number;
	readonly mishaps: number;
	/** What no client can see, and was not held against it. */
	readonly excuses: Readonly<Partial<Record<Excuse, number>>>;
	/** The first scenario in which the promise was broken; null when there was none. */
	readonly found: { readonly seed: number; readonly violations: readonly string[]; readonly story: string } | null;
}

const countNames = [
	'sessions',
	'flyingSessions',
	'flown',
	'fallen',
	'messages',
	'accepted',
	'unknown',
	'unknownFlying',
	'mishaps',
] as const;

const nothing: Readonly<Record<(typeof countNames)[number], number>> = {
	sessions: 0,
	flyingSessions: 0,
	flown: 0,
	fallen: 0,
	messages: 0,
	accepted: 0,
	unknown: 0,
	unknownFlying: 0,
	mishaps: 0,
};

/** Runs scenarios until there were enough sessions, or until the promise was broken once. */
export async function fuzz({ sessions, seed, SessionUnderTest, ways }: FuzzOptions): Promise<FuzzReport> {
	const counts = { scenarios: 0, ...nothing };
	const excuses: Partial<Record<Excuse, number>> = {};
	for (let at = seed; counts.sessions < sessions; at += 1) {
		const report = await runSeed(at, { SessionUnderTest, ways });
		counts.scenarios += 1;
		for (const name of countNames) counts[name] += report[name];
		for (const excuse of report.excuses) excuses[excuse] = (excuses[excuse] ?? 0) + 1;
		const { violations, story } = report;
		if (violations.length > 0) return { ...counts, excuses, found: { seed: at, violations, story } };
	}
	return { ...counts, excuses, found: null };
}

async function runSeed(seed: number, options: ScenarioOptions): Promise<ScenarioReport> {
	// What is thrown in a callback of the event loop ends the process: its seed is not to be lost.
	const lastWords = () => console.error(`desync fuzz: uncaught in seed ${seed}`);
	process.on('uncaughtExceptionMonitor', lastWords);
	try {
		return await runScenario(seed, options);
	} catch (error) {
		const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
		return { ...nothing, sessions: 1, excuses: [], violations: [`thrown: ${said}`], story: '' };
	} finally {
		process.off('uncaughtExceptionMonitor', lastWords);
	}
}
