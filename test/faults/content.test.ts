/** Faults 24 to 28: what breaks while the message is written or judged. Before the final dot it is safe to send it again, after it nobody knows. */
import assert from 'node:assert/strict';
import { rowOf } from '../helpers/read-log.ts';
import type { DialogueOptions } from '../helpers/smtp-dialogue.ts';
import { brokenOff } from './broken-off.ts';
import { type FaultCase, faultTemplate, moment, relayOf, testFaults } from './fault-case.ts';

const bob = 'bob@example.com';
/** Far more than the kernel takes at once. */
const bigTemplate = `${faultTemplate}${'<p>A long story, told in many words.</p>\n'.repeat(180_000)}`;

function atDot(say: { readonly say: string } | { readonly hangUp: 'close' | 'reset' | 'never' }): DialogueOptions {
	let isDone = false;
	return {
		deviate: ({ command, recipient }) => {
			if (command !== 'dot' || recipient !== bob || isDone) return null;
			isDone = true;
			return say;
		},
	};
}

const unread = moment();
const unanswered = moment();

const cases: FaultCase[] = [
	{
		row: 24,
		what: 'a reset in the middle of the content is safe: the message goes over another connection',
		server: (t) => brokenOff(t, { recipient: bob, how: 'reset' }),
		campaign: { template: bigTemplate },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 24,
		what: 'a close in the middle of the content is safe, too',
		server: (t) => brokenOff(t, { recipient: bob, how: 'close' }),
		campaign: { template: bigTemplate },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 24,
		what: 'a no that the server left behind before it closed in the middle of the content is read and believed',
		server: (t) => brokenOff(t, { recipient: bob, how: 'close', says: '552 5.3.4 Message too big for system' }),
		campaign: { template: bigTemplate },
		ends: { code: 3, states: ['accepted', 'bounced', 'accepted'] },
		check: (sent) => assert.equal(rowOf(sent.rows, bob).smtp_code, 552),
	},
	{
		row: 25,
		what: 'a server that stops reading has a deadline, and the message goes over another connection',
		server: (t) => brokenOff(t, { recipient: bob, how: 'stops_reading', onReached: unread.reach }),
		campaign: { template: bigTemplate, flags: ['--max-wait', '5h'] },
		whenMinutesPass: unread.reached,
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 26,
		what: 'no verdict in ten minutes leaves the recipient unknown, and it is not sent again',
		server: {
			deviate: ({ command, recipient }) => {
				if (command !== 'dot' || recipient !== bob) return null;
				unanswered.reach();
				return { hangUp: 'never' };
			},
		},
		campaign: { flags: ['--max-wait', '5h'] },
		whenMinutesPass: unanswered.reached,
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 27,
		what: '250 and then a close is accepted; the others go over another connection',
		server: async (t) => {
			const server = await relayOf(t, {
				deviate: ({ command, connection, transaction }) =>
					command === 'MAIL' && connection === 1 && transaction === 2 ? { hangUp: 'close' } : null,
			});
			return server;
		},
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 28,
		what: '421 to the final dot is a no: the message goes over another connection, one copy',
		server: atDot({ say: '421 4.3.2 System going down' }),
		ends: { code: 0, states: 'accepted' },
	},
];

for (const hangUp of ['close', 'reset'] as const) {
	cases.push({
		row: 26,
		what: `a ${hangUp} after the final dot leaves the recipient unknown, and it is not sent again`,
		server: atDot({ hangUp }),
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'], says: [/UNKNOWN|unknown/] },
	});
}

testFaults(cases);
