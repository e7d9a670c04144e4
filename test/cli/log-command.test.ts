import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { repairCommand, unknownCommand, verifyCommand } from '../../src/cli/log-command.ts';
import { makeProgram } from '../../src/cli/program.ts';
import { type ResolveFlags, resolveCommand } from '../../src/cli/resolve-command.ts';
import { KeyTable } from '../../src/recipients/key-table.ts';
import { statusOfState } from '../../src/results/journal/key-state.ts';
import { LogLock } from '../../src/results/journal/log-lock.ts';
import { readProcessIdentity } from '../../src/results/journal/process-identity.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';
import { addRun, newCampaign } from './make-campaign.ts';

function surroundings(stdin = '') {
	return {
		stdin: Readable.from([Buffer.from(stdin)]),
		stdout: new FakeOutput(),
		stderr: new FakeOutput(),
		clock: new TestClock(),
		randomBytes: (count: number) => Buffer.alloc(count, 7),
	};
}

async function unknownIn(logPath: string, flags: { readonly json?: boolean } = {}) {
	const context = surroundings();
	const code = await unknownCommand(logPath, flags, context);
	return { code, lines: context.stdout.text.split('\n').slice(0, -1), stderr: context.stderr.text };
}

async function resolve(
	logPath: string,
	recipients: readonly string[],
	flags: ResolveFlags & { readonly stdin?: string },
) {
	const context = surroundings(flags.stdin);
	const code = await resolveCommand({ file: logPath, recipients }, flags, context);
	return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

async function refusal(attempt: Promise<unknown>): Promise<{ exitCode: number; message: string; hint: string }> {
	const error: unknown = await attempt.then(
		() => null,
		(reason: unknown) => reason,
	);
	assert.ok(error !== null, 'it was not refused');
	const { exitCode, message, hint } = Object(error);
	return { exitCode, message, hint };
}

async function verify(logPath: string) {
	const context = surroundings();
	const code = await verifyCommand(logPath, context);
	return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

async function statusIn(logPath: string, key: string) {
	const keys = new KeyTable(Buffer.alloc(16, 1));
	const opened = await openCampaign(logPath, { keys, locals: new KeyTable(Buffer.alloc(16, 2)) });
	assert.equal(opened.kind, 'existing');
	keys.seek(key);
	return statusOfState(keys.value);
}

function rowsOf(logPath: string): Record<string, unknown>[] {
	return readFileSync(logPath, 'utf8')
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line));
}

function filesOf(logPath: string): string[] {
	const digest = (name: string) =>
		createHash('sha256')
			.update(readFileSync(join(dirname(logPath), name)))
			.digest('hex');
	return readdirSync(dirname(logPath)).map((name) => `${name} ${digest(name)}`);
}

const past = [
	{ address: 'Anna@example.com', ending: 'accepted' },
	{ address: 'Bob@example.com', ending: 'unknown' },
	{ address: 'carl@example.com', ending: 'bounced' },
	{ address: 'dora@example.com', ending: 'deferred' },
	{ address: 'eve@example.com', ending: 'unknown' },
] as const;

test('unknown lists who is unknown, one address a line, and changes nothing', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const before = filesOf(logPath);
	assert.deepEqual(await unknownIn(logPath), { code: 0, lines: ['Bob@example.com', 'eve@example.com'], stderr: '' });
	assert.deepEqual((await unknownIn(`${logPath}.journal`)).lines, ['Bob@example.com', 'eve@example.com']);
	assert.deepEqual(filesOf(logPath), before);
});

test('unknown --json has what people search a server log for', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const { lines } = await unknownIn(logPath, { json: true });
	const bob = JSON.parse(lines[0] ?? '');
	assert.deepEqual(
		{ ...bob, message_id: bob.message_id.replace(/^<[\da-f]{32}@/, '<id@') },
		{
			v: 1,
			recipient: 'Bob@example.com',
			key: 'bob@example.com',
			row: 2,
			line: 3,
			message_id: '<id@acme.example>',
			when: '2026-11-22T09:00:01.250Z',
			server: 'smtp.acme.example:587',
			connection: 3,
			error: 'no answer within 10 minutes after the final dot',
		},
	);
});

test('a mark that a crash left open is unknown, unless a run has it under way', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, [...past, { address: 'fay@example.com', ending: 'open' }]);
	assert.deepEqual((await unknownIn(logPath)).lines, ['Bob@example.com', 'eve@example.com', 'fay@example.com']);
	const lock = await LogLock.acquire(logPath, { identity: readProcessIdentity(), clock: new TestClock() });
	const { lines, stderr } = await unknownIn(logPath);
	lock.release();
	assert.deepEqual(lines, ['Bob@example.com', 'eve@example.com']);
	assert.match(stderr, /^A run is under way: .*process \d+ on /);
});

