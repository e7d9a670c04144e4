import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { openList } from '../../src/recipients/open-list.ts';
import { spoolInput } from '../../src/recipients/spool-input.ts';
import { RunError } from '../../src/support/errors.ts';
import { outline, readAll } from './reading.ts';

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'mailshot-spool-'));
	try {
		await use(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test('standard input becomes a private file that can be read as a list, and goes away', async () => {
	await withFolder(async (folder) => {
		const spooled = await spoolInput(Readable.from([Buffer.from('email\na@e'), Buffer.from('x.com\n')]), folder);
		assert.equal(readFileSync(spooled.path, 'utf8'), 'email\na@ex.com\n');
		assert.equal(statSync(spooled.path).mode & 0o777, 0o600);
		assert.equal(statSync(dirname(spooled.path)).mode & 0o777, 0o700);
		const list = await openList({ path: spooled.path, displayName: 'standard input' });
		assert.deepEqual(outline(await readAll(list.rows())), ['2 a@ex.com']);
		spooled.remove();
		spooled.remove();
		assert.deepEqual(readdirSync(folder), []);
	});
});

test('an input that breaks off leaves nothing behind', async () => {
	await withFolder(async (folder) => {
		async function* broken(): AsyncGenerator<Buffer> {
			yield Buffer.from('email\n');
			throw new Error('the pipe broke');
		}
		await assert.rejects(spoolInput(Readable.from(broken()), folder), (error) => {
			assert.ok(error instanceof RunError && error.exitCode === 73);
			assert.match(error.message, /the pipe broke/);
			return true;
		});
		assert.deepEqual(readdirSync(folder), []);
	});
});

test('a folder that cannot be written to is named', async () => {
	await withFolder(async (folder) => {
		const missing = join(folder, 'missing');
		await assert.rejects(
			spoolInput(Readable.from([]), missing),
			(error) => error instanceof RunError && error.exitCode === 73 && error.message.includes(missing),
		);
	});
});
