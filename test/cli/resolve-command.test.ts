/** `mailshot log resolve`: what people found out about unknown recipients, all of it or nothing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { filesOf, past, refusal, repair, resolve, rowsOf, statusIn, unknownIn, verify } from './log-commands.ts';
import { addRun, newCampaign } from './make-campaign.ts';

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