test('when nobody is unknown that is said, and it is 0', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, [{ address: 'anna@example.com', ending: 'accepted' }]);
	assert.deepEqual(await unknownIn(logPath), { code: 0, lines: [], stderr: `Nobody is unknown in ${logPath}.\n` });
});

test('a log that does not exist is 66', async (t) => {
	const path = join(temporaryDirectory(t), 'r.jsonl');
	assert.equal((await refusal(unknownIn(path))).exitCode, 66);
	assert.equal((await refusal(resolve(path, ['a@b.example'], { accepted: true }))).exitCode, 66);
	assert.deepEqual(readdirSync(dirname(path)), []);
});

test('resolve --accepted settles them for good, with a row each, and says what the next run does', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const rowsBefore = rowsOf(logPath);
	const { code, stderr, stdout } = await resolve(logPath, ['bob@EXAMPLE.com'], { accepted: true });
	assert.equal(code, 0);
	assert.equal(stdout, '');
	assert.equal(
		stderr,
		`1 recipient is accepted now; the next run passes them over.\n1 recipient is still unknown:\n  mailshot log unknown ${logPath}\n`,
	);
	assert.equal(await statusIn(logPath, 'bob@example.com'), 'accepted');
	assert.deepEqual((await unknownIn(logPath)).lines, ['eve@example.com']);

	const [row, ...others] = rowsOf(logPath).slice(rowsBefore.length);
	assert.deepEqual(others, []);
	assert.deepEqual(Object.keys(row ?? {}), Object.keys(rowsBefore[0] ?? {}));
	const unknownRow = rowsBefore[1] ?? {};
	for (const [column, value] of Object.entries({
		source: 'local',
		status: 'accepted',
		recipient: 'Bob@example.com',
		key: 'bob@example.com',
		row: 2,
		line: 3,
		error_type: '',
		campaign: 'november-news',
		tags: { team: 'a' },
	})) {
		assert.deepEqual(row?.[column], value, column);
	}
	assert.notEqual(row?.['run_id'], unknownRow['run_id']);
	assert.equal(existsSync(`${logPath}.lock`), false);
});

test('resolve --not-sent makes them deferred, so that the next run sends to them', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const { stderr } = await resolve(logPath, ['bob@example.com', 'eve@example.com', 'bob@example.com'], {
		notSent: true,
	});
	assert.equal(stderr, '2 recipients count as not sent now; the same send command sends to them again.\n');
	assert.equal(await statusIn(logPath, 'bob@example.com'), 'deferred');
	const rows = rowsOf(logPath).slice(-2);
	assert.deepEqual(
		rows.map(({ recipient, status, error_type: error }) => [recipient, status, error]),
		[
			['Bob@example.com', 'deferred', 'resolved.not_sent'],
			['eve@example.com', 'deferred', 'resolved.not_sent'],
		],
	);
});

test('a crash between the record of a resolve and its row: verify says so, and the next one completes the log', async (t) => {
	for (const flags of [{ notSent: true }, { accepted: true }] as const) {
		const logPath = newCampaign(t);
		await addRun(logPath, past);
		const before = readFileSync(logPath, 'utf8');
		await resolve(logPath, ['bob@example.com', 'eve@example.com'], flags);
		const whole = readFileSync(logPath, 'utf8');
		const journal = readFileSync(`${logPath}.journal`, 'utf8');
		const lastResolve = journal.lastIndexOf('{"type":"resolve"');
		writeFileSync(`${logPath}.journal`, journal.slice(0, journal.indexOf('\n', lastResolve) + 1));
		const firstRow = whole.indexOf('\n', before.length) + 1;
		writeFileSync(logPath, whole.slice(0, firstRow));
		const found = await verify(logPath);
		assert.match(found.stdout, /lacks 1 row that its journal has/);
		assert.match(found.stdout, /is whole; the next run puts its end right/);
		assert.equal((await repair(logPath)).code, 0);
		assert.equal(readFileSync(logPath, 'utf8'), whole);
		assert.match((await verify(logPath)).stdout, /is whole\.\n$/);
	}
});

