/** Who is to blame when a server refuses: nobody's row is settled for what is about us, and a rotten list stops no server. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Stage } from '../../../src/smtp/outcome.ts';
import { type KnownReply, knownReplies } from '../../bounces/replies.ts';
import { RefusingServer, type Row, recipient } from './refusals.ts';

const unexplained = '550 5.0.0 Rejected';

describe('a row of equal refusals', () => {
	test('stops the server at the fifth recipient, and leaves all five unsettled', () => {
		const server = new RefusingServer();

		const { verdict, after, why, said } = server.refuseAll(9, unexplained);

		assert.equal(verdict, 'stop_server');
		assert.equal(after, 5);
		assert.deepEqual(
			server.heldBack.map(({ key }) => key),
			[1, 2, 3, 4, 5].map(recipient),
		);
		assert.deepEqual(server.recorded, []);
		assert.equal(why, 'refused 5 recipients in a row with the same words, so it is about you and not about them');
		assert.equal(said, '550 5.0.0 Rejected');
	});

	test('is seen although each reply names another recipient, time and id', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 4; each += 1) {
			const verdict = server.refuse(
				recipient(each),
				`554 5.7.1 <{}>: not today (id=${each}f${each}a9b0c, 0${each}:12:33)`,
			);
			assert.equal(verdict.kind, 'keep_back');
		}

		assert.equal(server.refuse(recipient(5), '554 5.7.1 <{}>: not today (id=77c1d2e3f, 09:59:01)').kind, 'stop_server');
	});

	test('ends with an accepted message, after which the refused ones are recorded as they were judged', () => {
		const server = new RefusingServer();
		server.refuseAll(4, unexplained);
		assert.equal(server.recorded.length, 0);

		server.accept();

		assert.equal(server.recorded.length, 4);
		assert.equal(server.refuseAll(4, unexplained).verdict, 'none');
	});

	test('ends with another refusal', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 20; each += 1) {
			const text = each % 5 === 0 ? '550 5.0.0 Nope' : unexplained;
			const verdict = server.refuse(recipient(each), text);
			assert.equal(verdict.kind, 'keep_back');
		}
		assert.equal(server.keptBack.size, 1);
	});

	test('ends with a recipient who is to blame, whose own row is recorded at once', () => {
		const server = new RefusingServer();
		server.refuseAll(4, unexplained);

		const verdict = server.refuse('gone@host.example', '550 5.1.1 <{}>: User unknown');

		assert.equal(verdict.kind, 'record');
		assert.equal(server.recorded.length, 5);
	});

	test('needs different recipients: one who is tried five times is no row', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 20; each += 1) {
			assert.equal(server.refuse('same@host.example', '451 4.3.0 Try again later').kind, 'record');
		}
	});

	test('keeps back no more than four, even if one recipient were given again and again', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 20; each += 1) server.refuse('same@host.example', unexplained);
		assert.equal(server.keptBack.size, 4);
	});

	test('of a 4xx makes the server rest, and what was said before stays deferred', () => {
		const server = new RefusingServer();

		const { verdict, after, why } = server.refuseAll(9, '451 4.3.0 Temporary lookup failure');

		assert.equal(verdict, 'rest_server');
		assert.equal(after, 5);
		assert.equal(server.heldBack.length, 1);
		assert.equal(why, 'put off 5 recipients in a row with the same words');
	});

	test('goes on after a rest: the one who tries and hears the same sends it to rest again, an acceptance ends it', () => {
		const server = new RefusingServer();
		server.refuseAll(5, '451 4.3.0 Temporary lookup failure');

		assert.equal(server.refuse(recipient(77), '451 4.3.0 Temporary lookup failure').kind, 'rest_server');
		server.accept();
		assert.equal(server.refuse(recipient(78), '451 4.3.0 Temporary lookup failure').kind, 'record');
	});

	test('goes on after a stop: what was under way on other connections is left unsettled, too', () => {
		const server = new RefusingServer();
		server.refuseAll(5, unexplained);

		for (let each = 6; each <= 12; each += 1)
			assert.equal(server.refuse(recipient(each), unexplained).kind, 'stop_server');

		assert.equal(server.heldBack.length, 12);
		assert.deepEqual(server.recorded, []);
	});
});

describe('how many recipients it takes', () => {
	const cases: readonly {
		readonly text: string;
		readonly stage: Stage;
		readonly verdict: string;
		readonly after: number;
	}[] = [
		{
			text: '554 Message rejected: Email address is not verified.',
			stage: 'verdict',
			verdict: 'stop_server',
			after: 1,
		},
		{
			text: '554 Message rejected: Sending paused for this account.',
			stage: 'verdict',
			verdict: 'stop_server',
			after: 1,
		},
		{
			text: '454 Throttling failure: Daily message quota exceeded.',
			stage: 'verdict',
			verdict: 'stop_server',
			after: 1,
		},
		{ text: '421 Domain a.example is not allowed to send: free', stage: 'rcpt', verdict: 'stop_server', after: 1 },
		{ text: '550 5.7.1 rejected by DMARC policy for a.example', stage: 'verdict', verdict: 'stop_server', after: 1 },
		{ text: '550 zzz', stage: 'mail', verdict: 'stop_server', after: 3 },
		{ text: '530 5.7.8 zzz', stage: 'rcpt', verdict: 'stop_server', after: 3 },
		{
			text: "554 Transaction failed: Duplicate header 'DKIM-Signature'.",
			stage: 'verdict',
			verdict: 'stop_server',
			after: 3,
		},
		{ text: '550 5.7.1 Message rejected as spam', stage: 'verdict', verdict: 'stop_server', after: 5 },
		{ text: '552 5.3.4 Message too big', stage: 'verdict', verdict: 'stop_server', after: 5 },
		{ text: '553 zzz', stage: 'rcpt', verdict: 'stop_server', after: 5 },
		{ text: '556 zzz', stage: 'rcpt', verdict: 'stop_server', after: 5 },
		{ text: '552 zzz', stage: 'verdict', verdict: 'stop_server', after: 5 },
		{ text: '550 5.7.0 too many emails per second', stage: 'verdict', verdict: 'rest_server', after: 5 },
		{ text: '450 4.7.1 zzz', stage: 'rcpt', verdict: 'rest_server', after: 5 },
		{
			text: '450 4.7.1 Client host rejected: cannot find your hostname',
			stage: 'rcpt',
			verdict: 'rest_server',
			after: 5,
		},
		{ text: '550 5.1.1 <{}>: User unknown', stage: 'rcpt', verdict: 'none', after: 100 },
		{ text: '450 4.1.1 <{}>: User unknown', stage: 'rcpt', verdict: 'none', after: 100 },
		{ text: '552 5.2.2 <{}>: Mailbox full', stage: 'verdict', verdict: 'none', after: 100 },
		{ text: '450 4.2.0 <{}>: Greylisted for 5 minutes', stage: 'rcpt', verdict: 'none', after: 100 },
	];
	for (const { text, stage, verdict, after } of cases) {
		test(`${text} (${stage}): ${verdict === 'none' ? 'never' : `${verdict} at ${after}`}`, () => {
			const server = new RefusingServer();
			const found = server.refuseAll(100, text, stage);
			assert.deepEqual({ verdict: found.verdict, after: found.after }, { verdict, after });
		});
	}

	test('thirty of the last hundred are enough when others come through in between', () => {
		const server = new RefusingServer();
		let refused = 0;
		let verdict = '';
		for (let each = 1; verdict !== 'stop_server'; each += 1) {
			if (each % 3 === 0) {
				refused += 1;
				const said = server.refuse(recipient(each), unexplained);
				verdict = said.kind;
				if (said.kind === 'stop_server') {
					assert.match(said.why, /^refused 30 of the last 90 recipients with the same words/);
				}
			} else server.accept();
		}
		assert.equal(refused, 30);
	});

	test('thirty refusals of one and the same recipient are not', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 300; each += 1) {
			if (each % 2 === 0) server.accept();
			else assert.equal(server.refuse('busy@host.example', '554 5.2.122 The recipient thread limit').kind, 'record');
		}
	});

	test('twenty-nine of each hundred are not', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 2_000; each += 1) {
			if (each % 100 < 58 && each % 2 === 0)
				assert.notEqual(server.refuse(recipient(each), unexplained).kind, 'stop_server');
			else server.accept();
		}
	});

	test('a third of dead addresses is the business of --max-bounce-rate', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 1_000; each += 1) {
			if (each % 2 === 0) assert.equal(server.refuse(recipient(each), '550 5.1.1 No such user').kind, 'record');
			else server.accept();
		}
	});

	test('the first stop tells after how many recipients', () => {
		const server = new RefusingServer();
		for (let each = 0; each < 41; each += 1) server.accept();

		const { why } = server.refuseAll(1, '554 Sending paused for this account');

		assert.equal(why, 'refuses your account or sender address, whoever the recipient is (said of recipient 42)');
	});

	test('what was kept back for another reason is left unsettled, too, when the server stops', () => {
		const server = new RefusingServer();
		server.refuseAll(3, unexplained);

		server.refuse('last@host.example', '554 Sending paused for this account');

		assert.equal(server.heldBack.length, 4);
		assert.deepEqual(server.recorded, []);
	});
});

describe('a reply that reads like a dead address', () => {
	test('stops the server when it speaks of the same other address to everybody', () => {
		const server = new RefusingServer();

		const { verdict, after } = server.refuseAll(9, '550 5.1.1 <news@acme.example>: User unknown');

		assert.deepEqual({ verdict, after }, { verdict: 'stop_server', after: 5 });
		assert.deepEqual(server.writtenOff, []);
	});

	test('stops the server when it speaks of the same other domain to everybody', () => {
		const server = new RefusingServer();

		const { verdict, after } = server.refuseAll(9, '517 Domain does not exist: acme.example.');

		assert.deepEqual({ verdict, after }, { verdict: 'stop_server', after: 5 });
		assert.deepEqual(server.writtenOff, []);
	});

	test('stops nothing when it speaks of another address each time, as a forwarding server does', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 100; each += 1) {
			const verdict = server.refuse(recipient(each), `550 5.1.1 <forwarded${each}@other.example>: User unknown`);
			assert.notEqual(verdict.kind, 'stop_server');
		}
		server.end();
		assert.equal(server.writtenOff.length, 100);
	});

	test('stops nothing when it names whom to ask', () => {
		const server = new RefusingServer();
		const text = '550 5.1.1 Recipient not found. If you think that this is wrong, please ask help@relay.example';
		assert.equal(server.refuseAll(100, text).verdict, 'none');
	});

	test('stops nothing when it names the domain of the recipient, which is really dead', () => {
		const server = new RefusingServer();
		for (let each = 1; each <= 100; each += 1) {
			const verdict = server.refuse(`p${each}@nowhere.example`, '550 5.1.2 Domain nowhere.example not found');
			assert.equal(verdict.kind, 'record');
		}
	});
});

describe('the 117 replies of the reference, said by our own server', () => {
	const inTransaction: ReadonlySet<string> = new Set(['mail', 'rcpt', 'data', 'content', 'verdict']);
	const recipientsFault = (row: KnownReply) =>
		row.type === 'hard' || row.category === 'mailbox_full' || row.category === 'greylisted';
	/** As a server says them: with the address of the recipient where the sample has one. */
	const asSaid = ({ reply }: KnownReply) =>
		reply.replace(/(?:djf23gjsjf|user|julia|email)@[\w.-]+\.(?:com|org|net|jp|ru)|nothing@example\.com/g, '{}');

	for (const row of knownReplies('providers')) {
		const stage = inTransaction.has(row.stage) ? row.stage : 'rcpt';
		if (recipientsFault(row)) {
			test(`a hundred recipients in a row stop nothing: ${row.reply.slice(0, 80)}`, () => {
				const server = new RefusingServer();
				assert.equal(server.refuseAll(100, asSaid(row), stage).verdict, 'none');
			});
		} else {
			test(`five recipients in a row stop or rest the server: ${row.reply.slice(0, 80)}`, () => {
				for (const each of new Set<Stage>([stage, 'rcpt', 'verdict'])) {
					const server = new RefusingServer();
					const { verdict, after, why, said } = server.refuseAll(5, asSaid(row), each);
					server.end();
					assert.match(verdict, /^(?:stop|rest)_server$/, each);
					assert.ok(after <= 5);
					assert.match(why, /recipient/);
					assert.ok(said.startsWith(row.reply.slice(0, 3)));
					assert.deepEqual(server.writtenOff, []);
				}
			});
		}
	}
});

