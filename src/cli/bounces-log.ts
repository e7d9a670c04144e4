/** `mailshot bounces --log`: what came back is matched with what was sent, in batches, and written into its log; who is to be left alone is suppressed. */
import { createHash } from 'node:crypto';
import { type Match, type Told, takeBack } from '../feedback.ts';
import { parseAddress } from '../recipients/parse-address.ts';
import { recipientKey } from '../recipients/recipient-key.ts';
import type { Address } from '../recipients/row.ts';
import { appendSuppressions } from '../recipients/suppression/append-suppressions.ts';
import {
	type SuppressionEntry,
	type SuppressionReason,
	suppressionDate,
} from '../recipients/suppression/suppression-entry.ts';
import { SuppressionList } from '../recipients/suppression/suppression-list.ts';
import { findUnsubscribeToken, readUnsubscribeToken } from '../recipients/tokens/unsubscribe-token.ts';
import { readVerp } from '../recipients/tokens/verp.ts';
import { CampaignLog } from '../results/campaign-log.ts';
import { makeRunId } from '../results/run-id.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { nodeFileSystem } from '../support/file-system.ts';
import type { Reading } from './bounces-reading.ts';
import { holdLog } from './hold-log.ts';
import { assertLogExists, logPathOf } from './log-command.ts';
import { quietRunHeader } from './quiet-run-header.ts';
import type { Surroundings } from './surroundings.ts';

/** A reading, and for each of its recipients what was sent to him; null: nothing that the log knows of. */
export interface MatchedReading {
	readonly reading: Reading;
	readonly matches: readonly (Match | null)[];
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
	/** Empty where there are none. Called only for a log whose envelope senders were signed, or for a mail with a token. */
	readonly secrets: () => readonly Buffer[];
	readonly counts: LogCounts;
}

// One pass over the log answers for so many; more would be held in memory.
const mostAtOnce = 20_000;
const seedBytes = 16;

/** RunError 66 when there is no such log, 73, 74, 75 as for a run, 65 for a list that cannot be read. */
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
		if (opened.kind === 'new')
			throw new RunError(
				exitCodes.missingInput,
				`nothing was sent yet in ${cleanText(logPath)}: nothing can come back`,
			);
		const { lastRun } = opened.reading;
		const runId = makeRunId(clock, randomBytes);
		const header = quietRunHeader(lastRun, { runId, identity, clock });
		const log = await CampaignLog.begin({ logPath, opened, keys, locals, clock, run: header });
		const run = { runId, campaign: lastRun.campaign, tags: new Map(Object.entries(lastRun.tags)) };
		const isSigned = lastRun.verp !== '';
		const context = { isSigned, secrets: options.secrets };
		const suppressions: Suppression[] = [];
		for await (const batch of inBatches(readings, mostAtOnce)) {
			const told = batch.map((reading) => toldBy(reading, context));
			const matches = await takeBack(told.flat(), {
				log,
				run,
				now: clock.now(),
				isSigned,
				files: nodeFileSystem,
				signal,
			});
			let at = 0;
			for (const [index, reading] of batch.entries()) {
				const own = matches.slice(at, at + (told[index]?.length ?? 0));
				at += own.length;
				count(own, counts);
				suppressions.push(...suppressionsBy(reading, own, { ...context, source: lastRun.campaign, now: clock.now() }));
				yield { reading, matches: own };
			}
		}
		await log.close();
		if (log.error !== null) throw log.error;
		for (const notice of log.notices) stderr.write(`${notice}\n`);
		const [list] = lists;
		if (list !== undefined) counts.suppressed = suppress(list, suppressions, { lists, randomBytes }).length;
	} finally {
		held.release();
	}
}

/** Nothing is known of what was sent. */
export async function* withoutLog(readings: AsyncIterable<Reading>): AsyncGenerator<MatchedReading> {
	for await (const reading of readings) yield { reading, matches: [] };
}

async function* inBatches(readings: AsyncIterable<Reading>, size: number): AsyncGenerator<Reading[]> {
	let batch: Reading[] = [];
	for await (const reading of readings) {
		batch.push(reading);
		if (batch.length < size) continue;
		yield batch;
		batch = [];
	}
	if (batch.length > 0) yield batch;
}

interface SignedContext {
	readonly isSigned: boolean;
	readonly secrets: BouncesLogOptions['secrets'];
}