test('the journal of a resolved log can be gone on with, and ends in a commit record for all of it', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	await resolve(logPath, ['bob@example.com'], { accepted: true });
	const records = rowsOf(`${logPath}.journal`);
	const last = records.at(-1);
	assert.equal(last?.['type'], 'commit');
	assert.equal(last?.['log'], readFileSync(logPath).length);
	const runs = records.filter(({ type }) => type === 'run');
	assert.deepEqual(
		runs.map(({ run, pid, message }) => [run, pid, message]),
		[
			[1, 4711, { From: 'Acme <news@acme.example>', Subject: 'Hello' }],
			[2, process.pid, { From: 'Acme <news@acme.example>', Subject: 'Hello' }],
		],
	);
	assert.deepEqual(
		records
			.slice(-4)
			.map(({ type }) => type)
			.filter((type) => type !== 'commit'),
		['run', 'resolve'],
	);
	await addRun(logPath, [{ address: 'gina@example.com', ending: 'unknown' }]);
	assert.deepEqual((await unknownIn(logPath)).lines, ['eve@example.com', 'gina@example.com']);
});

test('one who is not unknown is refused by name, and then nothing at all is written', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, [...past, { address: 'fay@example.com', ending: 'open' }]);
	const before = filesOf(logPath);
	const wanted = [
		'bob@example.com',
		'anna@example.com',
		'Carl@example.com',
		'nobody@example.com',
		'no address\u001b[2J',
	];
	const { exitCode, message, hint } = await refusal(resolve(logPath, wanted, { accepted: true }));
	assert.equal(exitCode, 2);
	assert.equal(
		message,
		`4 of 5 cannot be resolved, so nothing was written:
  anna@example.com: is not unknown but accepted
  Carl@example.com: is not unknown but bounced
  nobody@example.com: this log knows no such recipient
  no address: this log knows no such recipient`,
	);
	assert.ok(hint.includes(`mailshot log unknown ${logPath}`), hint);
	assert.deepEqual(filesOf(logPath), before);
});

test('what was resolved once is not unknown any more', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	await resolve(logPath, ['bob@example.com'], { accepted: true });
	const { message } = await refusal(resolve(logPath, ['bob@example.com'], { notSent: true }));
	assert.match(message, /bob@example\.com: is not unknown but accepted/);
});

test('marks that a crash left open are settled as unknown first, then resolved', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, [
		{ address: 'fay@example.com', ending: 'open' },
		{ address: 'Gus@example.com', ending: 'open' },
	]);
	const { stderr } = await resolve(logPath, ['gus@example.com'], { accepted: true });
	assert.match(stderr, /^an earlier run ended before it knew what became of 2 messages: recorded as unknown\n/);
	assert.deepEqual((await unknownIn(logPath)).lines, ['fay@example.com']);
	assert.deepEqual(
		rowsOf(logPath).map(({ recipient, status, source }) => [recipient, status, source]),
		[
			['fay@example.com', 'unknown', 'smtp'],
			['Gus@example.com', 'unknown', 'smtp'],
			['Gus@example.com', 'accepted', 'local'],
		],
	);
	assert.equal(await statusIn(logPath, 'gus@example.com'), 'accepted');
	assert.equal(await statusIn(logPath, 'fay@example.com'), 'unknown');
});

test('keys and standard input name recipients, too; what unknown prints, resolve takes', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, [
		{ address: 'sales@example.com', key: 'K-1', ending: 'unknown' },
		{ address: 'Sales@example.com', key: 'K-2', ending: 'unknown' },
		{ address: 'bob@example.com', key: 'K-3', ending: 'unknown' },
		{ address: 'eve@example.com', key: 'K-4', ending: 'unknown' },
	]);
	const { message } = await refusal(resolve(logPath, ['sales@example.com'], { accepted: true }));
	assert.match(message, /sales@example\.com: stands for 2 unknown recipients \(K-1, K-2\); name the key/);
	await resolve(logPath, ['K-4'], { accepted: true });
	const { lines } = await unknownIn(logPath);
	assert.deepEqual(lines, ['K-1', 'K-2', 'bob@example.com']);
	const stdin = `\ufeff${lines.join('\r\n')}\r\n\r\n`;
	assert.equal((await resolve(logPath, ['-'], { notSent: true, stdin })).code, 0);
	assert.deepEqual((await unknownIn(logPath)).lines, []);
});

test('resolve without its flag, or without anybody, shows the command as it was meant', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const flagless = await refusal(resolve(logPath, ['Bob@example.com', 'eve@example.com', 'a b'], {}));
	assert.equal(
		flagless.hint,
		`mailshot log resolve ${logPath} --accepted Bob@example.com eve@example.com 'a b'\nmailshot log resolve ${logPath} --not-sent Bob@example.com eve@example.com 'a b'`,
	);
	const nobody = await refusal(resolve(logPath, [], { notSent: true }));
	assert.ok(nobody.hint.includes(`mailshot log unknown ${logPath}`), nobody.hint);
	assert.ok(nobody.hint.includes(`mailshot log resolve ${logPath} --not-sent `), nobody.hint);
});

