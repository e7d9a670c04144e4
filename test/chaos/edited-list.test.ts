/** The list is edited between runs: no key is sent to twice, none is passed over in silence. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { CampaignSite } from './campaign-site.ts';
import { startChaosServer } from './chaos-server.ts';
import { judge } from './judge.ts';
import { SeededRandom } from './seeded-random.ts';

const server = await startChaosServer({ after });
const rows = 150;

const newcomers = Array.from({ length: 20 }, (_, index) => `new${index}@example.com`);

/** What somebody does to the list while the campaign lies half sent. */
const edits: Readonly<Record<string, (list: readonly string[], random: SeededRandom) => readonly string[]>> = {
	're-sorted': (list, random) => random.shuffled(list),
	reversed: (list) => [...list].reverse(),
	'extended at the top': (list) => [...newcomers, ...list],
	'extended at the end': (list) => [...list, ...newcomers],
	'extended in between': (list, random) => random.shuffled([...list, ...newcomers]),
	'cut at the top': (list) => list.slice(40),
	'cut at the end': (list) => list.slice(0, -40),
	'thinned out': (list) => list.filter((_, index) => index % 3 !== 0),
	'doubled row by row': (list) => list.flatMap((address) => [address, address]),
	'written in capitals': (list) => list.map((address) => address.toUpperCase()),
	'swapped half against half': (list) => [...list.slice(75), ...list.slice(0, 75)],
	'replaced by another, and then put back': (list) => list,
};

for (const [what, edit] of Object.entries(edits)) {
	test(`a list that is ${what}: nobody is sent to twice, nobody is forgotten`, async (t) => {
		const random = new SeededRandom(what.length);
		const site = new CampaignSite({
			directory: temporaryDirectory(t),
			smtp: server.url,
			rows,
			flags: ['--concurrency', '4'],
		});
		await server.begin({ verdictMs: [4, 4] });
		let list: readonly string[] = what.startsWith('doubled')
			? site.keys
			: random.shuffled([...site.keys, ...site.keys.slice(0, 9)]);
		site.writeList(list);
		const keys = new Set(list);
		let kills = 0;
		for (const dots of [40, 90]) {
			const running = site.start();
			await server.dots(dots);
			running.kill('SIGKILL');
			await running.finished;
			kills += 1;
			if (what.startsWith('replaced') && kills === 1) {
				site.writeList(newcomers);
				const other = await site.run();
				assert.ok(other.code === 0 || other.code === 3, other.stderr);
				for (const key of newcomers) keys.add(key);
			}
			list = edit(list, random);
			site.writeList(list);
		}
		const last = await site.run();
		// Some are unknown: that is what kill -9 costs.
		assert.ok(last.code === 0 || last.code === 3, last.stderr);
		const truth = await server.report();
		for (const address of list) keys.add(address.toLowerCase());
		const inList = new Set(list.map((address) => address.toLowerCase()));
		const reached = new Set(truth.dots.map((dot) => dot.recipient.toLowerCase()));
		const lowered = { ...truth, dots: truth.dots.map((dot) => ({ ...dot, recipient: dot.recipient.toLowerCase() })) };
		const verdict = judge({
			logPath: site.logPath,
			keys: [...keys].filter((key) => inList.has(key) || reached.has(key)),
			truth: lowered,
			unknownBound: 2 * 4 * kills,
			window: 2,
			isFinished: true,
			files: 'whole',
		});
		assert.deepEqual(verdict.violations, []);
	});
}
