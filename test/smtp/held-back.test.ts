/** A final dot that may not go out yet, or not any more: what the session waits for, what it hears meanwhile, and what it says of the message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Submission } from '../../src/smtp/command.ts';
import type { PipeliningDepth } from '../../src/smtp/pipelining-depth.ts';
import type { Session } from '../../src/smtp/session.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import type { Answer } from './peer.ts';
import { type ConverseOptions, converse } from './session-harness.ts';

const depths: readonly PipeliningDepth[] = ['across_messages', 'within_message', 'none'];

const small = (to: string) => `Subject: hi\r\n\r\nDear ${to}\r\n`;
const big = (to: string) => `${small(to)}${`${'x'.repeat(70)}\r\n`.repeat(4_000)}`;
const sizes = [
	{ size: 'small', content: small },
	{ size: 'big', content: big },
];

/** Enough turns of the event loop for anything that was written to be read and answered by a peer in this process. */
function laterByTurns(turns: number, callback: () => void): void {
	if (turns === 0) callback();
	else setImmediate(() => laterByTurns(turns - 1, callback));
}

/** Lets each message wait for `turns` turns of the event loop; `released` tells which may go. */
function gate(turns = 40) {
	const released = new Set<string>();
	const asked = new Set<string>();
	const mayEnd = (to: string, session: Session<Submission>): boolean => {
		if (!asked.has(to)) {
			asked.add(to);
			laterByTurns(turns, () => {
				released.add(to);
				session.wake();
			});
		}
		return released.has(to);
	};
	return { mayEnd, released, asked };
}

for (const { size, content } of sizes) {
	for (const depth of [...depths, 'whole_transactions'] as const) {
		test(`no final dot goes out before its owner lets it (${size}, ${depth})`, async () => {
			const { mayEnd, released } = gate();
			const early: string[] = [];
			const { outcomes, accepted, why } = await converse(
				{
					verdict: (heard) => {
						const to = /Dear (\S+)/.exec(heard)?.[1] ?? '';
						if (!released.has(to)) early.push(to);
						return '250 ok';
					},
				},
				{ to: ['a@x', 'b@x', 'c@x'], depth, chunking: depth === 'whole_transactions', content, mayEnd },
			);
			assert.deepEqual(early, []);
			assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: accepted 250', 'c@x: accepted 250']);
			assert.deepEqual(accepted, ['a@x', 'b@x', 'c@x'].map(content));
			assert.equal(why, null);
		});
	}

	test(`a server that closes while a final dot is held back certainly has no message (${size})`, async () => {
		const { outcomes, accepted } = await converseWhileHeld(content, { say: '', ending: 'close' });
		assert.deepEqual(outcomes, ['a@x: broken content closed']);
		assert.deepEqual(accepted, []);
	});
}

test('a server that tires of waiting for a small message with 421 or 451 is closing the connection and refuses nobody', async () => {
	for (const say of ['421 4.4.2 timeout', '451 4.4.2 Timeout waiting for data']) {
		const { outcomes, why } = await converseWhileHeld(small, { say, ending: 'close' });
		assert.deepEqual(outcomes, ['a@x: broken content service_closing']);
		assert.equal(why?.cause, 'service_closing');
	}
});

test('a refusal of a big body whose dot is held back is the refusal of the message', async () => {
	const { outcomes } = await converseWhileHeld(big, '552 5.3.4 too big');
	assert.deepEqual(outcomes, ['a@x: rejected content 552']);
});

test('any other reply while a dot is held back is out of step', async () => {
	const { outcomes } = await converseWhileHeld(small, '250 2.0.0 Ok');
	assert.deepEqual(outcomes, ['a@x: broken content out_of_step']);
});

test('no deadline of the server runs while it waits for us, and one does again after the dot', async () => {
	for (const content of [small, big]) {
		let skippedMs = 0;
		const clock: Clock = { ...systemClock, monotonicMs: () => performance.now() + skippedMs };
		let hasWaited = false;
		const { outcomes } = await converse(
			{ verdict: () => null },
			{
				to: ['a@x'],
				content,
				clock,
				sweep: true,
				mayEnd(_to, session) {
					if (hasWaited) {
						// Ten more minutes from here on are the server's.
						laterByTurns(20, () => {
							skippedMs += 600_001;
						});
						return true;
					}
					laterByTurns(20, () => {
						skippedMs += 3_600_000;
						laterByTurns(20, () => {
							hasWaited = true;
							session.wake();
						});
					});
					return false;
				},
			},
		);
		assert.deepEqual(outcomes, ['a@x: broken verdict timeout']);
	}
});

test('a session that is dropped while a dot is held back, or in the question itself, has certainly sent nothing', async () => {
	for (const content of [small, big]) {
		for (const turns of [0, 20]) {
			const { outcomes, accepted } = await converse(
				{},
				{
					to: ['a@x', 'b@x'],
					content,
					mayEnd(_to, session) {
						if (turns === 0) session.drop('disk');
						else laterByTurns(turns, () => session.drop('disk'));
						return turns === 0;
					},
				},
			);
			assert.deepEqual(outcomes, ['a@x: broken content dropped']);
			assert.deepEqual(accepted, []);
		}
	}
});

test('a session that is dropped, or left, while it is asked for the envelope behind a content has not sent that content', async () => {
	for (const how of ['drop', 'leave'] as const) {
		const { outcomes, accepted, heard } = await converse(
			{},
			{ to: ['a@x', 'b@x'], meddleInTake: (session, taken) => taken === 1 && session[how]('disk full') },
		);
		assert.deepEqual(outcomes, ['a@x: broken content dropped'], how);
		assert.deepEqual(accepted, []);
		assert.ok(!heard.some((line) => line.includes('octets')));
	}
});