function toldBy(reading: Reading, { isSigned, secrets }: SignedContext): Told[] {
	switch (reading.kind) {
		case 'problem':
			return [];
		case 'event': {
			const { report, messageId, remoteId, date } = reading.event;
			const noticeId = noticeIdOf('event', [report.kind, report.recipient, messageId, remoteId, date]);
			const source = report.kind === 'complaint' ? 'arf' : 'dsn';
			return [{ report, source, noticeId, messageId, remoteId, envelopeId: '', verpPrefix: null, at: timeOf(date) }];
		}
		case 'mail': {
			const { reports, original, envelopeId, arrivedFor, date } = reading.returned;
			const { messageId } = original;
			// The same mail may come out of an mbox today and out of a Maildir tomorrow, with other headers around it.
			const noticeId = noticeIdOf('mail', [
				date,
				messageId,
				...reports.flatMap((one) => [one.kind, one.recipient, one.reply]),
			]);
			let verpPrefix: string | null = null;
			for (const address of isSigned ? arrivedFor : []) verpPrefix ??= readVerp(address, secrets());
			const at = timeOf(date);
			return reports.map((report) => {
				const source = report.kind === 'complaint' ? 'arf' : 'dsn';
				return { report, source, noticeId, messageId, remoteId: '', envelopeId, verpPrefix, at };
			});
		}
	}
}

function noticeIdOf(kind: string, facts: readonly string[]): string {
	return `${kind}:${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 24)}`;
}

function timeOf(date: string): number | null {
	const at = Date.parse(date);
	return Number.isNaN(at) ? null : at;
}

function count(matches: readonly (Match | null)[], counts: LogCounts): void {
	for (const match of matches) {
		if (match === null) counts.strangers += 1;
		else counts.matched += 1;
		if (match?.isNew === true) counts.added += 1;
	}
}

interface Suppression {
	readonly whom: Address;
	/** When it was said. */
	readonly at: number;
	readonly entry: SuppressionEntry;
}

/** Only what belongs to a message that was sent, or carries a token that we signed. */
function suppressionsBy(
	reading: Reading,
	matches: readonly (Match | null)[],
	context: SignedContext & { readonly source: string; readonly now: number },
): Suppression[] {
	if (reading.kind === 'problem') return [];
	const { source, now } = context;
	// Without a date it may be as old as it likes.
	const at = timeOf(reading.kind === 'mail' ? reading.returned.date : reading.event.date) ?? 0;
	const entry = (address: string, reason: SuppressionReason): Suppression[] => {
		const parsed = parseAddress(address);
		if (parsed.kind === 'invalid') return [];
		const { address: whom } = parsed;
		return [{ whom, at, entry: { key: recipientKey(whom), reason, date: suppressionDate(now), source } }];
	};
	if (reading.kind === 'mail' && reading.returned.kind === 'unsubscribe') {
		const token = findUnsubscribeToken(reading.returned.subject);
		const found = token === null ? null : readUnsubscribeToken(token, context.secrets());
		if (found?.kind === 'valid') return entry(found.address, 'unsubscribe');
	}
	const reports = reading.kind === 'mail' ? reading.returned.reports : [reading.event.report];
	return reports.flatMap((report, index) => {
		const match = matches[index] ?? null;
		const reason = reasonOf(report);
		return match === null || reason === null ? [] : entry(match.sent.recipient, reason);
	});
}

type Report = Told['report'];

function reasonOf({ kind, refusal, isUndo }: Report): SuppressionReason | null {
	if (isUndo) return null;
	if (kind === 'complaint') return 'complaint';
	if (kind === 'unsubscribe') return 'unsubscribe';
	return kind === 'bounce' && refusal?.action === 'suppress' ? 'hard' : null;
}

/** Whom somebody took off the list later than that is not put on it again. */
function suppress(
	path: string,
	suppressions: readonly Suppression[],
	{ lists, randomBytes }: { readonly lists: readonly string[] } & Pick<Surroundings, 'randomBytes'>,
): readonly SuppressionEntry[] {
	const seed = randomBytes(seedBytes);
	const all = SuppressionList.read(lists, { seed, firstMayBeNew: true });
	const wanted = suppressions.filter(({ whom, at }) => {
		const removedAt = all.removedAt(whom);
		return !all.covers(whom) && (removedAt === 0 || at > removedAt);
	});
	return appendSuppressions(
		path,
		wanted.map(({ entry }) => entry),
		{ seed },
	);
}
