/** The first pass over a list: counts and checks everything, so that the plan is exact and a broken list stops before anything is sent. */
import { type DomainCount, DomainCounts } from './domain-counts.ts';
import { type KeyTable, visitedBefore } from './key-table.ts';
import type { RecipientList } from './open-list.ts';
import type { Malformed, MalformedReason, Recipient } from './row.ts';

export interface SurveyOptions {
	/** Malformed rows to keep. */
	readonly maxProblems: number;
	/** Recipients to keep, the first ones. */
	readonly sampleSize: number;
	/**
	 * Finds the duplicates, and knows by its values what became of a key in earlier runs. No key of it is visited at the start, nor when the survey ends,
	 * so that the pass that sends can use it; the list's keys and domains stay in it.
	 */
	readonly keys: KeyTable;
	/** By the value of a key: is nothing to be sent to it? Absent: each row is sent to. Called once per row that is no duplicate. */
	readonly isPassedOver?: (state: number) => boolean;
	/** Why the recipient is not to be written to, in a word; '' when it may be. Absent: everybody may. Called once per row that is left after all else. */
	readonly suppressionOf?: ((recipient: Recipient) => string) | undefined;
	/** Called now and then with the rows so far. */
	readonly onProgress?: (rows: number) => void;
	/** Stops the pass; the promise rejects with its reason. */
	readonly signal?: AbortSignal;
}

export interface Survey {
	/** All rows; recipients + all that are passed over + all that are suppressed + duplicates + malformed. */
	readonly rows: number;
	/** Rows to send to. */
	readonly recipients: number;
	/** By value of the key, 128 counters: first rows with a key that is passed over. */
	readonly passedOver: readonly number[];
	/** The `recipients`, by the value of their key. */
	readonly sentTo: readonly number[];
	/** Further rows with the key of an earlier one, whatever became of that. */
	readonly duplicates: number;
	/** First rows with a key that would be sent to, if a suppression list did not name them: by its reasons. */
	readonly suppressed: ReadonlyMap<string, number>;
	readonly malformed: number;
	readonly malformedByReason: ReadonlyMap<MalformedReason, number>;
	/** The first `maxProblems`. */
	readonly problems: readonly Malformed[];
	/** Of the rows to send to: the 20 with most recipients, most first. */
	readonly domains: readonly DomainCount[];
	readonly domainCount: number;
	/** The first rows to send to. */
	readonly sample: readonly Recipient[];
	/** Octets of the file. */
	readonly sizeBytes: number;
}

const shownDomains = 20;
/** How many values a key can have. */
const states = 128;

/** Reads the whole list once. Throws what its rows() throw. */
export async function surveyList(list: RecipientList, options: SurveyOptions): Promise<Survey> {
	const { maxProblems, sampleSize, keys, isPassedOver, suppressionOf, onProgress, signal } = options;
	const suppressed = new Map<string, number>();
	const malformedByReason = new Map<MalformedReason, number>();
	const problems: Malformed[] = [];
	const sample: Recipient[] = [];
	const domains = new DomainCounts(keys);
	const passedOver = new Array<number>(states).fill(0);
	const sentTo = new Array<number>(states).fill(0);
	let rows = 0;
	let recipients = 0;
	let malformed = 0;
	let duplicates = 0;
	const source = list.rows();
	try {
		for (;;) {
			const row = source.next();
			if (row === null) {
				signal?.throwIfAborted();
				if (source.ended) break;
				onProgress?.(rows);
				await new Promise<void>((resolve) => source.whenReadable(resolve));
				continue;
			}
			rows++;
			if (row.kind === 'malformed') {
				malformed++;
				malformedByReason.set(row.reason, (malformedByReason.get(row.reason) ?? 0) + 1);
				if (problems.length < maxProblems) problems.push(row);
				continue;
			}
			const state = keys.visit(row.key);
			if (state >= visitedBefore) {
				duplicates++;
			} else if (isPassedOver?.(state) === true) {
				passedOver[state] = (passedOver[state] ?? 0) + 1;
			} else {
				const suppression = suppressionOf?.(row) ?? '';
				if (suppression !== '') {
					suppressed.set(suppression, (suppressed.get(suppression) ?? 0) + 1);
					continue;
				}
				recipients++;
				sentTo[state] = (sentTo[state] ?? 0) + 1;
				domains.add(row.address.slice(row.address.lastIndexOf('@') + 1));
				if (sample.length < sampleSize) sample.push(row);
			}
		}
		return {
			rows,
			recipients,
			passedOver,
			sentTo,
			duplicates,
			suppressed,
			malformed,
			malformedByReason,
			problems,
			domains: domains.top(shownDomains),
			domainCount: domains.size,
			sample,
			sizeBytes: list.sizeBytes,
		};
	} finally {
		source.close();
		keys.forgetVisits();
	}
}

/** All rows that a suppression list leaves out. */
export function suppressedRows({ suppressed }: Pick<Survey, 'suppressed'>): number {
	return [...suppressed.values()].reduce((sum, count) => sum + count, 0);
}
