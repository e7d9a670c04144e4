/** Faults 52 to 60: signals, kills, pipes and files of the machine that sends. Proved at length in test/chaos and test/results; here each is seen once, from outside. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeFileIn } from '../helpers/list-builder.ts';
import { countStatuses, readLog } from '../helpers/read-log.ts';
import { assertTruth } from '../helpers/relay.ts';
import { mailshotProgram, runMailshot, startMailshot } from '../helpers/run-mailshot.ts';
import { startCampaign } from '../helpers/send-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { type FaultyServer, faultTemplate, listOf, moment, relayOf } from './fault-case.ts';

const hundreds = Array.from({ length: 400 }, (_, n) => `user${n}@example.com`);
const send = ['send', 'list.csv', '-t', 'news.hbs', '--log', 'results.jsonl', '--yes', '--retry', 'none'];

/** A server that calls `onDot` at each final dot; verdicts take a moment, so that a run can be met in the middle. */
async function server(t: TestContext, onDot: (count: number) => void = () => {}): Promise<FaultyServer> {
	let dots = 0;
	return relayOf(t, {
		deviate: ({ command }) => {
			if (command === 'dot') {
				dots += 1;
				onDot(dots);
			}
			return null;
		},
	});
}

function site(t: TestContext, people: readonly string[] = hundreds): string {
	const directory = temporaryDirectory(t);
	writeFileIn(directory, 'list.csv', listOf(people));
	writeFileIn(directory, 'news.hbs', faultTemplate);
	return directory;
}

