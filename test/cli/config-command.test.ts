import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type ConfigFlags, configCommand } from '../../src/cli/config-command.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';
import { givenFolder } from './settings/given-files.ts';

const yaml = `from: Acme News <news@acme.example>
password: hunter2
rate: [14/s, 10000/day]
smtp:
  - smtp://news@smtp.office365.com
  - { url: "smtps://other:hunter3@backup.example", connections: 2, rate: 5/s }
`;

async function show(t: TestContext, text: string, flags: ConfigFlags = {}, env: Record<string, string> = {}) {
	const config = givenFolder(t).write('my.yaml', text);
	const stdout = new FakeOutput();
	const stderr = new FakeOutput();
	const exitCode = await configCommand(
		{ config, ...flags },
		{
			command: 'mailshot config',
			env,
			stdin: new PassThrough(),
			stdout,
			stderr,
			clock: new TestClock(),
			randomBytes: (count) => Buffer.alloc(count),
			signals: new EventEmitter(),
			openTerminal: () => null,
		},
	);
	return { exitCode, stdout: stdout.text.replaceAll(config, 'my.yaml'), stderr: stderr.text };
}

test('each setting stands with its value and its place, and no secret is shown', async (t) => {
	const { exitCode, stdout } = await show(
		t,
		yaml,
		{ window: '5' },
		{ MAILSHOT_RETRY: '2m', MAILSHOT_PASSWORD_COMMAND: '' },
	);
	assert.equal(exitCode, 0);
	for (const line of [
		/^ {2}from +Acme News <news@acme\.example> +my\.yaml:1:7$/m,
		/^ {2}password +\(set\) +my\.yaml:2:11$/m,
		/^ {2}rate +14\/s, 10000\/day +my\.yaml:3:8$/m,
		/^ {2}window +5 +--window$/m,
		/^ {2}retry +2m +MAILSHOT_RETRY$/m,
		/^ {2}max_bounce_rate +20% +default$/m,
		/^ {2}Read: my\.yaml$/m,
	]) {
		assert.match(stdout, line);
	}
	assert.doesNotMatch(stdout, /hunter/);
});

test('the servers stand in order, each with its login, its limits and what its provider allows', async (t) => {
	const { stdout } = await show(t, yaml);
	const servers = stdout.slice(stdout.indexOf('  Server '));
	assert.match(servers, /^ {2}Server smtp:\/\/news@smtp\.office365\.com {2}my\.yaml:5:5$/m);
	assert.match(servers, /secret +password \(my\.yaml:2:11\)$/m);
	assert.match(servers, /provider +Office 365$/m);
	assert.match(servers, /pace +.*3 connections, up to 1000 messages each$/m);
	assert.match(servers, /^ {2}then smtps:\/\/other@backup\.example {2}my\.yaml:6:5$/m);
	assert.match(servers, /pace +5 a second, 2 connections/);
});

test('--json is one object with the same facts and no secret', async (t) => {
	const { stdout } = await show(
		t,
		yaml,
		{ json: true, smtp: ['smtp://news@smtp.office365.com', 'smtps://news@backup.example'] },
		{ MAILSHOT_OAUTH_TOKEN_COMMAND: 'hunter4' },
	);
	const config = JSON.parse(stdout);
	assert.equal(config.settings.find(({ name }: { name: string }) => name === 'rate').from, 'my.yaml:3:8');
	assert.deepEqual(
		config.servers.map(({ server, connections, secret }: Record<string, unknown>) => [server, connections, secret]),
		[
			['smtp://news@smtp.office365.com', 3, 'oauth_token_command'],
			['smtps://news@backup.example', 10, 'oauth_token_command'],
		],
	);
	assert.doesNotMatch(stdout, /hunter/);
});

test('a setting that send would refuse is refused', async (t) => {
	await assert.rejects(show(t, 'max_wait: soon\n'), {
		exitCode: 78,
		message: /^max_wait: "soon" in .*my\.yaml:1:11 is no time/,
	});
});

test('a value from a file cannot move the cursor', async (t) => {
	const { stdout } = await show(t, 'smtp: smtp://h\ntls_ca: "a\\e[2Jb"\n', {}).catch((error: unknown) => ({
		stdout: String(error),
	}));
	assert.doesNotMatch(stdout, /\u001b/);
});
