/** A power cut, simulated: after kill -9 journal and log are cut back, each for itself, to anywhere after their last fsync. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { startChaosServer } from './chaos-server.ts';
import { crashMatrix, Pace, runCrashCampaign } from './crash-loop.ts';
import { cutPower, recordSyncs } from './power-cut.ts';
import { SeededRandom } from './seeded-random.ts';

const server = await startChaosServer({ after });
const pace = new Pace();
const seed = 30_000;

for (const [index, shape] of crashMatrix().entries()) {
	// Every third: the shapes are the crash loop's business.
	if (index % 3 !== 1) continue;
	const { connections, window, pipelining, chunking, faults } = shape;
	const how = `${connections} connections, window ${window}, PIPELINING ${pipelining ? 'on' : 'off'}, CHUNKING ${chunking ? 'on' : 'off'}, faults ${faults.length > 0 ? 'on' : 'off'}`;
	test(`five power cuts: nothing lost, nothing doubled, unknown within the bound (${how})`, async () => {
		const outcome = await runCrashCampaign(
			{
				...shape,
				seed: seed + index,
				kills: 5,
				files: 'cut',
				envIn: recordSyncs,
				afterKill: (site, random) => cutPower([site.journalPath, site.logPath], random),
			},
			{ server, pace },
		);
		assert.deepEqual(outcome.violations, []);
	});
}

test('the cut keeps what was synced, and takes or spoils what was not', (t) => {
	const directory = temporaryDirectory(t);
	const path = join(directory, 'file');
	const program = `
		import fs from 'node:fs';
		const file = fs.openSync('file', 'a');
		fs.writeSync(file, 'synced');
		fs.fdatasync(file, () => {
			fs.writeSync(file, ' not synced');
			const folder = fs.openSync('.', 'r');
			fs.fsyncSync(folder);
		});
	`;
	const seen = new Set<string>();
	for (let round = 0; round < 40; round++) {
		writeFileSync(path, '');
		writeFileSync(join(directory, 'syncs.jsonl'), '');
		const env = { ...process.env, ...recordSyncs(directory) };
		if (round === 0) execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: directory, env });
		else restore(directory, path);
		if (round === 0) keep(directory);
		cutPower([path], new SeededRandom(round));
		const left = readFileSync(path, 'latin1');
		assert.ok(left.startsWith('synced'), left);
		assert.ok(left.length <= 'synced not synced'.length);
		seen.add(left);
	}
	assert.ok(seen.has('synced'));
	assert.ok([...seen].some((left) => left.includes('\0')));
	assert.ok([...seen].some((left) => /^synced n/.test(left)));
});

/** One run of the program serves all rounds. */
function keep(directory: string): void {
	writeFileSync(join(directory, 'syncs.kept'), readFileSync(join(directory, 'syncs.jsonl')));
}

function restore(directory: string, path: string): void {
	writeFileSync(path, 'synced not synced');
	writeFileSync(join(directory, 'syncs.jsonl'), readFileSync(join(directory, 'syncs.kept')));
}
