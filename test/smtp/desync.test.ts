/** However replies are lost, doubled or invented: never a false acceptance, never a retry of what the server took. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PipeliningDepth } from '../../src/smtp/conversation.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import type { Answer, Script } from './peer.ts';
import { converse } from './session-harness.ts';

/** What happens to the nth reply of a step: nothing, silence, twice, or a stranger's reply behind it. */
const faults = [
	'none',
	'none',
	'none',
	'lost',
	'doubled',
	'250 behind',
	'354 behind',
	'550 behind',
	'close behind',
] as const;
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

test('under any disturbance of replies, accepted means taken and everything safe to retry was not taken', async () => {
	const plan = fc.record(
		{
			mail: fc.array(fc.constantFrom(...faults), { minLength: 4, maxLength: 4 }),
			rcpt: fc.array(fc.constantFrom(...faults), { minLength: 4, maxLength: 4 }),
			data: fc.array(fc.constantFrom(...faults), { minLength: 4, maxLength: 4 }),
			verdict: fc.array(fc.constantFrom(...faults), { minLength: 4, maxLength: 4 }),
			refused: fc.subarray(recipients),
			rejected: fc.subarray(recipients),
			depth: fc.constantFrom<PipeliningDepth>('across_messages', 'within_message', 'none'),
		},
		{ noNullPrototype: true },
	);
	await fc.assert(
		fc.asyncProperty(plan, async ({ mail, rcpt, data, verdict, refused, rejected, depth }) => {
			const taken = new Set<string>();
			let hasRecipient = false;
			const script: Script = {
				mail: (_from, nth) => disturbed('250 2.1.0 ok', mail[nth - 1] ?? 'none'),
				rcpt: (to, nth) => {
					hasRecipient = !refused.includes(to);
					return disturbed(hasRecipient ? '250 2.1.5 ok' : '550 5.1.1 no', rcpt[nth - 1] ?? 'none');
				},
				data: (nth) => disturbed(hasRecipient ? '354 go' : '554 5.5.1 nobody', data[nth - 1] ?? 'none'),
				verdict: (content, nth) => {
					const to = /Dear (\S+)/.exec(content)?.[1] ?? '';
					if (rejected.includes(to)) return disturbed('554 5.7.1 spam', verdict[nth - 1] ?? 'none');
					if (to !== '') taken.add(to);
					return disturbed('250 2.0.0 queued', verdict[nth - 1] ?? 'none');
				},
			};
			const { outcomes } = await converse(script, { to: recipients, depth, clock: impatientClock(), sweep: true });
			for (const outcome of outcomes) {
				const [to = '', kind = '', stage = ''] = outcome.split(/[: ]+/);
				if (kind === 'accepted') assert.ok(taken.has(to), `${outcome}, but the server never took it`);
				const mayBeRetried = kind === 'rejected' || (kind === 'broken' && stage !== 'verdict');
				if (mayBeRetried) assert.ok(!taken.has(to), `${outcome}, but the server took it`);
			}
			assert.equal(new Set(outcomes.map((outcome) => outcome.split(':')[0])).size, outcomes.length);
		}),
		{ numRuns: 400 },
	);
});
