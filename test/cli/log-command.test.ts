import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { verifyCommand } from '../../src/cli/log-command.ts';
import { makeProgram } from '../../src/cli/program.ts';
import { LogLock } from '../../src/results/journal/log-lock.ts';
import { readProcessIdentity } from '../../src/results/journal/process-identity.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { TestClock } from '../results/make-result.ts';
import { filesOf, past, refusal, repair, resolve, statusIn, surroundings, unknownIn, verify } from './log-commands.ts';
import { addRun, newCampaign } from './make-campaign.ts';

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
