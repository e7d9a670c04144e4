/** The first pass over a list: counts and checks everything, so that the plan is exact and a broken list stops before anything is sent. */
import { type DomainCount, DomainCounts } from './domain-counts.ts';
import type { KeySet } from './key-set.ts';
import type { RecipientList } from './open-list.ts';
import type { Malformed, MalformedReason, Recipient } from './row.ts';

export interface SurveyOptions {
	/** Malformed rows to keep. */
	readonly maxProblems: number;
	/** Recipients to keep, the first ones. */
	readonly sampleSize: number;
	/** Finds the duplicates. Empty at the start and left empty: the pass that sends can use it again, and its memory. */
	readonly keys: KeySet;
	/** Called now and then with the rows so far. */
	readonly onProgress?: (rows: number) => void;
	/** Stops the pass; the promise rejects with its reason. */
	readonly signal?: AbortSignal;
}

export interface Survey {
	/** All rows; recipients + duplicates + malformed. */
	readonly rows: number;
	/** Rows to send to. */
	readonly recipients: number;
	readonly duplicates: number;
	readonly malformed: number;
	readonly malformedByReason: ReadonlyMap<MalformedReason, number>;
	/** The first `maxProblems`. */
	readonly problems: readonly Malformed[];
	/** The 20 with most recipients, most first. */
	readonly domains: readonly DomainCount[];
	readonly domainCount: number;
	/** The first recipients. */
	readonly sample: readonly Recipient[];
	/** Octets of the file. */
	readonly sizeBytes: number;
}

const shownDomains = 20;

/** Reads the whole list once. Throws what its rows() throw. */
export async function surveyList(list: RecipientList, options: SurveyOptions): Promise<Survey> {
	const { maxProblems, sampleSize, keys, onProgress, signal } = options;
	const malformedByReason = new Map<MalformedReason, number>();
	const problems: Malformed[] = [];
	const sample: Recipient[] = [];
	const domains = new DomainCounts(keys);
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
				onProgress?.(recipients + duplicates + malformed);
				await new Promise<void>((resolve) => source.whenReadable(resolve));
			} else if (row.kind === 'malformed') {
				malformed++;
				malformedByReason.set(row.reason, (malformedByReason.get(row.reason) ?? 0) + 1);
				if (problems.length < maxProblems) problems.push(row);
			} else if (!keys.add(row.key)) {
				duplicates++;
			} else {
				recipients++;
				domains.add(row.address.slice(row.address.lastIndexOf('@') + 1));
				if (sample.length < sampleSize) sample.push(row);
			}
		}
		return {
			rows: recipients + duplicates + malformed,
			recipients,
			duplicates,
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
		keys.clear();
	}
}
