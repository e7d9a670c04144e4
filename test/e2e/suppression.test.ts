/** A suppression list keeps people out however often the CSV brings them back, and a run adds who bounced for good: once, and not for what is about us. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildTemplate } from '../helpers/list-builder.ts';
import { readLog, readSummary } from '../helpers/read-log.ts';
import { type FinishedRun, runMailshot, startMailshot } from '../helpers/run-mailshot.ts';
import { startSmtpServer, type TestSmtpServer } from '../helpers/smtp-server.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const dead = '550 5.1.1 User unknown';

interface House {
	readonly directory: string;
	readonly server: TestSmtpServer;
	send(...flags: string[]): Promise<FinishedRun>;
	/** `mailshot suppress ...` there. */
	suppress(...args: string[]): Promise<FinishedRun>;
	list(...names: string[]): void;
	read(name: string): string;
	/** `bob@example.com skipped suppressed`, in the order of the log. */
	rows(): readonly string[];
	/** Whom the server took messages for since the last call, sorted. */
	reached(): readonly string[];
}

async function givenHouse(t: TestContext, refused: Readonly<Record<string, string>> = {}): Promise<House> {
	const directory = temporaryDirectory(t);
	const server = await startSmtpServer({
		refused: new Map(Object.entries(refused).map(([name, reply]) => [`${name}@example.com`, reply])),
	});
	t.after(() => server.stop());
	buildTemplate(directory);
	let seen = 0;
	const flags = ['--smtp', `smtp://127.0.0.1:${server.port}`, '--yes', '--log', 'results.jsonl', '--concurrency', '1'];
	return {
		directory,
		server,
		send: (...more) =>
			runMailshot(['send', 'list.csv', '-t', 'news.hbs', ...flags, '--max-bounce-rate', 'none', ...more], {
				cwd: directory,
			}),
		suppress: (...args) => runMailshot(['suppress', ...args], { cwd: directory }),
		list: (...names) => {
			const rows = names.map((name) => `${name}@example.com,${name},B,C,D,1\n`);
			writeFileSync(join(directory, 'list.csv'), `email,first_name,last_name,city,plan,credit\n${rows.join('')}`);
		},
		read: (name) => readFileSync(join(directory, name), 'utf8'),
		rows: () =>
			readLog(join(directory, 'results.jsonl')).map(({ recipient, status, skip_reason: reason }) =>
				`${recipient} ${status} ${reason}`.trimEnd(),
			),
		reached: () => {
			const messages = server.messages.slice(seen);
			seen = server.messages.length;
			return messages.flatMap(({ to }) => to).sort();
		},
	};
}

test('suppressed rows are skipped and say so, once; taken off the list they are sent by the next run', async (t) => {
	const house = await givenHouse(t);
	house.list('anna', 'bob', 'carl');
	writeFileSync(join(house.directory, 'no.csv'), '# they asked\nBOB@example.com,unsubscribe\n');
	const first = await house.send('--suppress', 'no.csv', '--verbose');
	assert.equal(first.code, 0, first.stderr);
	assert.deepEqual(house.reached(), ['anna@example.com', 'carl@example.com']);
	assert.match(first.stderr, /skipped +1 +on a suppression list: unsubscribe 1/);
	assert.ok(house.rows().includes('bob@example.com skipped suppressed'));
	const summary = readSummary(join(house.directory, 'results.jsonl'), readLog(join(house.directory, 'results.jsonl')));
	assert.equal(summary.counts.skipped, 1);
	const again = await house.send('--suppress', 'no.csv');
	assert.equal(again.code, 0, again.stderr);
	assert.equal(house.rows().filter((row) => row.includes('suppressed')).length, 1);
	assert.deepEqual(house.reached(), []);
	const removed = await house.suppress('remove', 'bob@example.com', '--list', 'no.csv');
	assert.equal(removed.code, 0, removed.stderr);
	const last = await house.send('--suppress', 'no.csv');
	assert.equal(last.code, 0, last.stderr);
	assert.deepEqual(house.reached(), ['bob@example.com']);
});

