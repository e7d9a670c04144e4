/** However replies are lost, doubled or invented: never a false acceptance, never a retry of what the server took. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PipeliningDepth } from '../../src/smtp/pipelining-depth.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import type { Answer, Script } from './peer.ts';
import { converse } from './session-harness.ts';

/** What happens to one reply: nothing, silence, twice, or a stranger's reply behind it. */
const faults = ['none', 'lost', 'doubled', '250 behind', '354 behind', '550 behind', 'close behind'] as const;
type Fault = (typeof faults)[number];

function disturbed(reply: string, fault: Fault): Answer {
	switch (fault) {
		case 'none':
			return reply;
		case 'lost':
			return null;
		case 'doubled':
			return `${reply}\r\n${reply}`;
		case 'close behind':
			return { say: reply, ending: 'close' };
		case '250 behind':
		case '354 behind':
		case '550 behind':
			return `${reply}\r\n${fault.slice(0, 3)} 2.0.0 stray`;
	}
}

/** Lets every deadline pass shortly after the conversation went silent. */
function impatientClock(): Clock {
	return { ...systemClock, monotonicMs: () => performance.now() * 100_000 };
}

const recipients = ['a@x', 'b@x', 'c@x', 'd@x'];

test('whatever happens to one reply, accepted means taken and what is safe to retry was not taken', async () => {
	// One fault a connection: two can make up for each other (a verdict lost, a stray 250 in its place), and no client sees that.
	const plan = fc.record(
		{
			step: fc.constantFrom('mail', 'rcpt', 'data', 'verdict', 'trial', 'rset'),
			at: fc.integer({ min: 1, max: recipients.length + 2 }),
			fault: fc.constantFrom(...faults),
			refused: fc.subarray(recipients),
			rejected: fc.subarray(recipients),
			depth: fc.constantFrom<PipeliningDepth>('whole_transactions', 'across_messages', 'within_message', 'none'),
		},
		{ noNullPrototype: true },
	);
	await fc.assert(
		fc.asyncProperty(plan, async ({ step, at, fault, refused, rejected, depth }) => {
			const faultOf = (name: string, nth: number): Fault => (name === step && nth === at ? fault : 'none');
			const taken = new Set<string>();
			let hasRecipient = false;
			const script: Script = {
				mail: (_from, nth) => disturbed('250 2.1.0 ok', faultOf('mail', nth)),
				rcpt: (to, nth) => {
					hasRecipient = !refused.includes(to);
					return disturbed(hasRecipient ? '250 2.1.5 ok' : '550 5.1.1 no', faultOf('rcpt', nth));
				},
				data: (nth) => disturbed(hasRecipient ? '354 go' : '554 5.5.1 nobody', faultOf('data', nth)),
				trial: (nth) => disturbed('250 2.0.0 one octet', faultOf('trial', nth)),
				rset: (nth) => disturbed('250 2.0.0 flushed', faultOf('rset', nth)),
				verdict: (content, nth) => {
					const to = /Dear (\S+)/.exec(content)?.[1] ?? '';
					if (rejected.includes(to)) return disturbed('554 5.7.1 spam', faultOf('verdict', nth));
					if (to !== '') taken.add(to);
					return disturbed('250 2.0.0 queued', faultOf('verdict', nth));
				},
			};
			const { outcomes } = await converse(script, {
				to: recipients,
				depth,
				chunking: depth === 'whole_transactions',
				clock: impatientClock(),
				sweep: true,
			});
			for (const outcome of outcomes) {
				const [to = '', kind = '', stage = ''] = outcome.split(/[: ]+/);
				if (kind === 'accepted') assert.ok(taken.has(to), `${outcome}, but the server never took it`);
				const mayBeRetried = kind === 'rejected' || (kind === 'broken' && stage !== 'verdict');
				if (mayBeRetried) assert.ok(!taken.has(to), `${outcome}, but the server took it`);
			}
			assert.equal(new Set(outcomes.map((outcome) => outcome.split(':')[0])).size, outcomes.length);
		}),
		{ numRuns: 1_000 },
	);
});
