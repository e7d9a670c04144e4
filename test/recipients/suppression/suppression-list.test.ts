import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SuppressionList } from '../../../src/recipients/suppression/suppression-list.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { address, listFile, readList, runErrorOf, seed } from './lists.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('a plain list of addresses is a suppression list, and manual is what it means', (t) => {
	const list = readList(t, 'bob@example.com\nanna@example.com');
	assert.equal(list.size, 2);
	assert.equal(list.reasonOf(address('bob@example.com')), 'manual');
	assert.equal(list.reasonOf(address('anna@example.com')), 'manual');
	assert.equal(list.reasonOf(address('carl@example.com')), '');
});

test('comments, blank lines, a header, CRLF, a byte order mark and quoted fields are read', (t) => {
	const list = readList(
		t,
		'\ufeff# ours\r\nEmail,Reason\r\n\r\n"bob@example.com","hard","2026-11-22","the ""big"" list"\r\n  \r\nanna@example.com,complaint\r\n',
	);
	assert.equal(list.size, 2);
	assert.equal(list.reasonOf(address('bob@example.com')), 'hard');
	assert.equal(list.reasonOf(address('anna@example.com')), 'complaint');
});

test('an address is found however its case, its composition and its domain are spelt, but not with another tag or dot', (t) => {
	const list = readList(t, 'Bob.Smith@EXAMPLE.com\nzoe\u0308@b\u00fccher.example,unsubscribe\n');
	assert.equal(list.covers(address('bob.smith@example.COM')), true);
	assert.equal(list.reasonOf(address('zo\u00eb@xn--bcher-kva.example')), 'unsubscribe');
	assert.equal(list.covers(address('bobsmith@example.com')), false);
	assert.equal(list.covers(address('bob.smith+news@example.com')), false);
});

test('@domain covers exactly that domain, and @.domain its subdomains and not itself', (t) => {
	const list = readList(t, '@example.com,manual\n@.example.org,policy\n');
	assert.equal(list.reasonOf(address('anybody@example.com')), 'manual');
	assert.equal(list.reasonOf(address('anybody@mail.example.com')), '');
	assert.equal(list.reasonOf(address('anybody@notexample.com')), '');
	assert.equal(list.reasonOf(address('anybody@example.org')), '');
	assert.equal(list.reasonOf(address('anybody@a.b.example.org')), 'policy');
	assert.equal(list.reasonOf(address('anybody@badexample.org')), '');
});

test('a hashed entry is the SHA-256 of the address as it is normalised', (t) => {
	const list = readList(t, `sha256:${sha256('bob@example.com').toUpperCase()},unsubscribe\n`);
	assert.equal(list.reasonOf(address('BOB@Example.com')), 'unsubscribe');
	assert.equal(list.reasonOf(address('rob@example.com')), '');
});

test('of several entries the first one has the word, and an exact one goes before its domain', (t) => {
	const directory = temporaryDirectory(t);
	const [first, second] = [join(directory, 'a.csv'), join(directory, 'b.csv')];
	writeFileSync(first, '@example.com,manual\nbob@example.com,hard\n');
	writeFileSync(second, 'bob@example.com,complaint\nanna@example.org,complaint\n');
	const list = SuppressionList.read([first, second], { seed });
	assert.equal(list.reasonOf(address('bob@example.com')), 'hard');
	assert.equal(list.reasonOf(address('carl@example.com')), 'manual');
	assert.equal(list.reasonOf(address('anna@example.org')), 'complaint');
});

test('hundreds of different reasons do not fill the memory: the last of them are other', (t) => {
	const lines = Array.from({ length: 400 }, (_, at) => `r${at}@example.com,because ${at}\n`);
	const list = readList(t, lines.join(''));
	assert.equal(list.reasonOf(address('r3@example.com')), 'because 3');
	assert.equal(list.reasonOf(address('r399@example.com')), 'other');
});

