/** The file of --trace: who may read it, what stands in it, and that it never gets in the way of the run. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeTraceDisk, type TraceDisk } from '../../src/cli/trace-disk.ts';
import { TraceFile } from '../../src/cli/trace-file.ts';
import type { ServerSettings } from '../../src/smtp/server-settings.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { exitCodes, RunError } from '../../src/support/errors.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const tenOClock = Date.UTC(2026, 10, 22, 10, 0, 0, 123);
const stamp = '2026-11-22T10:00:00.123Z';
const clock: Clock = { ...systemClock, now: () => tenOClock };

const server: ServerSettings = {
	host: 'smtp.acme.example',
	port: 587,
	tls: 'starttls',
	auth: { kind: 'password', user: 'news', password: 'correct-horse', origin: 'a test' },
	tlsCa: null,
	tlsFingerprint: '',
	clientName: '',
};

function openTrace(path: string, changes: Partial<{ disk: TraceDisk; onTrouble: (warning: string) => void }> = {}) {
	return new TraceFile(path, { disk: nodeTraceDisk, clock, onTrouble: (warning) => assert.fail(warning), ...changes });
}

/** Lines after the first, without their time. */
function linesOf(path: string): string[] {
	const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
	for (const line of lines) assert.ok(line.startsWith(`${stamp} `), line);
	return lines.slice(1).map((line) => line.slice(stamp.length + 1));
}

