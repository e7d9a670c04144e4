import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { isStillRunning, parseStat, readProcessIdentity } from '../../../src/results/journal/process-identity.ts';

const fieldsAfterName = 'S 1 77 77 0 -1 4194560 100 0 0 0 5 6 0 0 20 0 11 0 880123 1000000 200 18446744073709551615';

for (const name of ['node', 'tmux: server', 'a) S 1 2', '((x) y)', ')']) {
	test(`the start time is found behind a program called "${name}"`, () => {
		assert.deepEqual(parseStat(`4711 (${name}) ${fieldsAfterName}\n`), { state: 'S', started: '880123' });
	});
}

test('what is no stat line has no start time', () => {
	for (const text of ['', '4711 (node)', '4711 (node) S 1 2 3', `4711 (node) ${'x '.repeat(30)}`]) {
		assert.deepEqual(parseStat(text), { state: '', started: '' });
	}
});

test('this process knows itself, twice the same, and is running', () => {
	const identity = readProcessIdentity();
	assert.deepEqual(identity, readProcessIdentity());
	assert.equal(identity.pid, process.pid);
	assert.equal(identity.host, hostname());
	if (process.platform === 'linux') {
		assert.match(identity.pidStarted, /^\d+$/);
		assert.match(identity.bootId, /^[\da-f-]{36}$/);
	}
	assert.equal(isStillRunning(identity), true);
	assert.equal(isStillRunning({ pid: identity.pid, pidStarted: '' }), true);
});

test('a process that has ended is not running, nor is one that has its number now', async (t) => {
	if (process.platform === 'linux') {
		assert.equal(isStillRunning({ pid: process.pid, pidStarted: '1' }), false);
	}
	const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
	t.after(() => child.kill('SIGKILL'));
	await once(child, 'spawn');
	const { pid = 0 } = child;
	assert.equal(isStillRunning({ pid, pidStarted: '' }), true);
	child.stdin?.end();
	await once(child, 'exit');
	assert.equal(isStillRunning({ pid, pidStarted: '' }), false);
});

test('a process that was killed and is not reaped yet is not running', async (t) => {
	if (process.platform !== 'linux') return;
	// The shell starts a child and becomes another one, which knows of no child and never asks for it; that one says its number.
	const parent = spawn('sh', ['-c', 'sleep 600 & exec sh -c "echo $!; exec tail -f /dev/null"'], {
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	t.after(() => parent.kill('SIGKILL'));
	const [chunk] = await once(parent.stdout, 'data');
	const pid = Number(String(chunk));
	process.kill(pid, 'SIGKILL');
	while (isStillRunning({ pid, pidStarted: '' })) await new Promise((resolve) => setImmediate(resolve));
	process.kill(pid, 0);
});
