/** What is found where mail lies, and what is said of what cannot be read. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { mostHeldBytes } from '../../src/mailboxes/held-octets.ts';
import { openMailboxes } from '../../src/mailboxes/open-mailboxes.ts';
import { RunError } from '../../src/support/errors.ts';
import { type Cleanup, temporaryDirectory } from '../helpers/temporary-directory.ts';
import { gz, inPieces, nobody, pieces, readAll } from './mailbox-tools.ts';

/** A folder with these files; a name that ends in / is an empty folder. */
function folderWith(t: Cleanup, files: Readonly<Record<string, string | Buffer>>): string {
	const folder = temporaryDirectory(t);
	for (const [name, content] of Object.entries(files)) {
		const path = join(folder, name);
		mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
		if (!name.endsWith('/')) writeFileSync(path, content);
	}
	return folder;
}

const two = 'From a@b Sun Nov 22 10:00:00 2026\nA: 1\n\nFrom c@d Sun Nov 22 10:00:00 2026\nB: 2\n\n';

test('a folder is searched to its depths, sorted by name, hidden files passed over', async (t) => {
	const folder = folderWith(t, {
		'b.eml': 'B: 1\n',
		'a/deep/er/x': 'X: 1\n',
		'a/y': 'Y: 1\n',
		'.hidden.eml': 'H: 1\n',
		'.git/z.eml': 'Z: 1\n',
	});
	assert.deepEqual(await readAll([folder], { folder }), ['a/deep/er/x: X: 1\n', 'a/y: Y: 1\n', 'b.eml: B: 1\n']);
});

test('a Maildir gives new and cur by time of arrival, not tmp and not what its server keeps there', async (t) => {
	const folder = folderWith(t, {
		'Maildir/cur/100.a:2,S': 'A: 1\n',
		'Maildir/new/200.b': 'B: 1\n',
		'Maildir/cur/300.c:2,': 'C: 1\n',
		'Maildir/tmp/400.d': 'D: 1\n',
		'Maildir/dovecot-uidlist': '3 V1 N1\n',
		'Maildir/courierimapkeywords/:list': 'x\n',
		'Maildir/.Bounces.Old/cur/500.e:2,': 'E: 1\n',
		'Maildir/.Bounces.Old/new/': '',
		'Maildir/.Bounces.Old/maildirfolder': '',
		'Maildir/Nested/new/600.f': 'F: 1\n',
		'Maildir/Nested/cur/': '',
	});
	const expected = [
		'Maildir/cur/100.a:2,S: A: 1\n',
		'Maildir/new/200.b: B: 1\n',
		'Maildir/cur/300.c:2,: C: 1\n',
		'Maildir/.Bounces.Old/cur/500.e:2,: E: 1\n',
		'Maildir/Nested/new/600.f: F: 1\n',
	];
	assert.deepEqual(await readAll([join(folder, 'Maildir')], { folder }), expected);
	// A folder of Maildirs is one more folder.
	assert.deepEqual(await readAll([folder], { folder }), expected);
});

test('a mail that somebody reads meanwhile, so that it moves from new to cur, is found again, once', async (t) => {
	const folder = folderWith(t, { 'new/100.a': 'A: 1\n', 'new/200.b': 'B: 1\n', 'cur/': '' });
	const read: string[] = [];
	for await (const found of openMailboxes([folder], { stdin: nobody, content: 'auto' })) {
		read.push('octets' in found ? String(found.octets) : JSON.stringify(found));
		if (read.length === 1) renameSync(join(folder, 'new/200.b'), join(folder, 'cur/200.b:2,S'));
	}
	assert.deepEqual(read, ['A: 1\n', 'B: 1\n']);
});

test('what a file is, its content tells: an mbox, one mail, gz, JSON, whatever its name', async (t) => {
	const folder = folderWith(t, {
		'1.eml': two,
		'2.mbox': 'A: 1\n',
		'3.txt': gz('A: 1\n'),
		'4.mbox.gz': gz(two),
		'5.eml': ' [{"event":"bounce"}]',
		'6.gz': 'A: 1\n',
		'7.gz': Buffer.concat([gz('A: 1\n\n'), gz('body\n')]),
	});
	assert.deepEqual(await readAll([folder], { folder }), [
		'1.eml#1: A: 1\n',
		'1.eml#2: B: 2\n',
		'2.mbox: A: 1\n',
		'3.txt: A: 1\n',
		'4.mbox.gz#1: A: 1\n',
		'4.mbox.gz#2: B: 2\n',
		'5.eml: json  [{"event":"bounce"}]',
		'6.gz: A: 1\n',
		'7.gz: A: 1\n\nbody\n',
	]);
});

test('standard input is one mail, an mbox, or either packed, in pieces of any size', async () => {
	for (const size of [1, 3, 1000]) {
		const lines = async (content: string | Buffer) => readAll(['-'], { stdin: inPieces(Buffer.from(content), size) });
		assert.deepEqual(await lines('A: 1\n'), ['-: A: 1\n']);
		assert.deepEqual(await lines(two), ['-#1: A: 1\n', '-#2: B: 2\n']);
		assert.deepEqual(await lines(gz(two)), ['-#1: A: 1\n', '-#2: B: 2\n']);
	}
	assert.deepEqual(await readAll(['-'], { stdin: pieces([]) }), []);
});

