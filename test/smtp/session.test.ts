/** One connection's transactions against a scripted peer: refusals, groups, breaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PipeliningDepth } from '../../src/smtp/pipelining-depth.ts';
import { servings } from './peer.ts';
import { converse } from './session-harness.ts';

const depths: readonly PipeliningDepth[] = ['across_messages', 'within_message', 'none'];

for (const serving of servings) {
	for (const depth of depths) {
		const how = `(${depth}, replies ${serving})`;

		test(`every message of a connection is accepted ${how}`, async () => {
			const { outcomes, accepted, why } = await converse({}, { to: ['a@x', 'b@x', 'c@x'], depth, serving });
			assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: accepted 250', 'c@x: accepted 250']);
			assert.deepEqual(
				accepted,
				['a@x', 'b@x', 'c@x'].map((to) => `Subject: hi\r\n\r\nDear ${to}\r\n`),
			);
			assert.equal(why, null);
		});

		test(`a 550 to RCPT bounces that recipient alone ${how}`, async () => {
			const rcpt = (to: string) => (to === 'b@x' ? '550 5.1.1 no such user' : '250 ok');
			// Both kinds of server: one that refuses DATA without recipients, one that lets it through.
			for (const data of ['554 5.5.1 no valid recipients', '354 go ahead']) {
				let refused = false;
				const { outcomes, accepted, why } = await converse(
					{
						rcpt: (to) => {
							refused = to === 'b@x';
							return rcpt(to);
						},
						data: () => (refused ? data : '354 go ahead'),
						verdict: (content) => (content === '' ? '554 5.5.1 no valid recipients' : '250 ok'),
					},
					{ to: ['a@x', 'b@x', 'c@x'], depth, serving },
				);
				assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: rejected rcpt 550', 'c@x: accepted 250'], data);
				assert.equal(accepted.length, 2);
				assert.equal(why, null);
			}
		});

		test(`a refused MAIL, DATA or final dot is told with its stage ${how}`, async () => {
			const { outcomes } = await converse(
				{
					mail: (_from, nth) => (nth === 1 ? '451 4.3.0 later' : '250 ok'),
					rcpt: (_to, nth) => (nth === 1 && depth !== 'none' ? '503 5.5.1 need MAIL' : '250 ok'),
					data: (nth) => {
						const first = depth === 'none' ? 1 : 2;
						if (depth !== 'none' && nth === 1) return '503 5.5.1 need RCPT';
						return nth === first ? '451 4.3.1 no room' : '354 go';
					},
					verdict: () => '554 5.7.1 spam',
				},
				{ to: ['a@x', 'b@x', 'c@x'], depth, serving },
			);
			assert.deepEqual(outcomes, ['a@x: rejected mail 451', 'b@x: rejected data 451', 'c@x: rejected verdict 554']);
		});
	}

	test(`a verdict that never comes makes the message unknown, not accepted by the reply behind it (${serving})`, async () => {
		const { outcomes, why } = await converse(
			{ verdict: (_content, nth) => (nth === 1 ? null : '250 ok') },
			{ to: ['a@x', 'b@x'], serving },
		);
		assert.deepEqual(outcomes, ['a@x: broken verdict out_of_step', 'b@x: broken rcpt out_of_step']);
		assert.equal(why?.cause, 'out_of_step');
	});

	test(`an extra reply ends the connection before another content is sent (${serving})`, async () => {
		const { outcomes, accepted, why } = await converse(
			{ verdict: () => '250 ok\r\n250 ok' },
			{ to: ['a@x', 'b@x'], serving },
		);
		assert.deepEqual(accepted.length, 1);
		assert.equal(why?.cause, 'out_of_step');
		assert.match(outcomes[0] ?? '', /^a@x: (accepted 250|broken verdict out_of_step)$/);
		assert.match(outcomes[1] ?? '', /^b@x: broken (data|rcpt|content) out_of_step$/);
	});

	test(`250 where 354 is due ends the connection and nothing is sent (${serving})`, async () => {
		const { outcomes, heard, why } = await converse({ data: () => '250 ok' }, { to: ['a@x'], serving });
		assert.deepEqual(outcomes, ['a@x: broken data out_of_step']);
		assert.equal(why?.cause, 'out_of_step');
		assert.ok(!heard.some((line) => line.includes('octets')));
	});

	test(`a close after the final dot makes the message unknown and the envelope behind it safe (${serving})`, async () => {
		const { outcomes } = await converse(
			{ verdict: () => ({ say: '', ending: 'close' }) },
			{ to: ['a@x', 'b@x'], serving },
		);
		assert.deepEqual(outcomes, ['a@x: broken verdict closed', 'b@x: broken mail closed']);
	});

	test(`250 and then a close counts as accepted (${serving})`, async () => {
		const { outcomes } = await converse(
			{ verdict: () => ({ say: '250 ok', ending: 'close' }) },
			{ to: ['a@x', 'b@x'], serving },
		);
		assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: broken mail closed']);
	});

	test(`421 to the final dot is a no, and what was pipelined behind it was not sent (${serving})`, async () => {
		const { outcomes, why } = await converse(
			{ verdict: () => ({ say: '421 4.3.2 shutting down', ending: 'close' }) },
			{ to: ['a@x', 'b@x'], serving },
		);
		assert.deepEqual(outcomes, ['a@x: rejected verdict 421', 'b@x: broken mail service_closing']);
		assert.equal(why?.cause, 'service_closing');
	});

	test(`421 to MAIL leaves the verdict before it standing (${serving})`, async () => {
		const { outcomes } = await converse(
			{ mail: (_from, nth) => (nth === 2 ? { say: '421 4.4.5 too many messages', ending: 'close' } : '250 ok') },
			{ to: ['a@x', 'b@x'], serving },
		);
		assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: rejected mail 421']);
	});

	test(`an HTML page in place of a reply ends the connection (${serving})`, async () => {
		const { outcomes, why } = await converse({ rcpt: () => '<html>nope</html>' }, { to: ['a@x'], serving });
		assert.deepEqual(outcomes, ['a@x: broken rcpt out_of_step']);
		assert.match(why?.message ?? '', /<html>nope/);
	});
}

test('across messages, a content travels with the next envelope in one write', async () => {
	const { heard } = await converse({}, { to: ['a@x', 'b@x'] });
	const groups = heard.join(' ').split(' | ');
	assert.match(groups[0] ?? '', /^MAIL FROM:<news@acme.example> SIZE=\d+ RCPT TO:<a@x> DATA$/);
	assert.match(groups[1] ?? '', /^<\d+ octets> MAIL .* RCPT TO:<b@x> DATA$/);
	assert.match(groups[2] ?? '', /^<\d+ octets>$/);
	assert.match(groups[3] ?? '', /^QUIT \|$/);
});

test('within one message, the content travels alone', async () => {
	const { heard } = await converse({}, { to: ['a@x', 'b@x'], depth: 'within_message' });
	const groups = heard.join(' ').split(' | ');
	assert.match(groups[1] ?? '', /^<\d+ octets>$/);
	assert.match(groups[2] ?? '', /^MAIL .* RCPT TO:<b@x> DATA$/);
});

test('a server that does not announce PIPELINING gets one command at a time', async () => {
	const { heard, outcomes } = await converse({}, { to: ['a@x', 'b@x'], pipelining: false });
	const groups = heard
		.join(' ')
		.split(' | ')
		.map((group) => group.split(' ').length);
	assert.ok(
		groups.every((words) => words <= 3),
		heard.join(' '),
	);
	assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: accepted 250']);
});

test('a refused envelope is reset before the next, also when the refusal was pipelined', async () => {
	for (const depth of depths) {
		const { heard } = await converse(
			{
				rcpt: (to) => (to === 'a@x' ? '550 no' : '250 ok'),
				data: (nth) => (nth === 1 && depth !== 'none' ? '503 no' : '354 go'),
			},
			{ to: ['a@x', 'b@x'], depth },
		);
		const lines = heard.filter((line) => line !== '|').map((line) => line.split(' ')[0]);
		assert.ok(lines.indexOf('RSET') > lines.indexOf('RCPT'), lines.join());
		assert.ok(lines.indexOf('RSET') < lines.lastIndexOf('MAIL'), lines.join());
	}
});

test('a message that was accepted for nobody ends the connection', async () => {
	const { outcomes, why } = await converse(
		{ rcpt: () => '550 no', data: () => '354 go', verdict: () => '250 ok' },
		{ to: ['a@x', 'b@x'], depth: 'within_message' },
	);
	assert.deepEqual(outcomes, ['a@x: rejected rcpt 550']);
	assert.equal(why?.cause, 'out_of_step');
});

test('the session quits after its share of messages and leaves the rest', async () => {
	const { outcomes, left, heard, why } = await converse({}, { to: ['a@x', 'b@x', 'c@x'], maxMessages: 2 });
	assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: accepted 250']);
	assert.deepEqual(left, ['c@x']);
	assert.ok(heard.includes('QUIT'));
	assert.equal(why, null);
});

test('a dropped session makes the message with its dot out unknown and the one behind it safe', async () => {
	const { outcomes } = await converse(
		{ verdict: (_content, nth) => (nth === 2 ? null : '250 ok') },
		{
			to: ['a@x', 'b@x', 'c@x'],
			meddle: (session, so) => so.length === 1 && setImmediate(() => setImmediate(() => session.drop('second signal'))),
		},
	);
	assert.equal(outcomes[0], 'a@x: accepted 250');
	assert.match(outcomes[1] ?? '', /^b@x: broken (verdict|content|data|rcpt|mail) dropped$/);
});

test('a big message is judged before its dot when the server refuses early', async () => {
	const big = `Subject: big\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(300_000, `${'y'.repeat(70)}\r\n`).concat('\r\n');
	const accepted = await converse({}, { to: ['a@x', 'b@x'], content: () => big });
	assert.deepEqual(accepted.outcomes, ['a@x: accepted 250', 'b@x: accepted 250']);
	assert.equal(accepted.accepted[0], big);

	const refused = await converse(
		{ data: () => '354 go\r\n552 5.3.4 too big' },
		{ to: ['a@x', 'b@x'], content: () => big },
	);
	// The refusal came with the 354, before a byte of the content: a reply that nothing asked for.
	assert.deepEqual(refused.outcomes, ['a@x: broken content out_of_step']);
	assert.deepEqual(refused.accepted, []);
});

test('an address that could end its line is a bug that never reaches the wire', async () => {
	await assert.rejects(converse({}, { to: ['a@x>\r\nDATA'] }), /not an SMTP path/);
});

test('a verdict that cannot be the reply to MAIL stands, although a refusal and a close follow it', async () => {
	const script = {
		verdict: () => '250 2.0.0 Ok: queued as 4F2',
		rcpt: (to: string) =>
			to === 'b@x' ? ({ say: '550 5.1.1 no such user', ending: 'close' } as const) : '250 2.1.5 Ok',
	};
	const told = await converse({ ...script, mail: () => '250 2.1.0 Ok' }, { to: ['a@x', 'b@x'] });
	assert.equal(told.outcomes[0], 'a@x: accepted 250');
	const alike = await converse({ ...script, mail: () => '250 2.0.0 Ok: queued as 4F2' }, { to: ['a@x', 'b@x'] });
	assert.equal(alike.outcomes[0], 'a@x: broken verdict closed');
});

test('a swallowed verdict and a close behind the next reply to MAIL is no acceptance', async () => {
	const swallow = (mail: string) =>
		converse(
			{
				mail: () => mail,
				verdict: () => null,
				rcpt: (to: string) => (to === 'b@x' ? ({ say: '250 2.1.5 Ok', ending: 'close' } as const) : '250 2.1.5 Ok'),
			},
			{ to: ['a@x', 'b@x'] },
		);
	const { outcomes } = await swallow('250 2.1.0 Ok');
	assert.equal(outcomes[0], 'a@x: broken verdict closed');
});

test('421 in place of the reply to DATA leaves the verdict before it standing', async () => {
	const { outcomes } = await converse(
		{
			rcpt: (to) => (to === 'b@x' ? '550 5.1.1 no such user' : '250 ok'),
			data: (nth) => (nth === 2 ? { say: '421 4.7.0 too many errors', ending: 'close' } : '354 go'),
		},
		{ to: ['a@x', 'b@x'] },
	);
	assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: rejected rcpt 550']);
});

test('a server that closes while a big body is on its way gets no dot, so the message is safe', async () => {
	// Far more than the kernel takes at once, so that the close is there before the end of the body.
	const big = `Subject: big\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(120_000)}`;
	const { outcomes, heard } = await converse(
		{ data: () => ({ say: '354 go', ending: 'close' }) },
		{ to: ['a@x'], content: () => big },
	);
	assert.deepEqual(outcomes, ['a@x: broken content closed']);
	assert.ok(!heard.some((line) => line.includes('octets')));
});

test('part of another reply behind 354 ends the connection before the content', async () => {
	const { outcomes, heard } = await converse({ data: () => ({ raw: '354 go\r\n250 st' }) }, { to: ['a@x'] });
	assert.deepEqual(outcomes, ['a@x: broken content out_of_step']);
	assert.ok(!heard.some((line) => line.includes('Dear')), heard.join());
});
