/** What surrounds a run goes wrong: pipes that are slow or full, names that are taken, input that never ends. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildList, buildTemplate, writeFileIn } from '../helpers/list-builder.ts';
import { mailshotProgram, runMailshot } from '../helpers/run-mailshot.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

function inShell(cwd: string, command: string): { readonly code: number | null; readonly output: string } {
	const script = command.replaceAll('MAILSHOT', `'${process.execPath}' '${mailshotProgram}'`);
	const { status, stdout } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' });
	return { code: status, output: stdout };
}

const template = 'From: News <news@acme.example>\nSubject: Hi {{first_name}}\n\n<p>Hello {{first_name}}</p>\n';
const rehearsal = 'MAILSHOT send list.csv -t news.hbs --yes --sandbox --log r.jsonl';

test('through a slow pipe the end of a long report arrives', (t) => {
	const directory = temporaryDirectory(t);
	buildTemplate(directory, template);
	const bad = Array.from({ length: 20_000 }, (_, row) => `no-address-${row},x`).join('\n');
	writeFileIn(directory, 'list.csv', `email,first_name\n${bad}\n`);
	const { output } = inShell(
		directory,
		'MAILSHOT send list.csv -t news.hbs --dry-run 2>&1 | (read -r first; exec tail -n 2)',
	);
	assert.match(output, /dry run/);
	const rows = inShell(directory, 'MAILSHOT send list.csv -t news.hbs --dry-run 2>&1 | grep -c "no-address-"');
	assert.equal(Number(rows.output), 20_000);
});

test('output that cannot be written ends no run', {
	skip: existsSync('/dev/full') ? false : 'there is no /dev/full',
}, (t) => {
	for (const streams of ['>/dev/full', '2>/dev/full', '>/dev/full 2>&1', '>&- 2>&-', '--json | head -n 1 >/dev/null']) {
		const directory = temporaryDirectory(t);
		buildTemplate(directory);
		buildList(directory, { rows: 30 });
		const { code } = inShell(directory, `set -o pipefail; ${rehearsal} ${streams}`);
		assert.equal(code, 0, streams);
		const lines = readFileSync(join(directory, 'r.jsonl'), 'utf8').trimEnd().split('\n');
		assert.equal(lines.length, 30, streams);
		assert.match(readFileSync(join(directory, 'r.jsonl.summary.json'), 'utf8'), /"state": "finished"/);
	}
});

test('a rehearsal leaves the name of the real log free, and can be repeated', async (t) => {
	const directory = temporaryDirectory(t);
	buildTemplate(directory);
	buildList(directory, { rows: 3 });
	for (let time = 0; time < 2; time += 1) {
		const run = await runMailshot(['send', 'list.csv', '-t', 'news.hbs', '--yes', '--sandbox'], { cwd: directory });
		assert.equal(run.code, 0, run.stderr);
	}
	const logs = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
	assert.deepEqual(logs, ['list.news.sandbox.results.jsonl']);
});

test('what is no log is not called one, and nobody is told to move a device', async (t) => {
	const directory = temporaryDirectory(t);
	buildTemplate(directory);
	buildList(directory, { rows: 3 });
	mkdirSync(join(directory, 'folder'));
	symlinkSync('nowhere', join(directory, 'link'));
	const cases = [
		['/dev/null', /is a pipe, a socket or a device/],
		['folder', /is a directory/],
		['link', /is a symbolic link/],
	] as const;
	for (const [log, expected] of cases) {
		const run = await runMailshot(['send', 'list.csv', '-t', 'news.hbs', '--yes', '--sandbox', '--log', log], {
			cwd: directory,
		});
		assert.equal(run.code, 73, run.stderr);
		assert.match(run.stderr, expected);
		assert.doesNotMatch(run.stderr, /\bmv\b|earlier run/);
	}
});

test('a signal ends a run that still reads its list from standard input, and its copy is gone', async (t) => {
	for (const [signal, code] of [
		['SIGTERM', 143],
		['SIGINT', 130],
	] as const) {
		const directory = temporaryDirectory(t);
		const spool = temporaryDirectory(t);
		buildTemplate(directory, template);
		const child = spawn(process.execPath, [mailshotProgram, 'send', '-', '-t', 'news.hbs', '--yes', '--sandbox'], {
			cwd: directory,
			env: { PATH: process.env['PATH'], TMPDIR: spool },
			stdio: ['pipe', 'ignore', 'pipe'],
		});
		child.stdin.on('error', () => {});
		child.stdin.write('email,first_name\nanna@example.com,Anna\n');
		// The copy exists once the program has begun to read.
		while (readdirSync(spool).length === 0) await new Promise((resolve) => setImmediate(resolve));
		child.kill(signal);
		const [ended] = await once(child, 'close');
		assert.equal(ended, code, signal);
		assert.deepEqual(readdirSync(spool), []);
	}
});