for (const depth of depths) {
	test(`a session that is left waits for the verdict that is due, and sends no other message (${depth})`, async () => {
		const { outcomes, accepted, heard, why } = await leaveAfterDot(1, { depth });
		const behind = depth === 'across_messages' ? ['b@x: broken content dropped'] : [];
		assert.equal(outcomes[0], 'a@x: accepted 250');
		assert.deepEqual(
			outcomes.slice(1).map((outcome) => outcome.replace(/broken \w+/, 'broken content')),
			behind,
		);
		assert.equal(accepted.length, 1);
		assert.equal(heard.filter((line) => line.includes('octets')).length, 1);
		assert.equal(why?.cause, 'dropped');
	});
}

test('the envelope behind the last verdict breaks before its dot, also when the replies come byte by byte', async () => {
	const { outcomes, accepted } = await leaveAfterDot(1, { serving: 'byte_by_byte' });
	assert.equal(outcomes[0], 'a@x: accepted 250');
	assert.match(outcomes[1] ?? '', /^b@x: broken (mail|rcpt|data|content) dropped$/);
	assert.equal(accepted.length, 1);
});

test('a verdict that is held for the envelope behind it has its deadline also after the session was left', async () => {
	let skippedMs = 0;
	const clock: Clock = { ...systemClock, monotonicMs: () => performance.now() + skippedMs };
	let session: Session<Submission> | null = null;
	const { outcomes } = await converse(
		{
			// The reply to the second MAIL never comes: the first verdict is read, and held.
			mail: (_from, nth) => {
				if (nth < 2) return '250 ok';
				session?.leave('disk full');
				laterByTurns(20, () => {
					skippedMs += 600_001;
				});
				return null;
			},
			rcpt: (_to, nth) => (nth < 2 ? '250 ok' : null),
			data: (nth) => (nth < 2 ? '354 go' : null),
		},
		{
			to: ['a@x', 'b@x'],
			clock,
			sweep: true,
			mayEnd(_to, asked) {
				session = asked;
				return true;
			},
		},
	);
	assert.deepEqual(outcomes, ['a@x: broken verdict timeout', 'b@x: broken mail timeout']);
});

test('a session that is left with nothing on its way closes at once', async () => {
	for (const content of [small, big]) {
		const { outcomes, accepted, why } = await converse(
			{},
			{
				to: ['a@x', 'b@x'],
				content,
				mayEnd(_to, session) {
					laterByTurns(20, () => session.leave('disk full'));
					return false;
				},
			},
		);
		assert.deepEqual(outcomes, ['a@x: broken content dropped']);
		assert.deepEqual(accepted, []);
		assert.equal(why?.message, 'disk full');
	}
});

test('a session may be left while it tells an outcome', async () => {
	for (const depth of depths) {
		const { outcomes, accepted } = await converse(
			{},
			{ to: ['a@x', 'b@x', 'c@x'], depth, meddle: (session) => session.leave('disk full') },
		);
		assert.equal(outcomes[0], 'a@x: accepted 250');
		assert.equal(accepted.length, 1, outcomes.join());
	}
});

test('a session that is left while the next message is put together writes nothing of it, and the verdicts that are due are told', async () => {
	for (const how of ['take', 'mayEnd'] as const) {
		let session: Session<Submission> | null = null;
		const { outcomes, accepted } = await converse(
			{ verdict: (_content, nth) => `250 2.0.0 queued as ${nth}Q` },
			{
				to: ['a@x', 'b@x', 'c@x', 'd@x'],
				depth: 'whole_transactions',
				chunking: true,
				meddleInTake: (asking, taken) => how === 'take' && taken === 3 && asking.leave('disk full'),
				mayEnd(to, asking) {
					session = asking;
					if (how === 'mayEnd' && to === 'd@x') asking.leave('disk full');
					return true;
				},
			},
		);
		assert.ok(session !== null);
		assert.equal(outcomes[0], 'a@x: accepted 250', how);
		assert.ok(
			outcomes.slice(1).every((outcome) => / broken mail dropped$/.test(outcome)),
			outcomes.join(),
		);
		assert.equal(accepted.length, 1);
	}
});

test('a session that is left between the first whole message and its proof tells what became of it', async () => {
	const { outcomes, accepted } = await leaveAfterDot(1, { depth: 'whole_transactions', chunking: true });
	assert.deepEqual(outcomes, ['a@x: accepted 250']);
	assert.equal(accepted.length, 1);
});

/** One message; its dot is never let out, and once it was asked for, the server says `answer`. */
function converseWhileHeld(content: (to: string) => string, answer: Answer) {
	let say: (answer: Answer) => void = () => {};
	return converse(
		{},
		{
			to: ['a@x', 'b@x'],
			content,
			onPeer: (peer) => {
				say = peer.say;
			},
			mayEnd: () => {
				laterByTurns(20, () => say(answer));
				return false;
			},
		},
	);
}

/** Leaves the session when the dot of message `nth` has reached the server, before its verdict. */
function leaveAfterDot(nth: number, options: Partial<ConverseOptions>) {
	let session: Session<Submission> | null = null;
	return converse(
		{
			verdict: (_content, at) => {
				if (at === nth) session?.leave('disk full');
				return '250 ok';
			},
		},
		{
			to: ['a@x', 'b@x', 'c@x'],
			mayEnd(_to, asked) {
				session = asked;
				return true;
			},
			...options,
		},
	);
}