test('what is no regular file is refused by all commands about logs, with what it is: no stack, no waiting, no repair', async (t) => {
	const folder = newCampaign(t);
	mkdirSync(folder);
	const pipe = newCampaign(t);
	execFileSync('mkfifo', [pipe]);
	const pipedJournal = newCampaign(t);
	execFileSync('mkfifo', [`${pipedJournal}.journal`]);
	for (const [path, what] of [
		[folder, /is a directory: a log is a file/],
		[pipe, /is a pipe, a socket or a device: a log is a file/],
		[pipedJournal, /is a pipe, a socket or a device: a log is a file/],
		['/dev/null', /is a pipe, a socket or a device: a log is a file/],
	] as const) {
		for (const attempt of [
			() => verify(path),
			() => unknownIn(path),
			() => repair(path),
			() => resolve(path, ['bob@example.com'], { accepted: true }),
		]) {
			const { exitCode, message, hint } = await refusal(attempt());
			assert.equal(exitCode, 73, message);
			assert.match(message, what);
			assert.doesNotMatch(hint, /repair|--log/);
		}
	}
});

test('unknown of a log whose journal is gone names the repair', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	rmSync(`${logPath}.journal`);
	const { exitCode, hint } = await refusal(unknownIn(logPath));
	assert.equal(exitCode, 74);
	assert.ok(hint.includes(`mailshot log repair ${logPath}`), hint);
});

test('a file that is no log of mailshot is not repaired, and nothing is left beside it', async (t) => {
	const logPath = newCampaign(t);
	writeFileSync(logPath, 'email,name\nanna@example.com,Anna\n');
	for (const attempt of [() => verify(logPath), () => unknownIn(logPath), () => repair(logPath)]) {
		const { exitCode, message, hint } = await refusal(attempt());
		assert.equal(exitCode, 73);
		assert.equal(message, `${logPath} is not a log of mailshot`);
		assert.doesNotMatch(hint, /repair|--log/);
	}
	assert.deepEqual(readdirSync(dirname(logPath)), ['results.jsonl']);
});

test('verify speaks of rows and records, which are more than people', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const { stdout } = await verify(logPath);
	assert.match(stdout, /results\.jsonl\.journal: 5 records of results: 1 accepted, 1 bounced, 1 deferred, 2 unknown\n/);
	assert.match(stdout, /results\.jsonl: 5 rows: 1 accepted, 1 bounced, 1 deferred, 2 unknown\n/);
});

test('resolve wants one of its two flags, and somebody', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	for (const attempt of [
		resolve(logPath, ['bob@example.com'], {}),
		resolve(logPath, ['bob@example.com'], { accepted: true, notSent: true }),
		resolve(logPath, ['-'], { accepted: true, stdin: '\n\n' }),
	]) {
		assert.equal((await refusal(attempt)).exitCode, 2);
	}
});

test('a log that a run holds is refused with 75', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const lock = await LogLock.acquire(logPath, { identity: readProcessIdentity(), clock: new TestClock() });
	t.after(() => lock.release());
	assert.equal((await refusal(resolve(logPath, ['bob@example.com'], { accepted: true }))).exitCode, 75);
});

test('a damaged journal is refused with 74, and a torn end is put right on the way', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	appendFileSync(`${logPath}.journal`, '{"type":"mark","run":1,"ma');
	const { stderr } = await resolve(logPath, ['bob@example.com'], { accepted: true });
	assert.match(stderr, /^the journal ended in a line without its end \(26 octets\): cut off\n/);
	const whole = readFileSync(`${logPath}.journal`, 'utf8');
	writeFileSync(`${logPath}.journal`, whole.replace('"mark":2', '"mark":7'));
	assert.equal((await refusal(resolve(logPath, ['eve@example.com'], { accepted: true }))).exitCode, 74);
	assert.equal(existsSync(`${logPath}.lock`), false);
});

test('verify says of a whole log that it is whole, also after a resolve, and changes nothing', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	await resolve(logPath, ['bob@example.com'], { accepted: true });
	const before = filesOf(logPath);
	const { code, stdout, stderr } = await verify(logPath);
	assert.deepEqual([code, stderr], [0, '']);
	for (const line of stdout.trimEnd().split('\n').slice(0, -1)) assert.match(line, /^ok {6}/);
	assert.ok(stdout.endsWith(`${logPath} is whole.\n`), stdout);
	assert.deepEqual(filesOf(logPath), before);
});

