/** Node looks for an --env-file of its own among the arguments of a program, and obeys NODE_OPTIONS in it: bin/mailshot.js keeps it away from ours. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mailshotProgram } from '../helpers/run-mailshot.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

/** As a shell starts it: by its first line. */
function config(folder: string, ...flags: readonly string[]) {
	return spawnSync(mailshotProgram, ['config', ...flags], { cwd: folder, encoding: 'utf8' });
}

test('an --env-file that is missing is told by mailshot, not by Node', (t) => {
	const { status, stderr } = config(temporaryDirectory(t), '--env-file', 'no.env');
	assert.match(stderr, /^error: --env-file no\.env: there is no such file/);
	assert.equal(status, 78);
});

test('NODE_OPTIONS in an --env-file runs nothing', (t) => {
	const folder = temporaryDirectory(t);
	const script = join(folder, 'intruder.cjs');
	writeFileSync(script, 'process.exit(99)');
	writeFileSync(join(folder, 'my.env'), `NODE_OPTIONS=--require=${script}\nMAILSHOT_RATE=5/s\n`);
	const { status, stdout, stderr } = config(folder, '--env-file', 'my.env');
	assert.equal(status, 0, stderr);
	assert.match(stdout, /^ {2}rate +5\/s +my\.env:2$/m);
});
