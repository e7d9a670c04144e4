/** Somebody deletes, cuts, rotates or edits log or journal while the run sends: it stops before the next dot after the next group commit. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { after, type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { CampaignSite } from './campaign-site.ts';
import { startChaosServer } from './chaos-server.ts';
import { judge } from './judge.ts';
import type { Dot } from './server-truth.ts';

const server = await startChaosServer({ after });
const connections = 4;
const window = 2;
const rows = 400;

interface Meddling {
	readonly what: string;
	readonly change: (path: string) => void;
	/** The run is over: the person puts things right. Null: that cannot be done, `log repair` has to make do with what is there. */
	readonly putRight: ((path: string) => void) | null;
	/** Records are gone. */
	readonly isLoss: boolean;
}

const meddlings: readonly Meddling[] = [
	{ what: 'deleted', change: (path) => rmSync(path), putRight: null, isLoss: true },
	{ what: 'truncated', change: (path) => truncateSync(path, 100), putRight: null, isLoss: true },
	{
		what: 'rotated away',
		change: (path) => renameSync(path, `${path}.1`),
		putRight: (path) => renameSync(`${path}.1`, path),
		isLoss: false,
	},
	{
		what: 'rotated, with a new file in its place',
		change: (path) => {
			renameSync(path, `${path}.1`);
			writeFileSync(path, '');
		},
		putRight: (path) => renameSync(`${path}.1`, path),
		isLoss: false,
	},
	{
		what: 'copied and truncated, as logrotate does',
		change: (path) => {
			copyFileSync(path, `${path}.1`);
			truncateSync(path, 0);
		},
		putRight: null,
		isLoss: true,
	},
	{ what: 'appended to', change: (path) => appendFileSync(path, '{"note":"hello"}\n'), putRight: null, isLoss: false },
	{
		what: 'edited, as sed -i does',
		change: (path) => {
			writeFileSync(`${path}.new`, readFileSync(path, 'latin1').replace('user1', 'user1'), 'latin1');
			renameSync(path, `${path}.old`);
			renameSync(`${path}.new`, path);
		},
		putRight: (path) => renameSync(`${path}.old`, path),
		isLoss: false,
	},
];

/** Sends until the file was meddled with; gives the site, and what the run said as it stopped. */
async function meddle(t: TestContext, file: 'log' | 'journal', meddling: Meddling): Promise<[CampaignSite, string]> {
	const site = new CampaignSite({
		directory: temporaryDirectory(t),
		smtp: server.url,
		rows,
		flags: ['--concurrency', String(connections), '--window', String(window)],
	});
	await server.begin({ verdictMs: [10, 20] });
	const running = site.start();
	await server.dots(30);
	meddling.change(file === 'log' ? site.logPath : site.journalPath);
	const changedAt = Date.now();
	const ended = await running.finished;
	assert.equal(ended.code, 74, ended.stderr);
	const { dots } = await server.report();
	const later = dots.filter((dot) => dot.at > changedAt).length;
	// Marks that were durable already, and those of the commit that was under way.
	const atMost = 2 * connections * window;
	assert.ok(later <= atMost, `${later} dots after the file was ${meddling.what}, at most ${atMost} may be`);
	return [site, ended.stderr];
}

function assertNobodyTwice(dots: readonly Dot[], said: string): void {
	const seen = new Set<string>();
	const repeated = dots.filter(({ recipient }) => seen.size === seen.add(recipient).size);
	assert.deepEqual(
		repeated.map(({ recipient }) => recipient),
		[],
		said,
	);
}

for (const file of ['log', 'journal'] as const) {
	for (const meddling of meddlings) {
		test(`the ${file} is ${meddling.what}: 74 before the next dot, and nobody is sent to twice by going on`, async (t) => {
			const [site, said] = await meddle(t, file, meddling);
			const path = file === 'log' ? site.logPath : site.journalPath;
			meddling.putRight?.(path);
			const { dots } = await server.report();
			await server.behave({});
			let next = await site.run();
			if (next.code === 74) {
				assert.match(next.stderr, /mailshot log repair/);
				assert.equal((await server.report()).dots.length, dots.length, 'it sent on a damaged log');
				const repaired = await site.command('log', 'repair', 'results.jsonl');
				if (repaired.code !== 0) {
					// What cannot be repaired is refused, then as now.
					assert.notEqual(repaired.stderr, '');
					assert.equal((await site.run()).code, 74);
					assert.equal((await server.report()).dots.length, dots.length);
					return;
				}
				// What was sent stood in the journal; where that is gone it asks whether this is still the message.
				next = await site.run(...(file === 'journal' && meddling.isLoss ? ['--template-changed'] : []));
			}
			assert.ok(next.code === 0 || next.code === 3, next.stderr);
			const truth = await server.report();
			// Without the journal there is less to judge by; but the run that lost it recorded in the log whose dots were out.
			if (file === 'journal' && meddling.isLoss) return assertNobodyTwice(truth.dots, said);
			const { violations } = judge({
				logPath: site.logPath,
				keys: site.keys,
				truth,
				unknownBound: connections * window,
				window,
				isFinished: true,
				files: 'cut',
			});
			assert.deepEqual(violations, []);
		});
	}
}
