/** A whole campaign under fire of several servers, with more to try again than there is room for: the numbers add up to the rows, and nobody gets two copies. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { compileMessage } from '../src/message/compile-message.ts';
import { loadTemplate } from '../src/message/load-template.ts';
import { openList } from '../src/recipients/open-list.ts';
import { CampaignLog } from '../src/results/campaign-log.ts';
import { openCampaign } from '../src/results/open-campaign.ts';
import { everybody, passOver } from '../src/results/selection.ts';
import { send } from '../src/send.ts';
import { systemClock } from '../src/support/clock.ts';
import { fireServer } from './delivery/fire-plans.ts';
import { type FireServer, Firing } from './delivery/firing-server.ts';
import { restlessClock } from './delivery/restless-clock.ts';
import { planFor } from './delivery/run-delivery.ts';
import { type LogRow, readLog } from './helpers/read-log.ts';
import { temporaryDirectory } from './helpers/temporary-directory.ts';
import { openTables, runRecord } from './results/simulate-campaign.ts';

const template = 'From: news@acme.example\nTo: <{{email}}>\nSubject: Hello\n\n<p>Dear {{email}} </p>\n';

interface Campaign {
	readonly servers: readonly FireServer[];
	readonly rows: number;
	readonly delaysMs: readonly number[];
	readonly maxWaiting: number;
	readonly stopAfter: number;
	readonly maxWaitMs: number;
}

const campaign: fc.Arbitrary<Campaign> = fc.record({
	servers: fc.array(fireServer, { minLength: 1, maxLength: 3 }),
	rows: fc.integer({ min: 1, max: 80 }),
	delaysMs: fc.constantFrom([], [60_000], [60_000, 300_000, 900_000], [5, 5, 5]),
	maxWaiting: fc.constantFrom(1, 3, 10_000),
	stopAfter: fc.oneof(
		{ weight: 3, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
		{ weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }) },
	),
	maxWaitMs: fc.constantFrom(3_600_000, 10_000),
});

/** Every seventh row is malformed, every fifth is a copy of an earlier one. */
function listOf(rows: number): string {
	const cells = Array.from({ length: rows }, (_, at) => {
		if (at % 7 === 6) return `r${at}@`;
		return `r${at % 5 === 4 ? at - 4 : at}@d${at % 2}.example`;
	});
	return ['email', ...cells, ''].join('\n');
}

async function fireAt(context: TestContext, given: Campaign) {
	const directory = temporaryDirectory(context);
	const paths = { list: join(directory, 'list.csv'), template: join(directory, 'news.hbs') };
	writeFileSync(paths.list, listOf(given.rows));
	writeFileSync(paths.template, template);
	const servers = given.servers.map((plan) => new Firing(plan, () => {}));
	for (const server of servers) await server.open();
	const list = await openList({ path: paths.list, displayName: 'list.csv' });
	const message = await compileMessage(await loadTemplate(paths.template), {
		columns: list.columns,
		emailColumn: list.emailColumn,
		set: new Map(),
		campaign: 'news',
		campaignId: Buffer.alloc(16, 7),
		clock: systemClock,
		randomBytes: (size) => Buffer.alloc(size, 9),
	});
	const tables = openTables();
	const logPath = join(directory, 'results.jsonl');
	const opened = await openCampaign(logPath, tables);
	const log = await CampaignLog.begin({ logPath, opened, ...tables, run: runRecord, clock: systemClock });
	const clock = restlessClock();
	const [stop, drop] = [new AbortController(), new AbortController()];
	const notices: string[] = [];
	let verdicts = 0;
	const patience = systemClock.after(10_000, () => {
		notices.push('HANGS');
		drop.abort();
	});
	const { stopped } = await send({
		list,
		keys: tables.keys,
		passOver: passOver(everybody),
		message,
		limit: Number.POSITIVE_INFINITY,
		log,
		graceMs: 10_000,
		delivery: {
			servers: servers.map(({ plan, port }) => ({
				...planFor({
					port,
					auth: plan.refusesLogin ? { kind: 'password', user: 'ann', password: 'secret', origin: 'a test' } : null,
				}),
				connections: plan.connections,
				messagesPerConnection: plan.messagesPerConnection,
				rates: plan.rates,
			})),
			domainRates: new Map(),
			retry: { delaysMs: given.delaysMs },
			maxWaiting: given.maxWaiting,
			safety: { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: Number.POSITIVE_INFINITY },
			maxWaitMs: given.maxWaitMs,
			trace: (_connection, _server) => {
				verdicts += 1;
				if (verdicts === given.stopAfter) setImmediate(() => stop.abort());
				return { client() {}, server() {}, note() {} };
			},
			clock,
			random: () => 0.3,
			stop: stop.signal,
			drop: drop.signal,
			window: 2,
			onNotice: (text) => notices.push(text),
			onConnected: () => {},
			onBegin: () => {},
		},
	});
	patience.cancel();
	for (const server of servers) server.close();
	const taken = servers.flatMap((server) => server.taken);
	return { log, logPath, stopped, notices, taken, isStopped: stop.signal.aborted, running: clock.running() };
}

test('under fire every row of a campaign is counted once, whoever waits for a round over the list', async (context) => {
	await fc.assert(
		fc.asyncProperty(campaign, async (given) => {
			const { log, logPath, stopped, notices, taken, isStopped, running } = await fireAt(context, given);
			const story = inspect({ stopped, notices: notices.slice(-15) }, { depth: 4 });
			assert.ok(!notices.includes('HANGS'), story);
			assert.equal(new Set(taken).size, taken.length, `somebody got two copies\n${story}`);
			assert.equal(running, 0, 'timers survive');
			const lines = readLog(logPath);
			const accepted = lines.filter(({ status }) => status === 'accepted').map(({ recipient }) => String(recipient));
			for (const recipient of accepted) assert.ok(taken.includes(recipient), `${recipient} was never taken\n${story}`);
			const last = new Map<string, LogRow>();
			for (const line of lines) if (line.status !== 'skipped') last.set(line.key, line);
			const { tally } = log;
			assert.equal(tally.count('accepted'), accepted.length);
			const deferred = [...last.values()].filter(({ status }) => status === 'deferred').length;
			assert.equal(tally.count('deferred'), deferred, story);
			if (stopped !== null || isStopped) return assert.ok(tally.total <= given.rows);
			tally.assertAddsUp({ read: given.rows, earlier: 0, left: 0 });
			assert.equal(tally.waiting, 0, story);
			assert.ok(
				[...last.values()].every((line) => line.final === true || line.status === 'deferred'),
				story,
			);
		}),
		{ numRuns: 80, seed: 1, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
	);
});
