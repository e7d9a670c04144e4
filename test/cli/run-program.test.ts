import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { runProgram } from '../../src/cli/run-program.ts';
import { FakeOutput } from './fake-output.ts';

async function run(...args: string[]) {
	const [stdout, stderr] = [new FakeOutput(), new FakeOutput()];
	const parts = Object.assign(new EventEmitter(), { env: {}, stdin: new PassThrough(), stdout, stderr });
	const exitCode = await runProgram(args, parts);
	return { exitCode, stdout: stdout.text, stderr: stderr.text, listeners: parts.eventNames() };
}

test('mailshot alone says what to try, and that is no error', async () => {
	const { exitCode, stdout, stderr } = await run();
	assert.equal(exitCode, 0);
	assert.match(stdout, /mailshot demo/);
	assert.equal(stderr, '');
});

test('help and version go to standard output and end with 0', async () => {
	for (const args of [['--help'], ['send', '--help'], ['help', 'send'], ['--version']]) {
		const { exitCode, stdout, stderr } = await run(...args);
		assert.deepEqual([exitCode, stderr, stdout !== ''], [0, '', true], args.join(' '));
	}
});

test('a usage error is shown once, with the help that would have prevented it', async () => {
	const { exitCode, stdout, stderr } = await run('send', 'list.csv', '--tempalte', 'x');
	assert.equal(exitCode, 2);
	assert.equal(stdout, '');
	assert.equal(stderr, "error: unknown option '--tempalte'\n  (Did you mean --template?)\n  mailshot send --help\n");
	assert.equal((await run('help', 'nothing')).exitCode, 2);
	assert.equal((await run('sned')).exitCode, 2);
});

test('a usage error under log points to the help of the command that was meant', async () => {
	for (const [args, help] of [
		[['log', 'resolve', 'r.jsonl'], 'log resolve'],
		[['log', 'resolve', 'r.jsonl', 'a@b.example', '--acepted'], 'log resolve'],
		[['log', 'verify'], 'log verify'],
		[['log', 'verify', 'resolve', '--what'], 'log verify'],
		[['log', 'repair', '--key'], 'log repair'],
		[['log', 'unknown', '--jsn', 'r.jsonl'], 'log unknown'],
		[['log', 'nothing'], 'log'],
		[['send', 'log', 'resolve'], 'send'],
	] as const) {
		const { exitCode, stderr } = await run(...args);
		assert.equal(exitCode, 2);
		assert.ok(stderr.endsWith(`  mailshot ${help} --help\n`), `${args.join(' ')}: ${stderr}`);
	}
	assert.match((await run('log', 'resolve', '--help')).stdout, /--not-sent/);
});

test('a missing file ends with 66, names the file, and leaves no listener behind', async () => {
	const { exitCode, stderr, listeners } = await run('send', 'nowhere.csv', '-t', 'nowhere.hbs', '--dry-run');
	assert.equal(exitCode, 66);
	assert.match(stderr, /^error: .*nowhere\.hbs/);
	assert.deepEqual(listeners, []);
});

test('with --json an error is a JSON line on standard error', async () => {
	const { exitCode, stdout, stderr } = await run('send', 'nowhere.csv', '-t', 'nowhere.hbs', '--dry-run', '--json');
	assert.equal(exitCode, 66);
	assert.equal(stdout, '');
	const { type, exit_code } = JSON.parse(stderr);
	assert.deepEqual([type, exit_code], ['error', 66]);
});