test('links are followed, in circles only once, and one to nothing is a problem', async (t) => {
	const folder = folderWith(t, { 'a/x.eml': 'X: 1\n', 'else/y.eml': 'Y: 1\n' });
	symlinkSync('..', join(folder, 'a/up'));
	symlinkSync('../else', join(folder, 'a/else'));
	symlinkSync('nowhere', join(folder, 'lost'));
	symlinkSync('round', join(folder, 'round'));
	const problem = 'is a link to nothing';
	assert.deepEqual(await readAll([folder], { folder }), [
		'a/else/y.eml: Y: 1\n',
		'a/x.eml: X: 1\n',
		`lost: ! ${problem}`,
		`round: ! ${problem}`,
	]);
});

test('a pipe in a folder is passed over, and nobody waits for it', async (t) => {
	const folder = folderWith(t, { 'a.eml': 'A: 1\n' });
	execFileSync('mkfifo', [join(folder, 'pipe')]);
	assert.deepEqual(await readAll([folder], { folder }), ['a.eml: A: 1\n']);
});

test('what is empty, packed otherwise, damaged or gone is a problem, and the rest is read', async (t) => {
	const packed = gz(`${two}From a@b Sun Nov 22 10:00:00 2026\nC: ${'x'.repeat(1000)}\n`);
	const folder = folderWith(t, {
		'1': '',
		'2.gz': packed.subarray(0, packed.length - 12),
		'3.zip': 'PK\x03\x04zip',
		'4.gz': Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('no gz at all')]),
		'5.eml': 'E: 1\n',
		'6.eml': 'F: 1\n',
	});
	const read: string[] = [];
	for await (const found of openMailboxes([folder], { stdin: nobody, content: 'auto' })) {
		const name = found.file.slice(folder.length + 1);
		read.push('octets' in found ? `${name}: ${found.octets}` : 'problem' in found ? `${name}: ! ${found.problem}` : '');
		if (name === '5.eml') rmSync(join(folder, '6.eml'));
	}
	const damaged = 'its gz data is damaged or cut off: only what stands before was read';
	assert.deepEqual(
		read.filter((each) => !each.startsWith('2.gz#')),
		[
			'1: ! is empty',
			`2.gz: ! ${damaged}`,
			'3.zip: ! is packed with zip: unpack it first',
			`4.gz: ! ${damaged}`,
			'5.eml: E: 1\n',
			'6.eml: ! is not there any more',
		],
	);
	// The mail in which the data breaks off is not given out: half an address is another address.
	assert.ok(!read.some((each) => each.includes('C: ')));
});

test('an mbox with CR alone is split, too, and one without a mail is a problem', async (t) => {
	const folder = folderWith(t, { cr: two.replaceAll('\n', '\r'), none: 'From a@b Sun Nov 22 10:00:00 2026' });
	assert.deepEqual(await readAll([folder], { folder }), [
		'cr#1: A: 1\n',
		'cr#2: B: 2\n',
		'none: ! begins like an mbox, and holds no mail',
	]);
});

test('an empty file that was named is a mailbox without mail', async (t) => {
	const folder = folderWith(t, { mbox: '' });
	assert.deepEqual(await readAll([join(folder, 'mbox')]), []);
});

test('a file and a folder without permission are problems, and the rest is read', async (t) => {
	const folder = folderWith(t, { 'a/x.eml': 'X: 1\n', 'b.eml': 'B: 1\n', 'c.eml': 'C: 1\n' });
	chmodSync(folder, 0o755);
	chmodSync(join(folder, 'a'), 0);
	chmodSync(join(folder, 'b.eml'), 0);
	const lines = await asNobody(() => readAll([folder], { folder }));
	chmodSync(join(folder, 'a'), 0o700);
	assert.deepEqual(lines, [
		'a: ! cannot be listed: permission denied (EACCES)',
		'b.eml: ! cannot be read: permission denied (EACCES)',
		'c.eml: C: 1\n',
	]);
});

/** Root may read everything. */
async function asNobody<Read>(read: () => Promise<Read>): Promise<Read> {
	const isRoot = process.getuid?.() === 0;
	if (isRoot) process.seteuid?.(65_534);
	try {
		return await read();
	} finally {
		if (isRoot) process.seteuid?.(0);
	}
}

test('of a mail of 70 MB the first 16 are read, and said to be, and the next mail is whole', async (t) => {
	const body = Buffer.alloc(70 * 1024 * 1024, 'x\n');
	const folder = folderWith(t, {
		big: Buffer.concat([Buffer.from('From a@b Sun Nov 22 10:00:00 2026\n'), body, Buffer.from(`\n${two}`)]),
		big2: body,
	});
	const read: string[] = [];
	for await (const found of openMailboxes([folder], { stdin: nobody, content: 'auto' })) {
		const what = 'octets' in found ? String(found.octets.length) : 'problem' in found ? found.problem : '';
		read.push(`${found.file.slice(folder.length + 1)}: ${what}`);
	}
	const problem = 'is longer than 64 MB: only its first 16 MB were read';
	assert.deepEqual(read, [
		`big#1: ${mostHeldBytes}`,
		`big#1: ${problem}`,
		'big#2: 5',
		'big#3: 5',
		`big2: ${mostHeldBytes}`,
		`big2: ${problem}`,
	]);
});

test('a source that does not exist ends it before anything is read, with what to do', async (t) => {
	const folder = folderWith(t, { 'a.eml': 'A: 1\n' });
	await assert.rejects(readAll([join(folder, 'a.eml'), join(folder, 'b.eml')]), (error) => {
		assert.ok(error instanceof RunError);
		assert.equal(error.exitCode, 66);
		assert.match(error.message, /b\.eml does not exist$/);
		assert.match(error.hint, /Maildir.*mbox[\s\S]* - for standard input:\n {2}mailshot bounces /);
		return true;
	});
});