for (const [signal, code] of [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const) {
	test(`fault 52: ${signal} lets what is under way reach its verdict, and ends with ${code}`, async (t) => {
		const tenth = moment();
		const relay = await server(t, (count) => count === 10 && tenth.reach());
		const flags = ['--concurrency', '2', '--rate', '100/s', '--retry', 'none'];
		const underWay = startCampaign(t, { list: listOf(hundreds), template: faultTemplate, smtp: relay.url, flags });
		await tenth.reached();
		underWay.kill(signal);
		const sent = await underWay.sent;
		assert.equal(sent.code, code, sent.stderr);
		const { counts, state } = sent.summary();
		assert.equal(state, 'stopped');
		assert.ok(counts.left > 0 && counts.unknown === 0);
		if (relay.relay !== undefined) assertTruth(relay.relay, sent);
	});
}

test('fault 53: a run that is killed goes on where it was: nobody gets two copies, and at most the window is unknown', async (t) => {
	const tenth = moment();
	const relay = await server(t, (count) => count === 10 && tenth.reach());
	const directory = site(t);
	const first = startMailshot([...send, '--smtp', relay.url, '--concurrency', '2', '--rate', '200/s'], {
		cwd: directory,
	});
	await tenth.reached();
	first.kill('SIGKILL');
	assert.equal((await first.finished).signal, 'SIGKILL');
	const second = await runMailshot([...send, '--smtp', relay.url], { cwd: directory });
	assert.ok(second.code === 0 || second.code === 3, second.stderr);
	const { accepted = 0, unknown = 0 } = countStatuses(readLog(join(directory, 'results.jsonl')));
	assert.equal(accepted + unknown, hundreds.length);
	assert.ok(unknown <= 2 * 2, `${unknown} unknown`);
	assert.equal(new Set(relay.copies()).size, relay.copies().length, 'somebody got two copies');
});

test('fault 54: a pipe that closes after the first line ends no run', async (t) => {
	const relay = await server(t);
	const directory = site(t);
	const { code } = await shellBeside(
		t,
		directory,
		`set -o pipefail; MAILSHOT ${send.join(' ')} --smtp ${relay.url} --json --progress 10s | head -n 1 >/dev/null`,
	);
	assert.equal(code, 0);
	assert.equal(relay.copies().length, hundreds.length);
});

test('fault 55: without a terminal nothing is asked, nothing is animated, and a question that would be needed ends with 2', async (t) => {
	const relay = await server(t);
	const directory = site(t);
	const unasked = await runMailshot([...send.filter((word) => word !== '--yes'), '--smtp', relay.url], {
		cwd: directory,
	});
	assert.equal(unasked.code, 2, unasked.stderr);
	assert.match(unasked.stderr, /--yes/);
	assert.equal(relay.copies().length, 0);
	const sent = await runMailshot([...send, '--smtp', relay.url], { cwd: directory });
	assert.equal(sent.code, 0, sent.stderr);
	assert.doesNotMatch(sent.stderr + sent.stdout, /\u001b|\r/);
});

test('fault 56: too few file descriptors: the run goes on with the connections that it got', async (t) => {
	const relay = await server(t);
	const directory = site(t);
	const { code, stderr } = await shellBeside(
		t,
		directory,
		`ulimit -n 128; MAILSHOT ${send.join(' ')} --smtp ${relay.url} --concurrency 200`,
	);
	assert.equal(code, 0, stderr);
	assert.equal(relay.copies().length, hundreds.length);
	assert.ok((relay.relay?.peakConnections ?? 0) < 128);
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

test('fault 57: a disk that runs full stops the run before the next dot, and what the server said until then is kept', {
	skip: canMount ? false : 'a small disk can only be mounted by root',
}, async (t) => {
	const relay = await server(t);
	const directory = site(
		t,
		Array.from({ length: 20_000 }, (_, n) => `user${n}@example.com`),
	);
	const disk = smallDisk(t);
	const words = send.map((word) => (word === 'results.jsonl' ? join(disk, word) : word));
	const sent = await runMailshot([...words, '--smtp', relay.url], { cwd: directory });
	assert.equal(sent.code, 73, sent.stderr);
	assert.match(sent.stderr, /ENOSPC|no space|full/i);
	execFileSync('mount', ['-o', 'remount,size=64m', disk]);
	const again = await runMailshot([...words, '--smtp', relay.url], { cwd: directory });
	assert.ok(again.code === 0 || again.code === 3, again.stderr);
	assert.equal(new Set(relay.copies()).size, relay.copies().length, 'somebody got two copies');
	const { accepted = 0, unknown = 0 } = countStatuses(readLog(join(disk, 'results.jsonl')));
	assert.equal(accepted + unknown, 20_000);
	assert.ok(unknown <= 2 * 10, `${unknown} unknown`);
});

test('fault 58: a log that cannot be written is found out before anybody is connected to (judged: 73, as in design.md §6; 74 is for a log that was changed)', async (t) => {
	const relay = await server(t);
	const directory = site(t);
	mkdirSync(join(directory, 'sub'));
	for (const log of ['nowhere/results.jsonl', 'sub']) {
		const words = send.map((word) => (word === 'results.jsonl' ? log : word));
		const sent = await runMailshot([...words, '--smtp', relay.url], { cwd: directory });
		assert.equal(sent.code, 73, sent.stderr);
		assert.match(sent.stderr, /nowhere|sub/);
	}
	assert.equal(relay.relay?.connectionCount, 0);
});

for (const [what, harm] of [
	['truncated', (path: string) => truncateSync(path, 10)],
	['renamed', (path: string) => renameSync(path, `${path}.1`)],
	['written to by somebody else', (path: string) => appendFileSync(path, '{"type":"x"}\n')],
] as const) {
	test(`fault 59: a journal that is ${what} under the run stops it with 74 before the next dot (judged: the catalogue says 73; design.md §6 keeps 74 for a log that is not as it was left)`, async (t) => {
		const directory = site(t);
		let takenBefore = 0;
		const relay = await server(t, (count) => {
			if (count !== 10) return;
			harm(join(directory, 'results.jsonl.journal'));
			takenBefore = relay.copies().length;
		});
		const sent = await runMailshot([...send, '--smtp', relay.url, '--concurrency', '2', '--rate', '200/s'], {
			cwd: directory,
		});
		assert.equal(sent.code, 74, sent.stderr);
		assert.match(sent.stderr, /journal/);
		// What had its mark already may still go out: the window of two connections.
		assert.ok(relay.copies().length <= takenBefore + 5, `${relay.copies().length - takenBefore} after it`);
	});
}

test('fault 60: a bug that ends the process leaves a journal that the next run goes on with', async (t) => {
	const relay = await server(t);
	const directory = site(t);
	const preload = writeFileIn(directory, 'bug.mjs', 'process.on("SIGWINCH", () => { throw new Error("a bug"); });\n');
	const tenth = moment();
	const buggy = await server(t, (count) => count === 10 && tenth.reach());
	const first = startMailshot([...send, '--smtp', buggy.url, '--concurrency', '2', '--rate', '200/s'], {
		cwd: directory,
		env: { NODE_OPTIONS: `--import=${preload}` },
	});
	await tenth.reached();
	first.kill('SIGWINCH');
	const { code, signal } = await first.finished;
	assert.ok(code !== 0 && signal === null, `${code} ${signal}`);
	const second = await runMailshot([...send, '--smtp', relay.url], { cwd: directory });
	assert.ok(second.code === 0 || second.code === 3, second.stderr);
	const copies = [...buggy.copies(), ...relay.copies()];
	assert.equal(new Set(copies).size, copies.length, 'somebody got two copies');
	const { accepted = 0, unknown = 0 } = countStatuses(readLog(join(directory, 'results.jsonl')));
	assert.equal(accepted + unknown, hundreds.length);
});

/** Three megabytes. Outside the directory of the test, which is removed first. */
function smallDisk(t: TestContext): string {
	const disk = mkdtempSync(join(tmpdir(), 'mailshot-disk-'));
	execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
	t.after(() => {
		execFileSync('umount', [disk]);
		rmdirSync(disk);
	});
	return disk;
}

/** Runs a command line beside the server in this process. */
async function shellBeside(
	t: TestContext,
	cwd: string,
	command: string,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
	const script = command.replaceAll('MAILSHOT', `'${process.execPath}' '${mailshotProgram}'`);
	const child = spawn('bash', ['-c', script], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
	t.after(() => void child.kill());
	let stderr = '';
	child.stderr.on('data', (chunk: Buffer) => {
		stderr += chunk.toString('utf8');
	});
	return new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })));
}
