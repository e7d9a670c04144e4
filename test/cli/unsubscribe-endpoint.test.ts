/** The endpoint that the help and the README show works as it stands there. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeUnsubscribeTokens } from '../../src/recipients/tokens/unsubscribe-token.ts';
import { cleanEnvironment } from '../helpers/run-mailshot.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { address, otherSecret, someSecret } from '../recipients/tokens/some-secrets.ts';

const endpoint = fileURLToPath(new URL('../../samples/unsubscribe-endpoint.mjs', import.meta.url));
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const token = (secret: Buffer) => makeUnsubscribeTokens(secret, { campaign: 'november' })(address('anna@example.com'));

/** Gives the URL that tokens stand behind. */
async function start(context: TestContext, directory: string): Promise<string> {
	const program = join(directory, 'mailshot');
	writeFileSync(
		program,
		`#!/bin/sh\nexec '${process.execPath}' --import '${import.meta.resolve('tsx')}' '${main}' "$@"\n`,
		{
			mode: 0o700,
		},
	);
	const child = spawn(process.execPath, [endpoint], {
		cwd: directory,
		env: {
			...cleanEnvironment(directory),
			MAILSHOT: program,
			PORT: '0',
			MAILSHOT_SECRET: `hex:${someSecret.toString('hex')}`,
		},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = once(child, 'close');
	context.after(async () => {
		child.kill();
		await ended;
	});
	const [said]: unknown[] = await once(child.stdout, 'data');
	return /http:\S+\/u\//.exec(String(said))?.[0] ?? assert.fail(String(said));
}

function post(url: string): Promise<Response> {
	// As RFC 8058 §3.2 has it.
	return fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/x-www-form-urlencoded' },
		body: 'List-Unsubscribe=One-Click',
		redirect: 'error',
	});
}

test('one click puts the address on the list; a look at the link and a forged one do not', async (context) => {
	const directory = temporaryDirectory(context);
	const url = await start(context, directory);
	const list = join(directory, 'unsubscribed.csv');

	const looked = await fetch(url + token(someSecret));
	assert.deepEqual([looked.status, /<form method="post">/.test(await looked.text())], [200, true]);
	assert.equal((await post(url + token(otherSecret))).status, 400);
	for (const path of ['', '-', '--help', `${token(someSecret)}/x`, '..%2f..'])
		assert.equal((await post(url + path)).status, 404);
	assert.equal(existsSync(list), false);

	const answer = await post(url + token(someSecret));

	assert.deepEqual([answer.status, /no more mail/.test(await answer.text())], [200, true]);
	assert.match(readFileSync(list, 'utf8'), /^anna@example\.com,unsubscribe,[^,]+,november$/m);
});