test('each event is a line with its time, its connection and who spoke', async (t) => {
	const path = join(temporaryDirectory(t), 'run.trace');
	const trace = openTrace(path);

	const third = trace.connection(3, server);
	third.server('220-smtp.acme.example\r\n220 ready\r\n');
	third.client('EHLO client.example\r\n');
	trace.connection(4, server).note('connected');
	third.client('<5587 octets>\r\n.\r\nMAIL FROM:<news@acme.example> SIZE=5587\r\nRCPT TO:<a@example.com>\r\n');
	third.note('closed');
	await trace.close();

	assert.equal(
		readFileSync(path, 'utf8').split('\n', 1)[0],
		`${stamp} mailshot trace: the dialogue without contents, secrets masked`,
	);
	assert.deepEqual(linesOf(path), [
		'#3 *: smtp.acme.example:587',
		'#3 S: 220-smtp.acme.example',
		'#3 S: 220 ready',
		'#3 C: EHLO client.example',
		'#4 *: smtp.acme.example:587',
		'#4 *: connected',
		'#3 C: <5587 octets>',
		'#3 C: .',
		'#3 C: MAIL FROM:<news@acme.example> SIZE=5587',
		'#3 C: RCPT TO:<a@example.com>',
		'#3 *: closed',
	]);
	assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('whatever is said between AUTH and its last reply is masked, and so is a password that comes back', async (t) => {
	const path = join(temporaryDirectory(t), 'run.trace');
	const trace = openTrace(path);
	const dialogue = trace.connection(1, server);

	dialogue.client('AUTH PLAIN AG5ld3MAY29ycmVjdC1ob3JzZQ==\r\n');
	dialogue.server('535-5.7.8 Bad: AG5ld3MAY29ycmVjdC1ob3JzZQ==\r\n535 correct%2dhorse CORRECT-HORSE\r\n');
	dialogue.client('AUTH LOGIN\r\n');
	dialogue.server('334 VXNlcm5hbWU6\r\n');
	dialogue.client('bmV3cw==\r\n');
	dialogue.server('334 UGFzc3dvcmQ6\r\n');
	dialogue.client('c29tZXRoaW5nIGVsc2U=\r\n');
	dialogue.server('235 2.7.0 Ok\r\n');
	dialogue.client('MAIL FROM:<>\r\n');
	trace.conceal('ya29.token', ['news']);
	dialogue.server(`451 ${Buffer.from('user=news\u0001auth=Bearer ya29.token\u0001\u0001').toString('base64')}\r\n`);
	await trace.close();

	assert.deepEqual(linesOf(path).slice(1), [
		'#1 C: AUTH PLAIN (secret)',
		'#1 S: 535-5.7.8 Bad: (secret)',
		'#1 S: 535 (secret) (secret)',
		'#1 C: AUTH LOGIN',
		'#1 S: 334 VXNlcm5hbWU6',
		'#1 C: (secret)',
		'#1 S: 334 UGFzc3dvcmQ6',
		'#1 C: (secret)',
		'#1 S: 235 2.7.0 Ok',
		'#1 C: MAIL FROM:<>',
		'#1 S: 451 (secret)',
	]);
});

test('a secret that comes in pieces is masked, also where the line is cut', async (t) => {
	const path = join(temporaryDirectory(t), 'run.trace');
	const trace = openTrace(path);
	const dialogue = trace.connection(1, server);

	for (const octet of '550 you said correct-horse\r\n') dialogue.server(octet);
	for (let length = 4_070; length <= 4_096; length += 1)
		dialogue.server(`250 ${'x'.repeat(length - 4)}correct-horse!!!\r\n`);
	dialogue.server('250 correct-');
	dialogue.server('horse');
	dialogue.note('closed');
	await trace.close();

	const lines = linesOf(path);
	assert.equal(lines[1], '#1 S: 550 you said (secret)');
	assert.equal(lines.at(-2), '#1 S: 250 (secret) (the line does not end)');
	assert.ok(!readFileSync(path, 'utf8').includes('correct'));
});

test('control characters are shown, UTF-8 is read, and a line without end is cut', async (t) => {
	const path = join(temporaryDirectory(t), 'run.trace');
	const trace = openTrace(path);
	const dialogue = trace.connection(1, server);

	dialogue.server('220 \u001b[2J\u0007 \u009b1m a\tb\rc \0\r\n');
	dialogue.server(`220 ${Buffer.from('Grüße', 'utf8').toString('latin1')} \u00fc\r\n`);
	dialogue.client(`RCPT TO:<${Buffer.from('jürgen@example.com', 'utf8').toString('latin1')}>\r\n`);
	for (let piece = 0; piece < 100; piece += 1) dialogue.server('x'.repeat(60_000));
	dialogue.server('\n250 Ok\n');
	dialogue.note('why \u202e');
	await trace.close();

	const lines = linesOf(path);
	assert.equal(lines[1], '#1 S: 220 \\x1b[2J\\x07 \\x9b1m a\\x09b\\x0dc \\x00');
	assert.equal(lines[3], '#1 C: RCPT TO:<jürgen@example.com>');
	assert.equal(lines[4], `#1 S: ${'x'.repeat(4_096)}… and ${6_000_000 - 4_096} octets more`);
	assert.deepEqual(lines.slice(5), ['#1 S: 250 Ok', '#1 *: why \\u202e']);
});

test('a trace goes on behind an earlier one', async (t) => {
	const path = join(temporaryDirectory(t), 'run.trace');
	await openTrace(path).close();
	await openTrace(path).close();

	assert.equal(readFileSync(path, 'utf8').split('\n').length, 3);
});

test('a file that others may read, that is no trace, or that is no file is refused and left alone', (t) => {
	const directory = temporaryDirectory(t);
	const at = (name: string) => join(directory, name);
	const refused = (name: string, message: RegExp) =>
		assert.throws(
			() => openTrace(at(name)),
			(error) => {
				assert.ok(error instanceof RunError);
				assert.equal(error.exitCode, exitCodes.cannotWriteLog);
				assert.match(error.message, message);
				return true;
			},
		);
	writeFileSync(at('list.csv'), 'email\na@example.com\n', { mode: 0o600 });
	writeFileSync(at('shared.trace'), '', { mode: 0o600 });
	chmodSync(at('shared.trace'), 0o640);
	symlinkSync(at('elsewhere'), at('link.trace'));
	mkdirSync(at('folder'));

	refused('list.csv', /list\.csv: that file exists and is no trace$/);
	refused('shared.trace', /: others may read or write that file$/);
	refused('link.trace', /: it is a symbolic link, and links are not followed$/);
	refused('folder', /EISDIR/);
	refused('nowhere/run.trace', /ENOENT/);
	assert.equal(readFileSync(at('list.csv'), 'utf8'), 'email\na@example.com\n');
	assert.equal(existsSync(at('elsewhere')), false);
	assert.throws(() => openTrace('/dev/null'), /no regular file|belongs to somebody else/);
});

/** A disk whose writes are finished by hand. */
function slowDisk(): {
	disk: TraceDisk;
	writes: ((error: Error | null, written: number) => void)[];
	text: () => string;
	closed: () => number;
} {
	const writes: ((error: Error | null, written: number) => void)[] = [];
	let text = '';
	let closed = 0;
	return {
		disk: {
			open: () => 7,
			facts: () => ({ isFile: true, isOurs: true, mode: 0o600, sizeBytes: 0 }),
			beginning: () => '',
			write: (_descriptor, bytes, done) => {
				writes.push((error, written) => {
					text += bytes.toString('utf8', 0, written);
					done(error, written);
				});
			},
			close: () => {
				closed += 1;
			},
		},
		writes,
		text: () => text,
		closed: () => closed,
	};
}

test('a full disk ends the trace with one warning, and nothing else', async () => {
	const { disk, writes, closed } = slowDisk();
	const warnings: string[] = [];
	const noTimer: Clock = { ...clock, after: () => ({ cancel: () => {} }) };
	const trace = new TraceFile('run.trace', { disk, clock: noTimer, onTrouble: (warning) => warnings.push(warning) });
	const dialogue = trace.connection(1, server);

	const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
	writes.shift()?.(full, 0);
	for (let line = 0; line < 1_000; line += 1) dialogue.client('NOOP\r\n');
	await trace.close();

	assert.deepEqual(warnings, ['--trace run.trace ends here: no space left on device (ENOSPC); the run goes on']);
	assert.deepEqual([writes.length, closed()], [0, 1]);
});

test('lines wait while the disk is busy, a short write is completed, and close waits for the last of them', async () => {
	const { disk, writes, text, closed } = slowDisk();
	const trace = openTrace('run.trace', { disk });
	const dialogue = trace.connection(1, server);
	dialogue.client('NOOP\r\n');

	assert.equal(writes.length, 1);
	writes.shift()?.(null, 10);
	writes.shift()?.(null, 1_000);
	let isClosed = false;
	const closing = trace.close().then(() => {
		isClosed = true;
	});
	await Promise.resolve();
	assert.deepEqual([isClosed, closed()], [false, 0]);
	writes.shift()?.(null, 1_000_000);
	await closing;

	assert.equal(closed(), 1);
	assert.match(text(), /^\S+ mailshot trace: .*\n\S+ #1 \*: smtp\.acme\.example:587\n\S+ #1 C: NOOP\n$/);
});

test('when the disk is slower than the dialogue, lines are left out and counted, and memory is bounded', () => {
	const { disk, writes, text } = slowDisk();
	const trace = openTrace('run.trace', { disk });
	const dialogue = trace.connection(1, server);
	const line = `250 ${'x'.repeat(4_000)}\r\n`;

	for (let count = 0; count < 6_000; count += 1) dialogue.server(line);
	writes.shift()?.(null, 1_000_000_000);
	writes.shift()?.(null, 1_000_000_000);
	writes.shift()?.(null, 1_000_000_000);

	const kept = text().split('\n').length - 4;
	assert.ok(kept > 3_000 && kept < 4_200, `${kept}`);
	assert.ok(text().endsWith(`${6_000 - kept} lines are missing here: the disk was slower than the dialogue\n`));
});
