/** A journal and its log on a disk whose faults a test orders; what is in them, as objects. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Ballast } from '../../../src/results/journal/ballast.ts';
import { makeFiles } from '../../../src/results/journal/claim-files.ts';
import { encodeMark, encodeSettle } from '../../../src/results/journal/encode-record.ts';
import { Journal } from '../../../src/results/journal/journal.ts';
import { JournalFiles } from '../../../src/results/journal/journal-files.ts';
import { journalPath } from '../../../src/results/journal/journal-record.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type Faults, FaultyFileSystem } from '../faulty-file-system.ts';
import { TestClock } from '../make-result.ts';

export const header = '{"type":"run","v":1,"run":1}\n';

export function openJournal(context: TestContext, faults: Faults = {}, { marksPerCommit = 100 } = {}) {
	const logPath = join(temporaryDirectory(context), 'results.jsonl');
	const files = new FaultyFileSystem();
	const clock = new TestClock();
	const pair = new JournalFiles({
		...makeFiles(logPath, files),
		header,
		durable: { journal: 0, journalCrc: 0, log: 0, logCrc: 0, covers: 0 },
		ballast: Ballast.make(logPath, files),
		files,
	});
	const journal = new Journal(pair, { marksPerCommit, clock, files });
	files.calls.length = 0;
	files.faults = faults;
	return { logPath, path: journalPath(logPath), files, clock, pair, journal };
}

/** A mark with its record. */
export function makeMark(journal: Journal, key = 'bob@old.example') {
	const mark = journal.newMark();
	if (mark.id > 0) {
		journal.append(encodeMark({ run: 1, mark: mark.id, key, to: '', row: 1, line: 2, attempt: 1, connection: 1 }));
	}
	return mark;
}

/** A settle record with its row, which has nothing but what a loss is named by. */
export function settleMark(journal: Journal, mark: number, key = 'bob@old.example'): void {
	journal.append(
		encodeSettle({
			run: 1,
			mark,
			key,
			status: 'accepted',
			code: 250,
			bounce_category: '',
			at: 0,
			enhanced_code: '',
			stage: 'verdict',
			response: '250 Ok',
			bounce_type: '',
			bounce_action: '',
			bounce_rule: '',
			error_type: '',
			error_message: '',
			final: true,
		}),
	);
	journal.appendRow(`{"status":"accepted","recipient":"${key}","line":${mark}}\n`);
}

export function recordsIn(path: string): Record<string, unknown>[] {
	const text = readFileSync(path, 'utf8');
	return text
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line));
}

export function typesIn(path: string): unknown[] {
	return recordsIn(path).map((record) => record['type']);
}

export function sizeOf(path: string): number {
	return statSync(path).size;
}

/** Turns of the event loop until it is so: fdatasync calls back from the thread pool. */
export async function until(isSo: () => boolean): Promise<void> {
	for (let turn = 0; !isSo(); turn += 1) {
		if (turn > 100_000) throw new Error('it never came to be so');
		await nextTurn();
	}
}
