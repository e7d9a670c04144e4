/** What `npm publish` would ship: it holds what a run needs and nothing else, installs in an empty folder and runs the demo there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readLog } from './helpers/read-log.ts';
import { runMailshot } from './helpers/run-mailshot.ts';
import { temporaryDirectory } from './helpers/temporary-directory.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the tarball is installed; which paths it holds. */
const folder = temporaryDirectory({ after });
let packed: readonly string[] = [];

before(async () => {
	// Without scripts: `prepare` would rebuild dist under the feet of other tests.
	const pack = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root });
	const { tarball, files } = parsePackReport(pack.stdout);
	packed = files;
	const install = ['install', `./${tarball}`, '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
	await run('npm', install, { cwd: folder });
});

/** npm prints a list with one entry per package, or since npm 12 an object by name. */
function parsePackReport(json: string): { tarball: string; files: readonly string[] } {
	const report: Record<string, { filename: string; files: readonly { path: string }[] }> = JSON.parse(json);
	const [entry] = Object.values(report);
	assert.ok(entry !== undefined, json);
	return { tarball: entry.filename, files: entry.files.map(({ path }) => path) };
}

test('the tarball holds program, templates, samples, README and licence, and no source or test', () => {
	for (const path of ['bin/mailshot.js', 'dist/cli/main.js', 'README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']) {
		assert.ok(packed.includes(path), `${path} is missing`);
	}
	for (const directory of ['templates/', 'samples/']) {
		assert.ok(
			packed.some((path) => path.startsWith(directory)),
			`${directory} is empty or missing`,
		);
	}
	const rooms = /^(?:bin|dist|templates|samples)\/|^(?:README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
	assert.deepEqual(
		packed.filter((path) => !rooms.test(path)),
		[],
	);
});

test('installed in an empty folder it knows its version', async () => {
	const program = join(folder, 'node_modules', '.bin', 'mailshot');
	const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const { stdout } = await run(program, ['--version'], { cwd: folder });
	assert.ok(stdout.includes(version), stdout);
});

test('installed in an empty folder it finds its templates and runs the demo', async () => {
	const program = join(folder, 'node_modules', 'mailshot', 'bin', 'mailshot.js');
	const demo = await runMailshot(['demo'], { cwd: folder, program });
	assert.equal(demo.code, 0, demo.stderr);
	const rows = readLog(join(folder, 'mailshot-demo', 'results.jsonl'));
	assert.ok(rows.length >= 25, `${rows.length} rows`);
	const statuses = new Set(rows.map((row) => row.status));
	assert.ok(statuses.has('accepted') && statuses.has('bounced'), [...statuses].join(' '));
});
