/** `mailshot bounces --log`: what came back is matched with what was sent, in batches, and written into its log; who is to be left alone is suppressed. */
import { type Match, takeBack } from '../feedback.ts';
import { SuppressionList } from '../recipients/suppression/suppression-list.ts';
import { CampaignLog } from '../results/campaign-log.ts';
import type { RunRecord } from '../results/journal/journal-record.ts';
import { makeRunId } from '../results/run-id.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { nodeFileSystem } from '../support/file-system.ts';
import type { Reading } from './bounces-reading.ts';
import { Suppressions } from './bounces-suppressions.ts';
import { TellingReader } from './bounces-told.ts';
import { formatCounted } from './format.ts';
import { holdLog } from './hold-log.ts';
import { assertLogExists, logPathOf } from './log-command.ts';
import { quietRunHeader } from './quiet-run-header.ts';
import type { Surroundings } from './surroundings.ts';

/** A reading, and for each of its recipients what was sent to him; null: nothing that the log knows of. */
export interface MatchedReading {
	readonly reading: Reading;
	readonly matches: readonly (Match | null)[];
	/** It has a token that we signed: it needs no log. */
	readonly isProven: boolean;
}

export interface LogCounts {
	matched: number;
	/** Recipients of whom a mail spoke that belongs to no message of the log. */
	strangers: number;
	/** Rows that the log did not have. */
	added: number;
	/** Addresses that the list did not have. */
	suppressed: number;
}

export interface BouncesLogOptions {
	readonly file: string;
	/** The first is written to; whom another one covers need not stand in it. None: nobody is suppressed. */
	readonly lists: readonly string[];
	/** Empty where there are none. Called when a token is to be checked, and not before. */
	readonly secrets: () => readonly Buffer[];
	readonly counts: LogCounts;
}

// One pass over the log answers for so many; more would be held in memory.
const mostAtOnce = 20_000;
const seedBytes = 16;

/** RunError 66 when there is no such log, or it is a rehearsal's, 73, 74, 75 as for a run, 65 for a list that cannot be read. */
export async function* matchWithLog(
	readings: AsyncIterable<Reading>,
	options: BouncesLogOptions,
	surroundings: Pick<Surroundings, 'stderr' | 'clock' | 'randomBytes'>,
): AsyncGenerator<MatchedReading> {
	const { clock, randomBytes, stderr } = surroundings;
	const { counts, lists } = options;
	const logPath = logPathOf(options.file);
	assertLogExists(logPath);
	// A list that cannot be read is told of before the log is touched.
	if (lists.length > 0) SuppressionList.read(lists, { seed: randomBytes(seedBytes), firstMayBeNew: true });
	const { signal } = new AbortController();
	const use = { purpose: 'send', allowsNetworkFiles: false } as const;
	const held = await holdLog(logPath, use, { clock, randomBytes, signal, onRecords: () => {} });
	try {
		const { opened, keys, locals, identity } = held;
		if (opened.kind === 'new') throw nothingSent(logPath, 'nothing was sent yet');
		const { lastRun, headers } = opened.reading;
		if (lastRun.rehearsal) throw nothingSent(logPath, 'that was a rehearsal, and nothing left this machine');
		const runId = makeRunId(clock, randomBytes);
		const header = quietRunHeader(lastRun, { runId, identity, clock });
		const log = await CampaignLog.begin({ logPath, opened, keys, locals, clock, run: header });
		const run = { runId, campaign: lastRun.campaign, tags: new Map(Object.entries(lastRun.tags)) };
		const reader = new TellingReader(options.secrets);
		const suppressions = new Suppressions({
			source: lastRun.campaign,
			campaignId: lastRun.campaign_id,
			now: clock.now(),
		});
		const signedRuns = signedOf(headers);
		for await (const batch of inBatches(readings, mostAtOnce)) {
			const told = batch.map((reading) => reader.told(reading));
			const matches = await takeBack(told.flat(), {
				log,
				run,
				now: clock.now(),
				signedRuns,
				files: nodeFileSystem,
				signal,
			});
			let at = 0;
			for (const [index, reading] of batch.entries()) {
				const own = matches.slice(at, at + (told[index]?.length ?? 0));
				at += own.length;
				const token = reader.unsubscribeToken(reading);
				const isProven = token !== null && token !== 'refused';
				count(own, isProven, counts);
				suppressions.add(reading, own, token);
				yield { reading, matches: own, isProven };
			}
		}
		await log.close();
		if (log.error !== null) throw log.error;
		for (const notice of log.notices) stderr.write(`${notice}\n`);
		if (reader.unsigned > 0 && signedRuns.size > 0) stderr.write(unsignedWarning(reader.unsigned));
		counts.suppressed = suppressions.write(lists, randomBytes);
	} finally {
		held.release();
	}
}

/** Nothing is known of what was sent. */
export async function* withoutLog(readings: AsyncIterable<Reading>): AsyncGenerator<MatchedReading> {
	for await (const reading of readings) yield { reading, matches: [], isProven: false };
}

async function* inBatches(readings: AsyncIterable<Reading>, size: number): AsyncGenerator<Reading[]> {
	let batch: Reading[] = [];
	for await (const reading of readings) {
		batch.push(detached(reading));
		if (batch.length < size) continue;
		yield batch;
		batch = [];
	}
	if (batch.length > 0) yield batch;
}

/** What was read is cut out of the mail, and V8 keeps the whole of a text for a part of it. */
function detached(reading: Reading): Reading {
	return reading.kind === 'mail' ? { ...reading, returned: structuredClone(reading.returned) } : reading;
}

function signedOf(headers: ReadonlyMap<number, RunRecord>): ReadonlySet<string> {
	return new Set([...headers.values()].filter(({ verp }) => verp !== '').map((run) => run.run_id));
}

function count(matches: readonly (Match | null)[], isProven: boolean, counts: LogCounts): void {
	for (const match of matches) {
		if (match !== null || isProven) counts.matched += 1;
		else counts.strangers += 1;
		if (match?.isNew === true) counts.added += 1;
	}
}

function nothingSent(logPath: string, why: string): RunError {
	return new RunError(exitCodes.missingInput, `${cleanText(logPath)}: ${why}: nothing can come back`);
}

function unsignedWarning(unsigned: number): string {
	const senders = formatCounted(unsigned, 'envelope sender looks', 'envelope senders look');
	return `warning: ${senders} like those of --verp and ${unsigned === 1 ? 'is' : 'are'} not signed with the secret of this machine: forged, or MAILSHOT_SECRET is another one (MAILSHOT_SECRET_OLD takes those before it)\n`;
}
