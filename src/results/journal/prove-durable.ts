/** What can only stand behind a place of a journal when that place was durable: then what is wrong there is damage, and not what a crash left. */
import type { JournalReplay } from './journal-replay.ts';
import { parseRecord } from './parse-record.ts';

/** Cannot stand inside of a record: there, quotes are escaped. */
export const commitWord = Buffer.from('{"type":"commit",');

/**
 * `line`: behind `offset`. A commit record that says so, also behind half a line; or the verdict on a message whose mark stands behind that place: it was
 * durable before the dot went out.
 */
export function provesDurable(line: Buffer, offset: number, replay: Pick<JournalReplay, 'lastMark'>): boolean {
	const commit = line.indexOf(commitWord);
	const parsed = parseRecord(commit > 0 ? line.subarray(commit) : line);
	if (parsed.kind !== 'record') return false;
	const { record } = parsed;
	if (record.type === 'commit') return record.journal > offset;
	if (record.type !== 'settle') return false;
	const isVerdict = record.stage === 'verdict' || record.status === 'accepted' || record.status === 'unknown';
	return isVerdict && record.mark > replay.lastMark(record.run);
}
