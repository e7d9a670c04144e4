/** An mbox comes apart into the octets that were put into it, whoever wrote it and however it arrives. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { inPieces, mboxrd, splitAll } from './mailbox-tools.ts';

const line = fc.oneof(
	fc.constantFrom(
		'',
		'From ',
		'From me',
		'From ann@example.com Sun Nov 22 10:00:00 2026',
		'From: x',
		'from me',
		' From x',
		'\r',
	),
	fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', '')),
);
const quotedLine = fc.constantFrom(
	'>From me',
	'>>From a@b Sun Nov 22 10:00:00 2026',
	'>From: x',
	'>',
	'> From x',
	'as in >From me',
	'>From ',
);
const lineEnd = fc.constantFrom('\n', '\r\n');

/** With header or without, LF or CRLF or both, with or without an end of the last line. */
function mails(anyLine: fc.Arbitrary<string>): fc.Arbitrary<Buffer[]> {
	const mail = fc
		.tuple(fc.array(fc.tuple(anyLine, lineEnd), { minLength: 1, maxLength: 12 }), fc.constantFrom('', 'the end'))
		.map(([lines, end]) => Buffer.from(`Subject: x\n${lines.map((each) => each.join('')).join('')}${end}`));
	return fc.array(mail, { minLength: 1, maxLength: 5 });
}

/** What comes back of a mail without an end of its last line: writers give it one. */
const ended = (mail: Buffer) => (mail.at(-1) === 10 ? mail : Buffer.concat([mail, Buffer.from('\n')]));
const shown = (octets: readonly Buffer[]) => octets.map((mail) => JSON.stringify(mail.toString('latin1')));

test('any mails written as mboxrd come out octet for octet, in pieces of any size', async () => {
	const run = async (written: Buffer[], size: number) => {
		const read = await splitAll(inPieces(mboxrd(written), size));
		assert.deepEqual(shown(read), shown(written.map(ended)));
	};
	await fc.assert(fc.asyncProperty(mails(fc.oneof(line, quotedLine)), fc.integer({ min: 1, max: 200 }), run), {
		numRuns: 300,
	});
});

test('mails that Python wrote as an mbox come out octet for octet', async (t) => {
	const folder = temporaryDirectory(t);
	// Python quotes as mboxo does, so a `>From ` of its own is lost there: mails without one.
	const samples = fc.sample(mails(line), 60);
	const program = [
		'import mailbox, sys, json, os',
		'for number, mails in enumerate(json.load(sys.stdin)):',
		'    box = mailbox.mbox(os.path.join(sys.argv[1], str(number)))',
		'    for mail in mails: box.add(bytes(mail, "latin1"))',
		'    box.close()',
	].join('\n');
	const input = JSON.stringify(samples.map((each) => each.map((mail) => mail.toString('latin1'))));
	const python = spawnSync('python3', ['-c', program, folder], { input, encoding: 'utf8' });
	assert.equal(python.status, 0, python.stderr);
	for (const [number, written] of samples.entries()) {
		const read = await splitAll(inPieces(readFileSync(join(folder, String(number))), 4096));
		assert.deepEqual(shown(read), shown(written.map(ended)));
	}
});

/** The same in small pieces as in one. */
async function read(text: string): Promise<string[]> {
	const octets = Buffer.from(text, 'latin1');
	const mails = (await splitAll(inPieces(octets, 7))).map(String);
	assert.deepEqual((await splitAll(inPieces(octets, octets.length))).map(String), mails);
	return mails;
}

test('a From_ line begins a mail only at the start and behind an empty line', async () => {
	const [first, second, ...others] = await read(
		'From a@b Sun Nov 22 10:00:00 2026\nA: 1\n\nbody\nFrom c@d Sun Nov 22 10:00:00 2026\n\nFrom e@f Sun Nov 22 10:00:00 2026\nB: 2\n\n',
	);
	assert.equal(first, 'A: 1\n\nbody\nFrom c@d Sun Nov 22 10:00:00 2026\n');
	assert.equal(second, 'B: 2\n');
	assert.deepEqual(others, []);
});

test('the From_ lines of Postfix, Thunderbird, Exim and Python are known in LF and in CRLF', async () => {
	for (const from of [
		'From MAILER-DAEMON  Sun Nov 22 10:00:00 2026',
		'From - Sun Nov 22 10:00:00 2026',
		'From - ',
		'From ',
		'From MAILER-DAEMON Sun Nov 22 2026',
		'From ann@example.com',
		'From "a b"@example.com Sun Nov 22 10:00:00 2026 +0100',
	]) {
		for (const end of ['\n', '\r\n']) {
			const one = `A: 1${end}${end}body${end}`;
			assert.deepEqual(await read(`${from}${end}${one}${end}${from}${end}${one}${end}`), [one, one], from);
		}
	}
});

test('prose that begins with From behind an empty line is no mail of its own, though a writer left it unquoted', async () => {
	const text = 'From a@b Sun Nov 22 10:00:00 2026\nA: 1\n\nHello,\n\nFrom now on we write less.\n';
	assert.deepEqual(await read(text), ['A: 1\n\nHello,\n\nFrom now on we write less.\n']);
});

test('Content-Length is not believed', async () => {
	const from = 'From a@b Sun Nov 22 10:00:00 2026\n';
	const mail = 'Content-Length: 9999\n\nbody\n';
	assert.deepEqual(await read(`${from}${mail}\n${from}${mail}\n`), [mail, mail]);
});

test('an mbox may begin with empty lines, end in the middle of a line, and hold mails without content', async () => {
	const from = 'From a@b Sun Nov 22 10:00:00 2026\n';
	assert.deepEqual(await read(`\n\r\n${from}A: 1\n\nbo`), ['A: 1\n\nbo']);
	assert.deepEqual(await read(`${from}\n${from}A: 1\n\n`), ['', 'A: 1\n']);
	assert.deepEqual(await read(`${from}A: 1\n\nx\n\nFrom a@b Sun No`), ['A: 1\n\nx\n\nFrom a@b Sun No']);
	assert.deepEqual(await read(''), []);
});

test('a From_ line longer than any is text', async () => {
	const long = `From ${'x'.repeat(5000)}`;
	assert.deepEqual(await read(`From a@b Sun Nov 22 10:00:00 2026\nA: 1\n\n${long}\n`), [`A: 1\n\n${long}\n`]);
});