test('of all replies that we know, none that is not about the recipient ever writes an address off, however few hear it', () => {
	for (const row of [...knownReplies('providers'), ...knownReplies('families')]) {
		if (row.type === 'hard') continue;
		for (const stage of new Set<Stage>([row.stage, 'mail'])) {
			if (stage === 'greeting') continue;
			const server = new RefusingServer();
			server.refuse(recipient(1), row.reply, stage);
			server.accept();
			server.refuse(recipient(2), row.reply, stage);
			server.end();
			assert.deepEqual(server.writtenOff, [], row.reply);
		}
	}
});

describe('whatever the sequence of outcomes', () => {
	const texts = [
		unexplained,
		'550 5.0.0 Nope',
		'553 zzz',
		'552 5.3.4 Message too big',
		'451 4.3.0 Try later',
		'454 4.7.1 TLS required',
		'550 5.1.1 <{}>: User unknown',
		'550 5.1.1 <news@acme.example>: User unknown',
		'552 5.2.2 Mailbox full',
		'450 4.2.0 Greylisted',
		'550 5.7.1 Message rejected as spam',
		'554 Sending paused for this account',
		'530 5.7.8 zzz',
	];
	const step = fc.oneof(
		{ weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('accept', 'flush') }) },
		{
			weight: 4,
			arbitrary: fc.record({
				text: fc.constantFrom(...texts),
				times: fc.integer({ min: 1, max: 7 }),
				who: fc.nat({ max: 40 }),
			}),
		},
	);

	test('every item given is recorded, cleared, handed back or flushed exactly once, and no more than four are kept back', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const server = new RefusingServer();
				let given = 0;
				for (const each of steps) {
					if ('kind' in each) {
						if (each.kind === 'accept') server.accept();
						else server.end();
					} else {
						for (let time = 0; time < each.times; time += 1) {
							server.refuse(recipient(each.who + time), each.text);
							given += 1;
						}
					}
					assert.ok(server.keptBack.size <= 4, `${server.keptBack.size} are kept back`);
				}
				server.end();
				assert.equal(server.keptBack.size, 0);
				const back: Row[] = [...server.recorded, ...server.heldBack];
				assert.equal(back.length, given);
				assert.equal(new Set(back).size, given);
			}),
			{ numRuns: 500 },
		);
	});
});
