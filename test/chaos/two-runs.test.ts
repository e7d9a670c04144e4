/** Two to five runs on one log: with the lock one goes on and the others say who; without it the fence sees to it that nobody is sent to twice. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { CampaignSite } from './campaign-site.ts';
import { startChaosServer } from './chaos-server.ts';
import { judge } from './judge.ts';
import { buildPatched } from './patched-build.ts';
import { runCrowd } from './two-runs.ts';

const server = await startChaosServer({ after });
const program = buildPatched({ after }, ['no-lock.patch']);

/** Whoever goes on is not done before the others have met his lock. */
const heldUp = { held: { greeting: false, quit: false, dotsFrom: 20 } } as const;

for (const processes of [2, 3, 5]) {
	test(`${processes} runs at once without a lock, killed at random: nobody is sent to twice, nobody is forgotten`, async (t) => {
		const endings: Record<string, number> = {};
		for (let round = 0; round < 3; round++) {
			const outcome = await runCrowd(
				{
					seed: 40_000 + 100 * processes + round,
					rows: 300,
					processes,
					rounds: 3,
					connections: 10,
					window: 1 + (round % 2),
					killOdds: 0.5,
					program,
				},
				server,
			);
			assert.deepEqual(outcome.violations, []);
			for (const [how, count] of Object.entries(outcome.endings)) endings[how] = (endings[how] ?? 0) + count;
		}
		t.diagnostic(`ended with ${JSON.stringify(endings)}`);
	});
}

test('with the lock one run goes on to the end, and the others end with 75 and name its process and host', async (t) => {
	const site = new CampaignSite({ directory: temporaryDirectory(t), smtp: server.url, rows: 200 });
	await server.begin(heldUp);
	const first = site.start();
	await server.dots(5);
	const others = await Promise.all([site.run(), site.run(), site.run()]);
	server.release();
	for (const other of others) {
		assert.equal(other.code, 75, other.stderr);
		assert.match(other.stderr, /process \d+/);
		assert.ok(other.stderr.includes(hostname()), other.stderr);
	}
	assert.equal((await first.finished).code, 0);
	const truth = await server.report();
	assert.equal(truth.dots.length, 200);
	const { violations } = judge({
		logPath: site.logPath,
		keys: site.keys,
		truth,
		unknownBound: 0,
		window: 2,
		isFinished: true,
		files: 'whole',
	});
	assert.deepEqual(violations, []);
});

test('several started in the same moment: one goes on, the others end with 75, and the log is as if it had been alone', async (t) => {
	const site = new CampaignSite({ directory: temporaryDirectory(t), smtp: server.url, rows: 100 });
	await server.begin(heldUp);
	let ended = 0;
	const runs = Array.from({ length: 5 }, async () => {
		const { code } = await site.run();
		ended += 1;
		if (ended === 4) server.release();
		return code;
	});
	assert.deepEqual((await Promise.all(runs)).toSorted(), [0, 75, 75, 75, 75]);
	const truth = await server.report();
	const { violations } = judge({
		logPath: site.logPath,
		keys: site.keys,
		truth,
		unknownBound: 0,
		window: 2,
		isFinished: true,
		files: 'whole',
	});
	assert.deepEqual(violations, []);
});

test('a killed run leaves no lock behind', async (t) => {
	const site = new CampaignSite({ directory: temporaryDirectory(t), smtp: server.url, rows: 20 });
	await server.begin({ verdictMs: [20, 20] });
	const first = site.start();
	await server.dots(3);
	first.kill('SIGKILL');
	await first.finished;
	const second = await site.run();
	assert.ok(second.code === 0 || second.code === 3, second.stderr);
});
