import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { makeProgram, shortHelp } from '../../src/cli/program.ts';
import type { Surroundings } from '../../src/cli/surroundings.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

async function run(...args: string[]) {
	const stdout = new FakeOutput();
	const surroundings: Surroundings = {
		command: 'mailshot',
		env: {},
		stdin: new PassThrough(),
		stdout,
		stderr: new FakeOutput(),
		clock: new TestClock(),
		randomBytes: (count) => Buffer.alloc(count),
		signals: new EventEmitter(),
		openTerminal: () => null,
	};
	let exitCode = -1;
	const program = makeProgram(surroundings, (code) => {
		exitCode = code;
	});
	try {
		await program.parseAsync(args, { from: 'user' });
		return { exitCode, code: '', message: '', stdout: stdout.text };
	} catch (error) {
		const { code = '', message = '' } = Object(error);
		return { exitCode, code: String(code), message: String(message), stdout: stdout.text };
	}
}

test('--help begins with examples, groups the commands and lists every exit code', async () => {
	const { code, stdout } = await run('--help');
	assert.equal(code, 'commander.helpDisplayed');
	assert.ok(stdout.startsWith('Send one templated message to every row of a CSV file.\n\n  mailshot demo '));
	for (const heading of ['Try:', 'Send:', 'Look:', 'Help:', 'Exit codes:'])
		assert.ok(stdout.includes(`\n${heading}\n`), heading);
	for (const exit of [0, 1, 2, 3, 4, 5, 65, 66, 69, 73, 77, 78, 129, 130, 143]) {
		assert.match(stdout, new RegExp(`^ {2}[\\d ]*\\b${exit}\\b`, 'm'));
	}
});

test('the help of send begins with examples and shows the defaults', async () => {
	const { stdout } = await run('send', '--help');
	assert.ok(stdout.startsWith('Examples:\n  mailshot send list.csv'));
	for (const flag of [
		'--template',
		'--smtp',
		'--user',
		'--tls',
		'--tls-ca',
		'--from',
		'--subject',
		'--email-column',
		'--delimiter',
		'--rate',
		'--domain-rate',
		'--retry',
		'--max-wait',
		'--max-bounce-rate',
		'--max-failures',
		'--max-runtime',
		'--deadline',
		'--provider',
		'--password-file',
		'--password-command',
		'--oauth-token-command',
		'--oauth-refresh',
		'--tls-fingerprint',
		'--trace',
		'--config',
		'--env-file',
		'SIGUSR2',
		'nohup',
	]) {
		assert.ok(stdout.includes(flag), flag);
	}
	for (const fallback of ['10', '1000', '30s', 'auto', 'utf-8'])
		assert.ok(stdout.includes(`(default: ${fallback})`) || stdout.includes(fallback));
});

test('no help is wider than 80 columns', async () => {
	const texts = [
		shortHelp,
		...(
			await Promise.all([
				run('--help'),
				run('send', '--help'),
				run('sandbox', '--help'),
				run('probe', '--help'),
				run('config', '--help'),
			])
		).map(({ stdout }) => stdout),
	];
	for (const line of texts.join('\n').split('\n')) assert.ok(textWidth(line) <= 80, line);
});

test('a mistyped command or flag is answered with the one that was meant', async () => {
	assert.match((await run('sned')).message, /unknown command 'sned'\n\(Did you mean send\?\)/);
	assert.match(
		(await run('send', 'list.csv', '--tempalte', 'x')).message,
		/unknown option '--tempalte'\n\(Did you mean --template\?\)/,
	);
	assert.equal((await run('send')).code, 'commander.missingArgument');
	assert.equal((await run('send', 'a', 'b')).code, 'commander.excessArguments');
	assert.equal((await run('help', 'nothing')).code, 'commander.help');
});

test('--version prints the version alone', async () => {
	assert.match((await run('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('what a command throws reaches the one place that shows it', async () => {
	assert.match((await run('send', 'list.csv')).message, /template is missing/);
	assert.match((await run('sandbox', '--auth', 'nocolon')).message, /--auth is not user:password/);
	assert.match((await run('sandbox', '--port', '70000')).message, /--port "70000"/);
});

test('a flag that may be repeated keeps its values in order', async () => {
	const { stdout } = await run(
		'config',
		'--rate',
		'14/s',
		'--rate',
		'10000/day',
		'--smtp',
		'smtp://b',
		'--smtp',
		'smtp://a',
	);
	assert.match(stdout, /^ {2}rate +14\/s, 10000\/day +--rate$/m);
	assert.match(stdout, /^ {2}smtp +smtp:\/\/b smtp:\/\/a +--smtp$/m);
});