test('verify of what a crash left is a notice and 0; of a log in use it says so', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, [...past, { address: 'fay@example.com', ending: 'open' }]);
	const crashed = await verify(logPath);
	assert.equal(crashed.code, 0);
	assert.match(crashed.stdout, /^notice .*nothing says what became of 1 message/m);
	assert.match(crashed.stdout, /the next run puts its end right\.\n$/);
	const lock = await LogLock.acquire(logPath, { identity: readProcessIdentity(), clock: new TestClock() });
	t.after(() => lock.release());
	const underWay = await verify(logPath);
	assert.equal(underWay.code, 0);
	assert.match(underWay.stderr, /^A run is under way/);
	assert.match(underWay.stdout, /its end is being written\.\n$/);
});

test('verify of a damaged log is 74, names the place and the repair', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const whole = readFileSync(`${logPath}.journal`, 'utf8');
	writeFileSync(`${logPath}.journal`, whole.replace('"mark":2', '"mark":7'));
	const context = surroundings();
	const { exitCode, hint } = await refusal(verifyCommand(logPath, context));
	assert.equal(exitCode, 74);
	assert.match(context.stdout.text, /^damage .*\.journal is damaged (?:at octet|between octets) \d+/m);
	assert.ok(hint.includes(`mailshot log repair ${logPath}`), hint);
	assert.equal((await refusal(verify(join(dirname(logPath), 'other.jsonl')))).exitCode, 66);
});

async function repair(logPath: string) {
	const context = surroundings();
	const code = await repairCommand(logPath, {}, context);
	return { code, stdout: context.stdout.text };
}

test('repair of a whole log changes nothing, and of what a crash left completes it', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const before = filesOf(logPath);
	assert.deepEqual(await repair(logPath), { code: 0, stdout: `${logPath} is fine: nothing to repair\n` });
	assert.deepEqual(filesOf(logPath), before);
	appendFileSync(logPath, '{"v":1,"timest');
	const { code, stdout } = await repair(logPath);
	assert.equal(code, 0);
	assert.match(stdout, /14 octets cut off/);
	assert.match((await verify(logPath)).stdout, /is whole\.\n$/);
});

test('repair of a damaged log keeps the old files, and the next verify finds it whole', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const whole = readFileSync(`${logPath}.journal`, 'utf8');
	writeFileSync(`${logPath}.journal`, whole.replace('"mark":2', '"mark";2'));
	const { code, stdout } = await repair(logPath);
	assert.equal(code, 0);
	assert.match(stdout, /^damage .*\.journal is damaged/);
	assert.match(stdout, /the old file is kept as .*\.journal\.damaged-1/);
	assert.equal((await verify(logPath)).code, 0);
	assert.equal(await statusIn(logPath, 'anna@example.com'), 'accepted');
	assert.equal(await statusIn(logPath, 'eve@example.com'), 'unknown');
	assert.equal(existsSync(`${logPath}.lock`), false);
});

test('what was resolved stays so through a repair', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	await resolve(logPath, ['bob@example.com'], { notSent: true });
	await resolve(logPath, ['eve@example.com'], { accepted: true });
	const whole = readFileSync(`${logPath}.journal`, 'utf8');
	writeFileSync(`${logPath}.journal`, whole.replace('"mark":1', '"mark";1'));
	await repair(logPath);
	assert.notEqual(await statusIn(logPath, 'bob@example.com'), 'unknown');
	assert.equal(await statusIn(logPath, 'eve@example.com'), 'accepted');
});

test('repair waits for no run: 75 while one holds the log', async (t) => {
	const logPath = newCampaign(t);
	await addRun(logPath, past);
	const lock = await LogLock.acquire(logPath, { identity: readProcessIdentity(), clock: new TestClock() });
	t.after(() => lock.release());
	assert.equal((await refusal(repair(logPath))).exitCode, 75);
});

test('no help of log is wider than 80 columns', async () => {
	for (const args of [['log'], ['log', 'unknown'], ['log', 'resolve'], ['log', 'verify'], ['log', 'repair']]) {
		const context = { ...surroundings(), env: {}, signals: new EventEmitter(), openTerminal: () => null, command: '' };
		const program = makeProgram(context, () => {});
		await assert.rejects(program.parseAsync([...args, '--help'], { from: 'user' }), {
			code: 'commander.helpDisplayed',
		});
		for (const line of context.stdout.text.split('\n')) assert.ok(line.length <= 80, line);
	}
});