test('hard bounces go into the first list when the run ends; the second run of the same log adds nobody twice', async (t) => {
	const house = await givenHouse(t, {
		bob: dead,
		dora: '452 4.2.2 mailbox full',
		emil: '554 5.7.1 listed at zen.spamhaus.org',
	});
	house.list('anna', 'bob', 'carl', 'dora', 'emil', 'fritz');
	writeFileSync(join(house.directory, 'other.csv'), 'fritz@example.com,complaint\n');
	const flags = ['--suppress', 'mine.csv', '--suppress', 'other.csv', '--retry', 'none', '--campaign', 'november'];
	const run = await house.send(...flags);
	assert.match(run.stderr, /1 address that bounced was added to mine\.csv/);
	const list = house.read('mine.csv');
	assert.match(list, /^# .*\nbob@example\.com,hard,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,november\n$/);
	assert.equal(house.read('other.csv'), 'fritz@example.com,complaint\n');
	await house.send(...flags);
	assert.equal(house.read('mine.csv'), list);
	// A new campaign: the CSV brings bob back, the list does not.
	house.list('bob', 'gert');
	house.reached();
	const next = await house.send(...flags, '--log', 'next.jsonl');
	assert.equal(next.code, 0, next.stderr);
	assert.deepEqual(house.reached(), ['gert@example.com']);
});

test('what a run could not write any more is written by the next one, and who was taken off stays off', async (t) => {
	const house = await givenHouse(t, { bob: dead });
	house.list('anna', 'bob', 'carl');
	await house.send();
	assert.equal(existsSync(join(house.directory, 'mine.csv')), false);
	await house.send('--suppress', 'mine.csv');
	assert.match(house.read('mine.csv'), /^bob@example\.com,hard/m);
	assert.equal((await house.suppress('remove', 'bob@example.com', '--list', 'mine.csv')).code, 0);
	await house.send('--suppress', 'mine.csv');
	assert.doesNotMatch(house.read('mine.csv'), /^bob/m);
});

test('the same words to five in a row are about us: nobody is suppressed for them, whatever they say', async (t) => {
	const names = ['a', 'b', 'c', 'd', 'e', 'f'];
	const house = await givenHouse(t, {
		...Object.fromEntries(names.map((name) => [name, `550 5.1.1 <${name}@example.com>: User unknown`])),
		zoe: '550 5.1.1 no such mailbox here',
	});
	house.list('anna', 'zoe', 'bert', ...names, 'carl');
	const run = await house.send('--suppress', 'mine.csv');
	assert.match(run.stderr, /6 addresses that bounced were not added to mine\.csv/);
	assert.match(run.stderr, /1 address that bounced was added/);
	assert.deepEqual(house.read('mine.csv').match(/^[^#,]+@example\.com/gm), ['zoe@example.com']);
});

/** A run over 41 people of whom the first bounces, killed when that is known. */
async function killedRun(t: TestContext, signal: NodeJS.Signals) {
	const house = await givenHouse(t, { a1: dead });
	house.list('a1', ...Array.from({ length: 40 }, (_, at) => `p${at}`));
	const server = `smtp://127.0.0.1:${house.server.port}`;
	const flags = ['--smtp', server, '--yes', '--log', 'results.jsonl', '--concurrency', '1', '--rate', '5/s'];
	const run = startMailshot(
		['send', 'list.csv', '-t', 'news.hbs', ...flags, '--suppress', 'mine.csv', '--progress', '100ms'],
		{ cwd: house.directory },
	);
	await run.stderrContains('bounced=1');
	run.kill(signal);
	return { house, ended: await run.finished };
}

test('a run that is stopped by a signal writes who bounced so far', async (t) => {
	const { house, ended } = await killedRun(t, 'SIGTERM');
	assert.equal(ended.code, 143, ended.stderr);
	assert.match(house.read('mine.csv'), /^a1@example\.com,hard/m);
});

test('after a kill -9 the next run of the same log writes who had bounced', async (t) => {
	const { house, ended } = await killedRun(t, 'SIGKILL');
	assert.equal(ended.signal, 'SIGKILL');
	assert.equal(existsSync(join(house.directory, 'mine.csv')), false);
	const next = await house.send('--suppress', 'mine.csv', '--limit', '1');
	assert.match(next.stderr, /1 address that bounced was added to mine\.csv/);
	assert.equal(house.read('mine.csv').match(/^a1@example\.com,hard/gm)?.length, 1);
});

test('a rehearsal leaves suppressed people out and the list alone', async (t) => {
	const house = await givenHouse(t);
	house.list('anna', 'bob+bounce');
	writeFileSync(join(house.directory, 'mine.csv'), 'anna@example.com\n');
	const args = ['send', 'list.csv', '-t', 'news.hbs', '--sandbox', '--suppress', 'mine.csv', '--log', 'results.jsonl'];
	const run = await runMailshot([...args, '--yes'], { cwd: house.directory });
	assert.equal(run.code, 3, run.stderr);
	assert.deepEqual(house.rows().slice().sort(), [
		'anna@example.com skipped suppressed',
		'bob+bounce@example.com bounced',
	]);
	assert.equal(house.read('mine.csv'), 'anna@example.com\n');
});

test('lists come from mailshot.yaml, beside it, and from MAILSHOT_SUPPRESS', async (t) => {
	const house = await givenHouse(t);
	house.list('anna', 'bob', 'carl');
	mkdirSync(join(house.directory, 'conf'));
	writeFileSync(join(house.directory, 'conf', 'a.csv'), 'anna@example.com\n');
	writeFileSync(join(house.directory, 'conf', 'b.csv'), 'bob@example.com\n');
	writeFileSync(join(house.directory, 'conf', 'mailshot.yaml'), 'suppress: [a.csv, b.csv]\n');
	await house.send('--config', 'conf/mailshot.yaml');
	assert.deepEqual(house.reached(), ['carl@example.com']);
	const why = await runMailshot(['suppress', 'why', 'anna@example.com'], {
		cwd: house.directory,
		env: { MAILSHOT_SUPPRESS: 'conf/b.csv conf/a.csv' },
	});
	assert.equal(why.stdout, 'anna@example.com: manual (conf/a.csv:1)\n');
});

test('a list with a wrong line, or a second one that is missing, stops before anything is sent', async (t) => {
	const house = await givenHouse(t);
	house.list('anna');
	writeFileSync(join(house.directory, 'mine.csv'), 'bob@\n');
	const wrong = await house.send('--suppress', 'mine.csv');
	assert.equal(wrong.code, 65);
	assert.match(wrong.stderr, /mine\.csv:1: "bob@" has no domain/);
	const nowhere = await house.send('--suppress', 'no-such-folder/mine.csv');
	assert.equal(nowhere.code, 73);
	assert.match(nowhere.stderr, /the suppression list no-such-folder\/mine\.csv cannot be written/);
	const missing = await house.send('--suppress', 'new.csv', '--suppress', 'none.csv');
	assert.equal(missing.code, 66);
	assert.match(missing.stderr, /there is no suppression list none\.csv/);
	assert.deepEqual(house.reached(), []);
	assert.equal(existsSync(join(house.directory, 'results.jsonl')), false);
});
