/** Signals: the first starts nothing new and lets what is under way reach its verdict, the second drops it; nothing is left behind. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { countStatuses, rowOf } from '../helpers/read-log.ts';
import { assertTruth, startRelay } from '../helpers/relay.ts';
import { startCampaign } from '../helpers/send-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

/** A promise and the call that resolves it. */
function moment(): { readonly reached: Promise<void>; readonly reach: () => void } {
	let reach = () => {};
	const reached = new Promise<void>((resolve) => {
		reach = resolve;
	});
	return { reached, reach: () => reach() };
}

for (const [signal, code] of [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const) {
	test(`${signal} lets what is under way reach its verdict, leaves the rest, and the numbers add up`, async (t) => {
		const twentieth = moment();
		const relay = await startRelay(t, {
			deviate: ({ command, transaction }) => {
				if (command === 'dot' && transaction === 20) twentieth.reach();
				return null;
			},
		});
		const underWay = startCampaign(t, { list: { rows: 50_000 }, smtp: relay.url, flags: ['--concurrency', '2'] });
		await twentieth.reached;
		underWay.kill(signal);
		const sent = await underWay.sent;

		assert.equal(sent.code, code, sent.stderr);
		const { counts, state } = sent.summary();
		assert.equal(state, 'stopped');
		assert.equal(counts.accepted, relay.accepted.length);
		assert.equal(counts.unknown, 0);
		assert.ok(counts.left > 0, 'the run was over before the signal');
		assertTruth(relay, sent);
	});
}

test('a second Ctrl-C does not wait for a verdict that never comes: that row is unknown, the others are left', async (t) => {
	const third = moment();
	const relay = await startRelay(t, {
		deviate: ({ command, recipient }) => {
			if (command !== 'dot' || recipient !== 'user3@example.com') return null;
			third.reach();
			return { hangUp: 'never' };
		},
	});
	const underWay = startCampaign(t, { list: { rows: 10 }, smtp: relay.url, flags: ['--concurrency', '1'] });
	await third.reached;
	underWay.kill('SIGINT');
	await underWay.stderrContains('Stopping');
	underWay.kill('SIGINT');
	const sent = await underWay.sent;

	assert.equal(sent.code, 130, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 2, unknown: 1 });
	assert.equal(rowOf(sent.rows, 'user3@example.com').status, 'unknown');
	assert.equal(sent.summary().counts.left, 7);
	assertTruth(relay, sent);
});

test('a list from standard input leaves no copy behind when the run is stopped', async (t) => {
	const spoolDirectory = temporaryDirectory(t);
	const first = moment();
	const relay = await startRelay(t, {
		deviate: ({ command }) => {
			if (command === 'dot') first.reach();
			return null;
		},
	});
	const env = { TMPDIR: spoolDirectory };
	const underWay = startCampaign(t, { list: { rows: 50_000 }, fromStdin: true, smtp: relay.url, env });
	await first.reached;
	underWay.kill('SIGTERM');
	const sent = await underWay.sent;
	assert.equal(sent.code, 143, sent.stderr);
	assert.deepEqual(readdirSync(spoolDirectory), []);
});
