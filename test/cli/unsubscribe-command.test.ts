import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Environment } from '../../src/cli/surroundings.ts';
import { type VerifyFlags, verifyTokensCommand } from '../../src/cli/unsubscribe-command.ts';
import { makeUnsubscribeTokens } from '../../src/recipients/tokens/unsubscribe-token.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { address, otherSecret, someSecret } from '../recipients/tokens/some-secrets.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

const tokenFor = makeUnsubscribeTokens(someSecret, { campaign: 'november' });
const anna = tokenFor(address('Anna@example.com'));
const bob = tokenFor(address('bob@example.com'));
const forged = makeUnsubscribeTokens(otherSecret, { campaign: 'november' })(address('eve@example.com'));
const ours = `hex:${someSecret.toString('hex')}`;
const env: Environment = { MAILSHOT_SECRET: ours };

async function verify(tokens: readonly string[], flags: VerifyFlags = {}, { stdin = '', vars = env } = {}) {
	const [stdout, stderr] = [new FakeOutput(), new FakeOutput()];
	const exitCode = await verifyTokensCommand(tokens, flags, {
		env: vars,
		stdin: Readable.from([Buffer.from(stdin)]),
		stdout,
		stderr,
		clock: new TestClock(),
		randomBytes: (count) => Buffer.alloc(count, 1),
	});
	return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

test('a token that is right gives address and campaign, and 0', async () => {
	assert.deepEqual(await verify([anna]), { exitCode: 0, stdout: 'Anna@example.com\tnovember\n', stderr: '' });
});

test('a forged token gives 65 and nothing on standard output', async () => {
	const { exitCode, stdout, stderr } = await verify([forged]);
	assert.deepEqual([exitCode, stdout], [65, '']);
	assert.match(stderr, /^the token is not what we signed: it was changed, or signed with another secret/);
});

test('with --json there is an object for each token, in order, forged ones too', async () => {
	const { exitCode, stdout } = await verify(
		['-', forged],
		{ json: true },
		{ stdin: `${anna}\r\n\n 2${bob.slice(1)} \nx` },
	);
	assert.equal(exitCode, 65);
	assert.deepEqual(
		stdout
			.trimEnd()
			.split('\n')
			.map((line): unknown => JSON.parse(line)),
		[
			{ valid: true, address: 'Anna@example.com', campaign: 'november', reason: '' },
			{ valid: false, address: '', campaign: '', reason: 'version' },
			{ valid: false, address: '', campaign: '', reason: 'malformed' },
			{ valid: false, address: '', campaign: '', reason: 'forged' },
		],
	);
});

test('a token of the secret before is right, too', async () => {
	const vars = { MAILSHOT_SECRET: `hex:${otherSecret.toString('hex')}`, MAILSHOT_SECRET_OLD: ours };
	assert.equal((await verify([anna, forged], {}, { vars })).exitCode, 0);
});

test('--suppress adds who leaves to the list, once, and nobody whose token is forged', async (context) => {
	const suppress = join(temporaryDirectory(context), 'unsubscribed.csv');
	const first = await verify([anna, forged, bob], { suppress });
	assert.deepEqual([first.exitCode, first.stdout], [65, 'Anna@example.com\tnovember\nbob@example.com\tnovember\n']);
	const list = readFileSync(suppress, 'utf8');
	const lines = list
		.trimEnd()
		.split('\n')
		.filter((line) => !line.startsWith('#'));
	assert.equal(lines.length, 2);
	assert.match(lines[0] ?? '', /^anna@example\.com,unsubscribe,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,november$/);
	assert.match(lines[1] ?? '', /^bob@example\.com,unsubscribe,/);
	await verify([anna], { suppress });
	assert.equal(readFileSync(suppress, 'utf8'), list);
});

test('nobody is said to be off a list that cannot be written', async (context) => {
	const directory = temporaryDirectory(context);
	writeFileSync(join(directory, 'file'), '');
	const suppress = join(directory, 'file', 'list.csv');
	await assert.rejects(verify([anna], { suppress }), { exitCode: 66 });
	await assert.rejects(verify([anna], { suppress: '' }), { exitCode: 2 });
	assert.ok(!existsSync(suppress));
});

test('without a secret there is nothing to verify with', async (context) => {
	await assert.rejects(verify([anna], {}, { vars: { XDG_STATE_HOME: temporaryDirectory(context) } }), { exitCode: 78 });
});
