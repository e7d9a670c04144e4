import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { appendSuppressions } from '../../../src/recipients/suppression/append-suppressions.ts';
import { removeSuppressions } from '../../../src/recipients/suppression/remove-suppressions.ts';
import type { SuppressionEntry } from '../../../src/recipients/suppression/suppression-entry.ts';
import { hashedKey } from '../../../src/recipients/suppression/suppression-entry.ts';
import { SuppressionList } from '../../../src/recipients/suppression/suppression-list.ts';
import { nodeFileSystem } from '../../../src/support/file-system.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { address, listFile, runErrorOf, seed } from './lists.ts';

function entry(key: string, facts: Partial<SuppressionEntry> = {}): SuppressionEntry {
	return { key, reason: 'hard', date: '2026-11-22T17:05:12Z', source: 'news', ...facts };
}

test('a new list is made for its owner alone, with a line that says what it is', (t) => {
	const path = join(temporaryDirectory(t), 'suppress.csv');
	const written = appendSuppressions(path, [entry('bob@example.com')], { seed });
	assert.equal(written.length, 1);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.equal(
		readFileSync(path, 'utf8'),
		'# mailshot suppression list: address|@domain|sha256:<hex>,reason,date,source\nbob@example.com,hard,2026-11-22T17:05:12Z,news\n',
	);
});

test('a list that is there keeps its mode and what stands in it, also when its last line has no end', (t) => {
	const path = listFile(t, '# mine\nanna@example.com');
	chmodSync(path, 0o640);
	appendSuppressions(path, [entry('bob@example.com', { date: '', source: '' })], { seed });
	assert.equal(readFileSync(path, 'utf8'), '# mine\nanna@example.com\nbob@example.com,hard\n');
	assert.equal(statSync(path).mode & 0o777, 0o640);
});

test('nobody is written twice: not who is there by address, hash or domain, and not who is named twice', (t) => {
	const path = listFile(t, `bob@example.com\n${hashedKey('anna@example.com')}\n@example.org\n`);
	const before = readFileSync(path, 'utf8');
	const keys = ['bob@example.com', 'anna@example.com', 'zoe@example.org'];
	assert.deepEqual(
		appendSuppressions(
			path,
			keys.map((key) => entry(key)),
			{ seed },
		),
		[],
	);
	assert.equal(readFileSync(path, 'utf8'), before);
	const twice = appendSuppressions(path, [entry('new@example.com'), entry('new@example.com')], { seed });
	assert.equal(twice.length, 1);
});

test('a source cannot add a line or an entry', (t) => {
	const path = listFile(t, '');
	appendSuppressions(path, [entry('bob@example.com', { source: 'a,"b"\nevil@example.com\u001b[2J' })], { seed });
	const list = SuppressionList.read([path], { seed });
	assert.equal(list.size, 1);
	assert.match(readFileSync(path, 'utf8'), /,"a,""b"" evil@example\.com"\n$/);
});

test('a disk that fills up in the middle of a line leaves no half line', (t) => {
	const path = listFile(t, 'anna@example.com\n');
	let writes = 0;
	const files = {
		...nodeFileSystem,
		write(descriptor: number, bytes: Uint8Array, offset: number): number {
			writes += 1;
			if (writes === 1) return nodeFileSystem.write(descriptor, bytes.subarray(0, 9), offset);
			throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
		},
	};
	const error = runErrorOf(() => appendSuppressions(path, [entry('bob@example.com')], { seed, files }));
	assert.equal(error.exitCode, 73);
	assert.match(error.message, /no space left on device/);
	assert.equal(readFileSync(path, 'utf8'), 'anna@example.com\n');
});

test('an entry that went to a file which was replaced meanwhile is written once more', (t) => {
	const path = listFile(t, 'anna@example.com\n');
	let isReplaced = false;
	const files = {
		...nodeFileSystem,
		fsync(descriptor: number): void {
			nodeFileSystem.fsync(descriptor);
			if (isReplaced) return;
			isReplaced = true;
			writeFileSync(`${path}.2`, 'carl@example.com\n');
			nodeFileSystem.rename(`${path}.2`, path);
		},
	};
	assert.equal(appendSuppressions(path, [entry('bob@example.com')], { seed, files }).length, 1);
	assert.match(readFileSync(path, 'utf8'), /^carl@example\.com\nbob@example\.com,hard/);
});

