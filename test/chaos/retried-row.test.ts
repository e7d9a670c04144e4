/** A mark is closed by its own attempt alone: a row that was tried before and is tried again is not sent a third time after a crash. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { CampaignSite } from './campaign-site.ts';
import { startChaosServer } from './chaos-server.ts';
import { crashAfterDeferral, goOnAfterDots, killAtDot } from './retried-row.ts';
import { calm, type Fault, faultAt } from './server-behaviour.ts';

const server = await startChaosServer({ after });
const somebody = 'user1@example.com';

function makeSite(t: TestContext): CampaignSite {
	return new CampaignSite({
		directory: temporaryDirectory(t),
		smtp: server.url,
		rows: 1,
		flags: ['--concurrency', '1'],
	});
}

const heldFrom = (dotsFrom: number) => ({ greeting: false, quit: false, dotsFrom });

test('mark, deferred, mark, dot, crash: not sent again', async (t) => {
	assert.deepEqual(await crashAfterDeferral(makeSite(t), server), []);
});

test('mark, released, mark, dot, crash: not sent again', async (t) => {
	const site = makeSite(t);
	const faults: readonly Fault[] = [{ stage: 'rcpt', action: 'close', odds: 0.5 }];
	const seed = seedWith((candidate) => {
		const at = (attempt: number) => faultAt({ ...calm, seed: candidate, faults }, 'rcpt', `${somebody} ${attempt}`);
		return at(1) !== null && at(2) === null;
	});
	await server.begin({ seed, faults, held: heldFrom(1) });
	await killAtDot(site, server, 1);
	assert.match(site.read(site.journalPath), /"type":"release"/);
	assert.deepEqual(await goOnAfterDots(site, server, 1), []);
});

test('mark, dot, crash, sent again by order, deferred: still unknown, and not sent a third time', async (t) => {
	const site = makeSite(t);
	await server.begin({ held: heldFrom(1) });
	await killAtDot(site, server, 1);
	await server.behave({ verdicts: { [somebody]: ['250 2.0.0 OK', '451 4.3.0 later'] } });
	await site.run('--resend-unknown');
	const { dots } = await server.report();
	assert.deepEqual(
		dots.map((dot) => dot.said.slice(0, 3)),
		['', '451'],
	);
	const third = await site.run();
	assert.equal(third.code, 3, third.stderr);
	assert.equal((await server.report()).dots.length, 2);
});

test('mark, dot, crash, sent again by order, dot, crash: not sent a third time', async (t) => {
	const site = makeSite(t);
	await server.begin({ held: heldFrom(1) });
	await killAtDot(site, server, 1);
	await killAtDot(site, server, 2, '--resend-unknown');
	const third = await site.run();
	assert.equal(third.code, 3, third.stderr);
	assert.equal((await server.report()).dots.length, 2);
});

function seedWith(suits: (seed: number) => boolean): number {
	for (let seed = 1; ; seed++) if (suits(seed)) return seed;
}