test('every line that is no entry is named with its place, up to twenty of them', (t) => {
	const path = listFile(t, `bob@example.com\nbob@\n${'x\n'.repeat(30)}`);
	const error = runErrorOf(() => SuppressionList.read([path], { seed }));
	assert.equal(error.exitCode, 65);
	assert.match(error.message, /^31 lines/);
	assert.ok(error.hint.startsWith(`${path}:2: "bob@" has no domain\n${path}:3: "x" has no @`));
	assert.match(error.hint, /and 11 more\n.*#/);
	assert.equal(error.hint.match(/suppress\.csv:/g)?.length, 20);
});

for (const { what, line, problem } of [
	{ what: 'of a megabyte', line: `${'x'.repeat(1_000_000)}@example.com`, problem: /too long/ },
	{ what: 'with NUL', line: 'bob\0@example.com', problem: /NUL/ },
	{ what: 'with an open quote', line: '"bob@example.com,hard', problem: /quotes do not match/ },
	{ what: 'with words behind a quoted field', line: '"bob@example.com"x,hard', problem: /quotes do not match/ },
	{ what: 'with semicolons', line: 'bob@example.com;hard', problem: /separated by commas/ },
	{ what: 'with two addresses', line: 'bob@example.com anna@example.com', problem: /two/ },
	{ what: 'in windows-1252', line: Buffer.from('zo\xeb@example.com', 'latin1'), problem: /not UTF-8/ },
	{ what: 'with a lone CR', line: 'bob@example.com\ranna@example.com', problem: /control character/ },
	{ what: 'with an MD5', line: `md5:${'a'.repeat(32)}`, problem: /SHA-256/ },
	{ what: 'with a bare hash', line: 'a'.repeat(64), problem: /sha256: in front/ },
	{ what: 'with a short hash', line: 'sha256:abc', problem: /64 digits/ },
	{ what: 'with a reason alone', line: ',hard', problem: /missing/ },
	{ what: 'with an escape sequence', line: 'bob@example.com,\u001b[2J', problem: /control character/ },
]) {
	test(`a line ${what} is refused with its place, and the lines around it are counted right`, (t) => {
		const content = Buffer.concat([Buffer.from('anna@example.com\n'), Buffer.from(line), Buffer.from('\nx\n')]);
		const path = listFile(t, content);
		const error = runErrorOf(() => SuppressionList.read([path], { seed }));
		assert.equal(error.exitCode, 65);
		const [second = '', third = ''] = error.hint.split('\n');
		assert.match(second, problem);
		assert.ok(second.startsWith(`${path}:2: `), second);
		assert.ok(third.startsWith(`${path}:3: "x" has no @`), third);
		assert.doesNotMatch(error.hint, /[\u0000\u001b]/);
	});
}

test('UTF-16 is refused with the command that makes it UTF-8, with and without its mark', (t) => {
	for (const content of ['\ufeffbob@example.com\n', 'bob@example.com\n']) {
		const path = listFile(t, Buffer.from(content, 'utf16le'));
		const error = runErrorOf(() => SuppressionList.read([path], { seed }));
		assert.equal(error.exitCode, 65);
		assert.match(error.hint, /^iconv -f UTF-16 -t UTF-8 /);
	}
});

test('a list that is not there is exit 66 with the command that makes one, unless it is the first and may be new', (t) => {
	const path = join(temporaryDirectory(t), 'none.csv');
	const error = runErrorOf(() => SuppressionList.read([path], { seed }));
	assert.equal(error.exitCode, 66);
	assert.match(error.hint, /mailshot suppress add someone@example\.com --list .*none\.csv/);
	assert.equal(SuppressionList.read([path], { seed, firstMayBeNew: true }).size, 0);
	const second = runErrorOf(() => SuppressionList.read([listFile(t, ''), path], { seed, firstMayBeNew: true }));
	assert.equal(second.exitCode, 66);
});

test('a list of any length is read whole, wherever its blocks are cut', (t) => {
	const addresses = Array.from({ length: 30_000 }, (_, at) => `person${at}@example${at % 7}.com`);
	const list = readList(t, addresses.map((text, at) => `${text},${at % 2 === 0 ? 'hard' : 'soft'}\n`).join(''));
	assert.equal(list.size, addresses.length);
	for (const [at, text] of addresses.entries()) {
		assert.equal(list.reasonOf(address(text)), at % 2 === 0 ? 'hard' : 'soft');
	}
});
