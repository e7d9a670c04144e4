/** Where saved messages go, and that they go nowhere else. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileNameFor, MailDirectory } from '../../src/sandbox/mail-directory.ts';
import { RunError } from '../../src/support/errors.ts';
import { temporaryDirectory } from './sandbox-builder.ts';

async function save(directory: MailDirectory, text: string, recipient = 'zoe@example.com') {
	const file = directory.receive(`id${text.length}-${recipient.length}`);
	file.write(Buffer.from(text));
	await file.close();
	return directory.keep(file, recipient);
}

test('file names sort by number and hold nothing that leads out of the directory', () => {
	assert.equal(fileNameFor(1, 'zoe+news@example.com'), '000001-zoe+news@example.com.eml');
	for (const recipient of [
		'../../x@example.com',
		'/etc/passwd',
		'..\\..\\x',
		'a\u0000b@example.com',
		'a\nb',
		'~root;`id`$(id)',
		'用户@例子.example',
		'x'.repeat(500),
		'',
	]) {
		const name = fileNameFor(7, recipient);
		assert.match(name, /^000007-[A-Za-z0-9.@+=_-]*\.eml$/);
		assert.doesNotMatch(name, /\.\./);
		assert.equal(basename(name), name);
		assert.ok(name.length <= 140);
	}
});

test('a saved file is private and a second start goes on with the numbers', async (t) => {
	const path = join(temporaryDirectory(t), 'new', 'mail');
	const first = await save(await MailDirectory.open(path), 'one');
	const second = await save(await MailDirectory.open(path), 'three');
	assert.deepEqual(readdirSync(path), ['000001-zoe@example.com.eml', '000002-zoe@example.com.eml']);
	assert.equal(first.number, 1);
	assert.equal(readFileSync(second.path, 'utf8'), 'three');
	assert.equal(statSync(second.path).mode & 0o777, 0o600);
	assert.equal(statSync(path).mode & 0o777, 0o700);
});

test('a file or a link that is there already is never written over', async (t) => {
	const path = temporaryDirectory(t);
	const directory = await MailDirectory.open(path);
	writeFileSync(join(path, '000001-zoe@example.com.eml'), 'old');
	symlinkSync(join(path, 'elsewhere'), join(path, '000002-zoe@example.com.eml'));
	const kept = await save(directory, 'new');
	assert.equal(kept.number, 3);
	assert.equal(readFileSync(join(path, '000001-zoe@example.com.eml'), 'utf8'), 'old');
	assert.ok(!existsSync(join(path, 'elsewhere')));
});

test('a discarded message leaves nothing', async (t) => {
	const path = temporaryDirectory(t);
	const directory = await MailDirectory.open(path);
	const file = directory.receive('id');
	file.write(Buffer.from('half'));
	await file.discard();
	assert.deepEqual(readdirSync(path), []);
});

test('a directory that cannot be used ends the start with exit 73 and names it', async (t) => {
	const path = join(temporaryDirectory(t), 'file');
	writeFileSync(path, '');
	await assert.rejects(
		MailDirectory.open(path),
		(error) => error instanceof RunError && error.exitCode === 73 && error.message.includes(path) && error.hint !== '',
	);
});

test('a disk that refuses the file is told when it is closed, not before', async (t) => {
	const path = temporaryDirectory(t);
	const directory = await MailDirectory.open(path);
	const file = directory.receive('no/such/directory');
	file.write(Buffer.from('text'));
	await assert.rejects(file.close(), /ENOENT/);
	await file.discard();
	assert.deepEqual(readdirSync(path), []);
});
