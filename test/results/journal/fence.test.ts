/** Log or journal changed under the run: no mark of that commit is used, the run stops with 74, and nothing is appended any more. */
import assert from 'node:assert/strict';
import {
	appendFileSync,
	copyFileSync,
	linkSync,
	readFileSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Trespass } from '../../../src/results/journal/fence.ts';
import { makeMark, openJournal, settleMark, until } from './write-journal.ts';

interface Meddling {
	readonly what: string;
	readonly words: RegExp;
	readonly octets: Trespass['octets'];
	readonly commit: (path: string) => void;
}

const trespasses: readonly Meddling[] = [
	{ what: 'deleted', words: /it was deleted$/, octets: 'gone', commit: (path) => rmSync(path) },
	{
		what: 'moved away',
		words: /it was moved or renamed$/,
		octets: 'away',
		commit: (path) => renameSync(path, `${path}.1`),
	},
	{
		what: 'rotated',
		words: /it was replaced by another file, as editors and logrotate do$/,
		octets: 'away',
		commit(path) {
			renameSync(path, `${path}.1`);
			writeFileSync(path, '');
		},
	},
	{
		what: 'saved again by an editor',
		words: /it was replaced by another file/,
		octets: 'away',
		commit(path) {
			copyFileSync(path, `${path}.new`);
			renameSync(`${path}.new`, path);
		},
	},
	{
		what: 'written to',
		words: /it is 1 octet longer: another program wrote to it$/,
		octets: 'there',
		commit: (path) => appendFileSync(path, '\n'),
	},
	{
		what: 'truncated',
		words: /it is \d+ octets shorter: it was truncated$/,
		octets: 'away',
		commit: (path) => truncateSync(path, 3),
	},
];

async function assertStopped(
	{ pair, journal, files }: ReturnType<typeof openJournal>,
	{ words, copies, rescued }: { readonly words: RegExp; readonly copies: () => string; readonly rescued: number },
): Promise<void> {
	const error = await pair.failure;
	assert.equal(error.exitCode, 74);
	assert.match(error.message, words);
	assert.match(error.hint, /mailshot log verify/);
	assert.equal(pair.stops, 'drop');
	const [before, writes, syncs] = [copies(), files.count('write'), files.count('fdatasync')];
	assert.equal(makeMark(journal).id, 0);
	settleMark(journal, 1);
	journal.hurry();
	await nextTurn();
	await journal.close();
	assert.equal(copies(), before);
	// The rows of what was under way, when the log alone is left to hold them.
	assert.deepEqual([files.count('write'), files.count('fdatasync')], [writes + rescued, syncs]);
}

function everythingIn(...paths: readonly string[]): () => string {
	return () =>
		paths
			.flatMap((path) => [path, `${path}.1`])
			.map((path) => {
				try {
					return readFileSync(path, 'utf8');
				} catch {
					return 'absent';
				}
			})
			.join('\0');
}

async function begun(context: TestContext) {
	const opened = openJournal(context);
	const mark = makeMark(opened.journal);
	settleMark(opened.journal, mark.id);
	opened.journal.hurry();
	await until(() => mark.isDurable);
	return opened;
}

for (const { what, words, octets, commit } of trespasses) {
	for (const victim of ['journal', 'log'] as const) {
		test(`a ${victim} that is ${what} between two commits stops the run before the next mark is used`, async (context) => {
			const opened = await begun(context);
			const { journal, path, logPath } = opened;
			commit(victim === 'journal' ? path : logPath);
			let isWoken = false;
			journal.onDurable(() => {
				isWoken = true;
			});
			const mark = makeMark(journal);
			journal.hurry();
			const rescued = victim === 'journal' && octets !== 'there' ? 1 : 0;
			await assertStopped(opened, { words, copies: everythingIn(path, ...(rescued > 0 ? [] : [logPath])), rescued });
			assert.equal(mark.isDurable, false);
			assert.equal(isWoken, false);
		});

		test(`a ${victim} that is ${what} during the sync stops the run before its marks are used`, async (context) => {
			const opened = await begun(context);
			const { files, journal, path, logPath } = opened;
			files.faults = { holdSyncs: true };
			const mark = makeMark(journal);
			journal.hurry();
			await nextTurn();
			commit(victim === 'journal' ? path : logPath);
			files.faults = {};
			files.finishSyncs();
			const rescued = victim === 'journal' && octets !== 'there' ? 1 : 0;
			await assertStopped(opened, { words, copies: everythingIn(path, ...(rescued > 0 ? [] : [logPath])), rescued });
			assert.equal(mark.isDurable, false);
		});
	}
}

test('what was read must still be there before the first record is appended', async (context) => {
	const opened = openJournal(context);
	const { journal, path } = opened;
	writeFileSync(path, '{"type":"run","v":1,"run":1,"of":"somebody else"}\n');
	makeMark(journal);
	await assertStopped(opened, { rescued: 0, words: /longer: another program wrote to it/, copies: everythingIn(path) });
	assert.equal(readFileSync(path, 'utf8'), '{"type":"run","v":1,"run":1,"of":"somebody else"}\n');
});

test('a run that wrote nothing does not mind that its files are gone', async (context) => {
	const { journal, pair, path, logPath } = openJournal(context);
	rmSync(path);
	rmSync(logPath);
	await journal.close();
	assert.equal(pair.error, null);
});

test('a second name of the journal is nobody else writing to it', async (context) => {
	const { journal, pair, path } = await begun(context);
	linkSync(path, `${path}.backup`);
	const mark = makeMark(journal);
	journal.hurry();
	await until(() => mark.isDurable);
	await journal.close();
	assert.equal(pair.error, null);
});
