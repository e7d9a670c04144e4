/** Where the secret of tokens comes from, and what is refused. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	chownSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findAcceptedSecrets, findCampaignSecret, secretGiven } from '../../../src/cli/secrets/campaign-secret.ts';
import { parseSecret } from '../../../src/cli/secrets/parse-secret.ts';
import { openSettings } from '../../../src/cli/settings/open-settings.ts';
import { RunError, UsageError } from '../../../src/support/errors.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const text = 'a secret of thirty-two octets ...'.replaceAll(' ', '_');

async function given(env: Record<string, string>, config?: string) {
	const files = config === undefined ? {} : { config };
	return secretGiven(await openSettings(files, { env, directory: '/nowhere' }));
}

function problemOf(run: () => unknown): { readonly exitCode: number; readonly said: string } {
	try {
		run();
	} catch (error) {
		assert.ok(error instanceof RunError || error instanceof UsageError, String(error));
		return { exitCode: error.exitCode, said: `${error.message}\n${error.hint}` };
	}
	return assert.fail('nothing was refused');
}

async function find(env: Record<string, string>) {
	return findCampaignSecret(await given(env), { env, randomBytes });
}

test('a secret is text, base64 in either alphabet, or hex', () => {
	const octets = randomBytes(32);
	for (const [written, means] of [
		[text, Buffer.from(text)],
		[`base64:${octets.toString('base64')}`, octets],
		[`base64:${octets.toString('base64url')}`, octets],
		[`hex:${octets.toString('hex').toUpperCase()}`, octets],
	] as const) {
		assert.deepEqual(parseSecret(written), { kind: 'secret', octets: means }, written);
	}
});

test('a secret that can be guessed or was mistyped is refused, and not shown', () => {
	const why = (written: string) => {
		const parsed = parseSecret(written);
		assert.ok(parsed.kind === 'invalid', written);
		if (written.length > 3) assert.ok(!parsed.problem.includes(written));
		return parsed.problem;
	};
	assert.match(why('hunter2'), /has 7 octets, and 32 are the least/);
	assert.match(why(`base64:${Buffer.alloc(31).toString('base64')}`), /has 31 octets/);
	assert.match(why('base64:'), /has 0 octets/);
	assert.match(why(`hex:${'ab'.repeat(32)}c`), /not what its beginning says/);
	assert.match(why(`base64:${'-'.repeat(40)}!`), /not what its beginning says/);
	assert.match(why('changeme'.repeat(4)), /over and over/);
	assert.match(why('x'.repeat(64)), /over and over/);
	assert.match(why(`${text} `), /has a space or a line break/);
});

test('the variable comes before the file, and no file is made then', async (context) => {
	const home = temporaryDirectory(context);

	const { octets, madeFile } = await find({ HOME: home, MAILSHOT_SECRET: text });

	assert.deepEqual([octets.toString(), madeFile, readdirSync(home)], [text, '', []]);
});

test('a short variable is refused with a command that makes a good one', async (context) => {
	const env = { HOME: temporaryDirectory(context), MAILSHOT_SECRET: 'hunter2' };
	const options = await given(env);

	const { exitCode, said } = problemOf(() => findCampaignSecret(options, { env, randomBytes }));

	assert.equal(exitCode, 2);
	assert.match(said, /^the secret in MAILSHOT_SECRET has 7 octets[\s\S]*export MAILSHOT_SECRET="base64:\$\(head -c 32/);
	assert.ok(!said.includes('hunter2'));
});

test('without a variable the secret is made once, for its owner alone, and kept', async (context) => {
	const state = join(temporaryDirectory(context), 'state');

	const first = await find({ XDG_STATE_HOME: state });
	const second = await find({ XDG_STATE_HOME: state });

	const path = join(state, 'mailshot', 'secret');
	assert.deepEqual([first.madeFile, second.madeFile], [path, '']);
	assert.equal(first.octets.length, 32);
	assert.deepEqual(first.octets, second.octets);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.equal(statSync(join(state, 'mailshot')).mode & 0o777, 0o700);
	assert.deepEqual(readdirSync(join(state, 'mailshot')), ['secret']);
	// What is in it can be carried to another machine.
	assert.deepEqual((await find({ MAILSHOT_SECRET: readFileSync(path, 'utf8').trim() })).octets, first.octets);
});

test('of runs that make it at the same time all get the same one', async (context) => {
	const state = temporaryDirectory(context);
	const script = `
import { randomBytes } from 'node:crypto';
import { findCampaignSecret } from ${JSON.stringify(fileURLToPath(new URL('../../../src/cli/secrets/campaign-secret.ts', import.meta.url)))};
const { octets } = findCampaignSecret({ secret: null }, { env: { XDG_STATE_HOME: ${JSON.stringify(state)} }, randomBytes });
console.log(octets.toString('hex'));`;
	const run = promisify(execFile);

	const runs = await Promise.all(
		[1, 2, 3].map(() => run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])),
	);

	assert.equal(new Set(runs.map(({ stdout }) => stdout)).size, 1);
	assert.match(runs[0]?.stdout ?? '', /^[\da-f]{64}\n$/);
});

test('in CI nothing is made: the run ends with 78 and says what to do', async (context) => {
	const state = temporaryDirectory(context);
	for (const CI of ['true', '1', 'woodpecker']) {
		const env = { XDG_STATE_HOME: state, CI };
		const options = await given(env);
		const { exitCode, said } = problemOf(() => findCampaignSecret(options, { env, randomBytes }));
		assert.equal(exitCode, 78);
		assert.match(said, /in CI none is made[\s\S]*MAILSHOT_SECRET="base64:[\s\S]*secrets of the pipeline/);
	}
	assert.deepEqual(readdirSync(state), []);
	assert.equal((await find({ CI: 'true', MAILSHOT_SECRET: text })).octets.toString(), text);
	const { octets } = await find({ XDG_STATE_HOME: state, CI: 'false' });
	assert.deepEqual((await find({ XDG_STATE_HOME: state, CI: 'true' })).octets, octets, 'a file that is there is taken');
});

function keep(context: TestContext, written: string, mode = 0o600) {
	const state = temporaryDirectory(context);
	mkdirSync(join(state, 'mailshot'), { mode: 0o700 });
	const path = join(state, 'mailshot', 'secret');
	writeFileSync(path, written);
	chmodSync(path, mode);
	return { env: { XDG_STATE_HOME: state }, path };
}

function refusalOf(env: Record<string, string>): string {
	const { exitCode, said } = problemOf(() => findCampaignSecret({ secret: null }, { env, randomBytes }));
	assert.equal(exitCode, 78);
	return said;
}

test('a file that others can read or change is refused with the command that takes it from them', (context) => {
	for (const mode of [0o640, 0o604, 0o620, 0o602]) {
		const { env, path } = keep(context, `${text}\n`, mode);
		assert.ok(refusalOf(env).includes(`\nchmod 600 ${path}   and make a new one`), mode.toString(8));
	}
	const { env, path } = keep(context, `${text}\n`);
	chmodSync(join(path, '..'), 0o777);
	assert.match(refusalOf(env), /others can put another one in its place\nchmod 700 /);
});

test('a file that is no secret is refused, and never replaced', (context) => {
	for (const written of ['', 'short\n', 'hex:zz\n']) {
		const { env, path } = keep(context, written);
		assert.match(refusalOf(env), /Put the right one back/);
		assert.equal(readFileSync(path, 'utf8'), written);
	}
	const { env, path } = keep(context, text);
	symlinkSync(join(path, '..'), `${path}.link`);
	const folder = temporaryDirectory(context);
	mkdirSync(join(folder, 'mailshot', 'secret'), { recursive: true });
	assert.match(refusalOf({ XDG_STATE_HOME: folder }), /is no file/);
	assert.equal(findCampaignSecret({ secret: null }, { env, randomBytes }).octets.toString(), text);
});

test('a file of somebody else is refused', {
	skip: process.getuid?.() !== 0 && 'only root can give files away',
}, (context) => {
	const { env, path } = keep(context, text);
	chownSync(path, 65534, 65534);
	assert.match(refusalOf(env), /belongs to another user \(number 65534\)/);
});

test('a place where nothing can be made is refused with what to do', (context) => {
	const file = join(temporaryDirectory(context), 'file');
	writeFileSync(file, '');
	assert.match(refusalOf({ XDG_STATE_HOME: file }), /cannot be made: [\s\S]*export MAILSHOT_SECRET=/);
});

test('to verify, old secrets count as well, and without any nothing is made', async (context) => {
	const state = temporaryDirectory(context);
	const old = `hex:${'0123456789abcdef'.repeat(4)}`;
	const older = `base64:${randomBytes(32).toString('base64')}`;
	const env = { XDG_STATE_HOME: state, MAILSHOT_SECRET: text, MAILSHOT_SECRET_OLD: ` ${old}  ${older} ` };

	const accepted = findAcceptedSecrets(await given(env), env);

	assert.equal(accepted.length, 3);
	assert.equal(accepted[0]?.toString(), text);
	const none = await given({});
	const { exitCode, said } = problemOf(() => findAcceptedSecrets(none, { XDG_STATE_HOME: state }));
	assert.equal(exitCode, 78);
	assert.match(said, /no secret to verify with/);
	assert.deepEqual(readdirSync(state), []);
	const short = await given({ MAILSHOT_SECRET: text, MAILSHOT_SECRET_OLD: `${old} short` });
	assert.match(problemOf(() => findAcceptedSecrets(short, env)).said, /MAILSHOT_SECRET_OLD has 5 octets/);
});

test('a settings file may hold the secret when nobody else can read it', async (context) => {
	const path = join(temporaryDirectory(context), 'my.yaml');
	for (const [written, count] of [
		[`secret: ${text}`, 1],
		[`secret: ${text}\nsecret_old: [${text}2, ${text}3]`, 3],
	] as const) {
		writeFileSync(path, written);
		chmodSync(path, 0o600);
		assert.equal(findAcceptedSecrets(await given({}, path), {}).length, count);
		chmodSync(path, 0o644);
		await assert.rejects(given({}, path), { exitCode: 78, message: /others can read the file/ });
	}
});

test('the variables are known, and a mistyped one is not taken for none', async () => {
	const warnings = async (env: Record<string, string>) =>
		(await openSettings({}, { env, directory: '/nowhere' })).warnings;
	assert.deepEqual(await warnings({ MAILSHOT_SECRET: text, MAILSHOT_SECRET_OLD: text }), []);
	const [mistyped = ''] = await warnings({ MAILSHOT_SECRETS: text });
	assert.match(mistyped, /MAILSHOT_SECRETS is no setting of mailshot; did you mean MAILSHOT_SECRET\?$/);
	assert.ok(!mistyped.includes(text));
});

test('an --env-file may hold the secret when nobody else can read it', async (context) => {
	const envFile = join(temporaryDirectory(context), 'prod.env');
	writeFileSync(envFile, `MAILSHOT_SECRET=${text}\n`);
	chmodSync(envFile, 0o644);
	await assert.rejects(openSettings({ envFile }, { env: {}, directory: '/nowhere' }), { exitCode: 78 });
	chmodSync(envFile, 0o600);
	const settings = await openSettings({ envFile }, { env: {}, directory: '/nowhere' });
	assert.equal(findAcceptedSecrets(secretGiven(settings), {})[0]?.toString(), text);
});
