/** `mailshot log`: who is unknown after a run, what somebody finds out about it, and what the next run makes of that. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildList, buildTemplate } from '../helpers/list-builder.ts';
import { readLog } from '../helpers/read-log.ts';
import { startRelay } from '../helpers/relay.ts';
import { type FinishedRun, runMailshot, startMailshot } from '../helpers/run-mailshot.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

/** A run over six rows that is killed while the server says nothing to the third dot. */
async function killedRun(t: TestContext) {
	const directory = temporaryDirectory(t);
	buildList(directory, { rows: 6 });
	buildTemplate(directory);
	let isSilent = true;
	let reach = () => {};
	const reached = new Promise<void>((resolve) => {
		reach = resolve;
	});
	const relay = await startRelay(t, {
		deviate: ({ command, recipient }) => {
			if (!isSilent || command !== 'dot' || recipient !== 'user3@example.com') return null;
			reach();
			return { hangUp: 'never' };
		},
	});
	const args = ['send', 'list.csv', '-t', 'news.hbs', '--yes', '--log', 'results.jsonl', '--smtp', relay.url];
	const running = startMailshot([...args, '--concurrency', '1', '--window', '1'], { cwd: directory });
	await reached;
	running.kill('SIGKILL');
	await running.finished;
	isSilent = false;
	const log = (...words: readonly string[]) => runMailshot(['log', ...words], { cwd: directory });
	const send = () => runMailshot(args, { cwd: directory });
	const sentTo = () => relay.accepted.map(({ recipient }) => recipient).sort();
	return { directory, logPath: join(directory, 'results.jsonl'), log, send, sentTo };
}

const all = [1, 2, 3, 4, 5, 6].map((number) => `user${number}@example.com`);

function assertDone(run: FinishedRun): void {
	assert.equal(run.code, 0, run.stderr);
}

test('after kill -9 the one in doubt is listed, resolved as accepted, and never sent to', async (t) => {
	const { log, send, sentTo, logPath } = await killedRun(t);
	const unknown = await log('unknown', 'results.jsonl');
	assert.deepEqual([unknown.code, unknown.stdout], [0, 'user3@example.com\n'], unknown.stderr);
	assertDone(await log('verify', 'results.jsonl'));
	const resolved = await log('resolve', 'results.jsonl', '--accepted', 'USER3@example.com');
	assertDone(resolved);
	assert.match(resolved.stderr, /^1 recipient is accepted now; the next run passes them over\.$/m);
	assertDone(await send());
	assert.deepEqual(
		sentTo(),
		all.filter((address) => address !== 'user3@example.com'),
	);
	assert.equal(readLog(logPath).filter(({ status }) => status === 'accepted').length, 6);
	assertDone(await log('verify', 'results.jsonl'));
	assert.equal((await log('unknown', 'results.jsonl')).stdout, '');
});

test('what unknown prints goes through a pipe into resolve --not-sent, and the next run sends it', async (t) => {
	const { directory, log, send, sentTo } = await killedRun(t);
	const { stdout } = await log('unknown', 'results.jsonl');
	const resolved = await runMailshot(['log', 'resolve', 'results.jsonl', '--not-sent', '-'], {
		cwd: directory,
		stdin: stdout,
	});
	assertDone(resolved);
	assertDone(await send());
	assert.deepEqual(sentTo(), all);
	const again = await log('resolve', 'results.jsonl', '--accepted', 'user3@example.com', 'nobody@example.com');
	assert.equal(again.code, 2);
	assert.match(again.stderr, /user3@example\.com: is not unknown but accepted/);
	assert.match(again.stderr, /nobody@example\.com: this log knows no such recipient/);
});

test('a damaged journal is found by verify, saved by repair, and nobody is sent to twice', async (t) => {
	const { log, logPath, send, sentTo } = await killedRun(t);
	const path = `${logPath}.journal`;
	writeFileSync(path, readFileSync(path, 'utf8').replace('"mark":1,', '"mark":9,'));
	const verified = await log('verify', 'results.jsonl');
	assert.equal(verified.code, 74);
	assert.match(verified.stdout, /^damage {2}results\.jsonl\.journal is damaged /m);
	assert.match(verified.stderr, /mailshot log repair results\.jsonl/);
	assertDone(await log('repair', 'results.jsonl'));
	assertDone(await log('verify', 'results.jsonl'));
	await send();
	assert.deepEqual(sentTo(), [...new Set(sentTo())]);
});

test('log --help shows its commands, and a wrong one is named', async (t) => {
	const cwd = temporaryDirectory(t);
	const help = await runMailshot(['log', '--help'], { cwd });
	assertDone(help);
	for (const name of ['unknown', 'resolve', 'verify', 'repair'])
		assert.match(help.stdout, new RegExp(`^ {2}${name} `, 'm'));
	const wrong = await runMailshot(['log', 'verfy', 'x'], { cwd });
	assert.equal(wrong.code, 2);
	const bare = await runMailshot(['log'], { cwd });
	assert.deepEqual([bare.code, bare.stderr], [2, 'error: log is followed by a command\n  mailshot log --help\n']);
	assert.equal((await runMailshot(['log', 'unknown', 'missing.jsonl'], { cwd })).code, 66);
});
