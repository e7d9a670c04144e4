/** Faults 49 to 51: one of several servers goes away, and clocks that jump or sleep. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { freePort } from '../helpers/loopback-port.ts';
import { countStatuses } from '../helpers/read-log.ts';
import { sendCampaign, startCampaign } from '../helpers/send-campaign.ts';
import {
	everybody,
	type FaultCase,
	type FaultyServer,
	faultTemplate,
	jumping,
	listOf,
	relayOf,
	testFaults,
} from './fault-case.ts';

const twenty = Array.from({ length: 20 }, (_, n) => `user${n}@example.com`);

/** Two servers as one: what both took. */
async function pair(first: FaultyServer, second: FaultyServer): Promise<FaultyServer> {
	return { url: first.url, copies: () => [...first.copies(), ...second.copies()] };
}

/** The second server goes in by a flag, which is known when its test begins. */
const flags: string[] = [];

async function failover(t: TestContext, primary: Promise<FaultyServer>): Promise<FaultyServer> {
	const second = await relayOf(t, {});
	flags.splice(0, flags.length, '--smtp', second.url, '--max-wait', '1m');
	return pair(await primary, second);
}

const cases: readonly FaultCase[] = [
	{
		row: 49,
		what: 'a first server that is down is stood in for by the second',
		server: (t) =>
			failover(
				t,
				freePort().then((port) => ({ url: `smtp://127.0.0.1:${port}`, copies: () => [] })),
			),
		campaign: { flags },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 49,
		what: 'a server that goes away in the middle loses nothing: only what is certainly not sent goes over the other one',
		people: twenty,
		server: (t) => {
			let verdicts = 0;
			const primary = relayOf(t, {
				deviate: ({ command }) => {
					if (command === 'dot') verdicts += 1;
					if (verdicts < 8) return null;
					void primary.then(({ relay }) => relay?.stop());
					return { hangUp: 'reset' };
				},
			});
			return failover(t, primary);
		},
		campaign: { flags },
		ends: { code: 3, states: twenty.map((_, n) => (n === 7 ? 'unknown' : 'accepted')) },
	},
	{
		row: 49,
		what: 'a server that says that it is busy for a while is stood in for, and its messages are not sent twice',
		people: twenty,
		server: (t) => {
			let mails = 0;
			return failover(
				t,
				relayOf(t, {
					deviate: ({ command }) => {
						if (command === 'MAIL') mails += 1;
						return command === 'MAIL' && mails > 5 ? { say: '421 4.3.2 Going down for maintenance' } : null;
					},
				}),
			);
		},
		campaign: { flags },
		ends: { code: 0, states: 'accepted' },
	},
];

testFaults(cases);

for (const hours of [-2, 2]) {
	test(`fault 50: a clock that is set ${hours > 0 ? 'forward' : 'back'} by two hours neither bursts nor stalls`, async (t) => {
		const server = await relayOf(t, {});
		const env = jumping(hours * 3_600_000, 'wall');
		const startedAt = performance.now();
		const underWay = startCampaign(t, {
			list: listOf(twenty),
			template: faultTemplate,
			smtp: server.url,
			flags: ['--rate', '10/s', '--concurrency', '2'],
			env,
		});
		await server.relay?.connected();
		underWay.kill('SIGWINCH');
		const sent = await underWay.sent;
		assert.equal(sent.code, 0, sent.stderr);
		assert.deepEqual(countStatuses(sent.rows), { accepted: 20 });
		// Twenty at ten a second are nineteen tenths of a second, and no less.
		assert.ok(performance.now() - startedAt > 1_900, 'it burst');
	});
}

test('fault 51: a laptop that wakes up sends no burst for the hours it slept, and everybody is sent to', async (t) => {
	const times: number[] = [];
	const server = await relayOf(t, {
		deviate: ({ command }) => {
			if (command === 'dot') times.push(performance.now());
			return null;
		},
	});
	const underWay = startCampaign(t, {
		list: listOf(twenty),
		template: faultTemplate,
		smtp: server.url,
		flags: ['--rate', '10/s', '--concurrency', '2', '--max-wait', '10h'],
		env: jumping(3 * 3_600_000, 'both'),
	});
	while (times.length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
	underWay.kill('SIGWINCH');
	const sent = await underWay.sent;
	assert.equal(sent.code, 0, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 20 });
	assert.equal(new Set(server.copies()).size, server.copies().length, 'somebody got two copies');
	// Five in a tenth of a second: that is no pace of ten a second, however the timers of a busy machine drift.
	const gaps = times.slice(5).map((at, n) => at - (times[n + 1] ?? 0));
	assert.ok(Math.min(...gaps) > 250, `five messages in ${Math.min(...gaps)} ms`);
});

test('fault 51: an open dot is waited for across a sleep shorter than its deadline', async (t) => {
	let wake = () => {};
	const asleep = new Promise<void>((resolve) => {
		wake = resolve;
	});
	const server = await relayOf(t, {
		deviate: ({ command, recipient }) => {
			if (command === 'dot' && recipient === everybody[2]) wake();
			return null;
		},
	});
	const underWay = startCampaign(t, {
		list: listOf(everybody),
		template: faultTemplate,
		smtp: server.url,
		flags: ['--concurrency', '1'],
		env: jumping(5 * 60_000, 'both'),
	});
	await asleep;
	underWay.kill('SIGWINCH');
	const sent = await underWay.sent;
	assert.equal(sent.code, 0, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 3 });
});

test('fault 51: --max-runtime ends a run cleanly, and what is left is counted', async (t) => {
	const server = await relayOf(t, {});
	const sent = await sendCampaign(t, {
		list: listOf(twenty),
		template: faultTemplate,
		smtp: server.url,
		flags: ['--rate', '5/s', '--max-runtime', '1s'],
	});
	assert.equal(sent.code, 5, sent.stderr);
	const { counts } = sent.summary();
	assert.ok(counts.left > 0 && counts.accepted > 0, `${counts.accepted} accepted, ${counts.left} left`);
	assert.equal(server.copies().length, counts.accepted);
});