test('removing keeps comments, order, mode and line ends, and leaves no address behind', (t) => {
	const path = listFile(
		t,
		'# mine\r\nanna@example.com,hard\r\n# about bob\r\nbob@example.com,hard\r\n\r\nzoe@example.com',
	);
	chmodSync(path, 0o644);
	const removed = removeSuppressions(path, new Set(['bob@example.com', 'nobody@example.com']), 1_000);
	assert.deepEqual([...removed], ['bob@example.com']);
	assert.equal(
		readFileSync(path, 'utf8'),
		`# mine\r\nanna@example.com,hard\r\n# about bob\r\n\r\nzoe@example.com\n# removed ${hashedKey('bob@example.com')},1970-01-01T00:00:01.000Z\n`,
	);
	assert.equal(statSync(path).mode & 0o777, 0o644);
	assert.equal(existsSync(`${path}.new`), false);
	const list = SuppressionList.read([path], { seed });
	assert.equal(list.covers(address('bob@example.com')), false);
	assert.equal(list.removedAt(address('Bob@example.com')), 1_000);
	assert.equal(list.removedAt(address('anna@example.com')), 0);
});

test('a list that does not have them is not touched', (t) => {
	const path = listFile(t, 'anna@example.com');
	const before = statSync(path).ino;
	assert.equal(removeSuppressions(path, new Set(['bob@example.com']), 0).size, 0);
	assert.equal(statSync(path).ino, before);
	assert.equal(existsSync(`${path}.new`), false);
});

test('a list behind a link is changed where it is, and the link stays', (t) => {
	const path = listFile(t, 'anna@example.com\nbob@example.com\n');
	const link = join(dirname(path), 'link.csv');
	symlinkSync(path, link);
	removeSuppressions(link, new Set(['bob@example.com']), 0);
	assert.match(readFileSync(path, 'utf8'), /^anna@example\.com\n# removed/);
	assert.equal(readFileSync(link, 'utf8'), readFileSync(path, 'utf8'));
});

test('while another one rewrites the list nobody else does: exit 75 names the file', (t) => {
	const path = listFile(t, 'anna@example.com\n');
	writeFileSync(`${path}.new`, '');
	const error = runErrorOf(() => removeSuppressions(path, new Set(['anna@example.com']), 0));
	assert.equal(error.exitCode, 75);
	assert.match(error.hint, /rm .*suppress\.csv\.new/);
	assert.equal(existsSync(`${path}.new`), true);
	appendFileSync(path, 'bob@example.com\n');
	assert.equal(SuppressionList.read([path], { seed }).size, 2);
});

test('processes that append at once tear no line and lose none', async (t) => {
	const path = listFile(t, '');
	const module = pathToFileURL(join(import.meta.dirname, '../../../src/recipients/suppression/append-suppressions.ts'));
	const script = (name: string) => `
		import { appendSuppressions } from ${JSON.stringify(module.href)};
		for (let batch = 0; batch < 20; batch++) {
			const entries = Array.from({ length: 25 }, (_, at) => ({ key: '${name}' + batch + 'x' + at + '@example.com', reason: 'hard', date: '', source: '${name.repeat(20)}' }));
			appendSuppressions(${JSON.stringify(path)}, entries, { seed: Buffer.alloc(16) });
		}`;
	const runs = ['a', 'b', 'c'].map((name) =>
		spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script(name)], { stdio: 'inherit' }),
	);
	const codes = await Promise.all(runs.map(async (run) => (await once(run, 'exit'))[0]));
	assert.deepEqual(codes, [0, 0, 0]);
	assert.equal(SuppressionList.read([path], { seed }).size, 3 * 20 * 25);
});

test('what is appended while the list is rewritten again and again is not lost', async (t) => {
	const doomed = Array.from({ length: 60 }, (_, at) => `doomed${at}@example.com`);
	const path = listFile(t, `${doomed.join('\n')}\n`);
	const module = pathToFileURL(join(import.meta.dirname, '../../../src/recipients/suppression/append-suppressions.ts'));
	const script = `
		import { appendSuppressions } from ${JSON.stringify(module.href)};
		for (let at = 0; at < 150; at++) {
			appendSuppressions(${JSON.stringify(path)}, [{ key: 'kept' + at + '@example.com', reason: 'hard', date: '', source: '' }], { seed: Buffer.alloc(16) });
		}`;
	const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'inherit' });
	const exited = once(run, 'exit');
	let isOver = false;
	exited.then(() => {
		isOver = true;
	});
	const rest = [...doomed];
	while (!isOver || rest.length > 0) {
		// Once it runs, rewriting is what goes on all the time.
		const key = isOver || existsLine(path, 'kept') ? rest.pop() : undefined;
		if (key !== undefined) removeSuppressions(path, new Set([key]), 0);
		await new Promise((resolve) => setImmediate(resolve));
	}
	assert.deepEqual(await exited, [0, null]);
	const list = SuppressionList.read([path], { seed });
	const lost = Array.from({ length: 150 }, (_, at) => `kept${at}@example.com`).filter((key) => !list.has(key));
	assert.deepEqual(lost, []);
	assert.equal(list.size, 150);
});

function existsLine(path: string, start: string): boolean {
	return readFileSync(path, 'latin1').includes(`\n${start}`);
}
