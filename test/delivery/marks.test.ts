/** Mark, then dot: nothing goes out before its mark is durable, and the disk works while the server answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, ScriptedServer } from '../smtp/peer.ts';
import { bigPeople, count, lockStep, people, run } from './run-delivery.ts';
import { handMade, laterByTurns, ScriptedMarks } from './scripted-marks.ts';

for (const window of [1, 2, 8]) {
	for (const { how, script } of [
		{ how: 'pipelined', script: {} },
		{ how: 'in lock-step', script: lockStep },
	]) {
		test(`no dot goes out before its mark is durable, however late the commit (window ${window}, ${how})`, async () => {
			for (const turns of [0, 3, 30]) {
				for (const messages of [people(60), bigPeople(12)]) {
					const marks = new ScriptedMarks({ window, durable: () => turns });
					const { results, accepted } = await run(messages, { script: () => script }, { marks });
					assert.equal(count(results, 'accepted'), messages.length);
					assert.equal(accepted.length, messages.length);
					assert.equal(marks.mostOpen, window);
				}
			}
		});

		test(`nothing is sent while nothing becomes durable, and everything after (window ${window}, ${how})`, async () => {
			for (const messages of [people(10), bigPeople(5)]) {
				const taken: string[] = [];
				let sentEarly = 0;
				const marks = handMade({ window }, () => {
					// Long enough for a server in this process to hear a dot that should not be there.
					laterByTurns(30, () => {
						sentEarly = Math.max(sentEarly, taken.length);
						marks.commit();
						hasCommitted = true;
					});
				});
				let hasCommitted = false;
				const { results } = await run(
					messages,
					{
						script: () => ({
							...script,
							verdict: (content) => {
								if (!hasCommitted) taken.push(content);
								return '250 ok';
							},
						}),
					},
					{ marks, connections: 1 },
				);
				assert.equal(sentEarly, 0);
				assert.equal(count(results, 'accepted'), messages.length);
			}
		});
	}
}

test('with a window of one, no envelope travels behind a content', async () => {
	const groups = async (window: number) => {
		const { heard } = await run(people(10), { script: () => ({}) }, { marks: new ScriptedMarks({ window }) });
		return heard.join(' ').split(' | ');
	};
	assert.ok((await groups(2)).some((group) => /octets> MAIL/.test(group)));
	assert.ok(!(await groups(1)).some((group) => /octets> MAIL/.test(group)));
});

test('a commit is asked for before the envelope travels, so that the disk works while the server answers', async () => {
	let server: ScriptedServer | null = null;
	const heardAtHurry: string[] = [];
	const marks = new ScriptedMarks({
		durable: () => 0,
		onEvent(event) {
			if (event === 'hurry') heardAtHurry.push(server?.heard.join(' ') ?? '');
		},
	});
	await run(
		people(20),
		{
			script: () => lockStep,
			onServer: (it) => {
				server = it;
			},
		},
		{ marks, connections: 1 },
	);
	assert.match(heardAtHurry[0] ?? '', /^EHLO \S+ \|$/);
	assert.ok(heardAtHurry.length <= 20, `${heardAtHurry.length} times hurried for 20 messages`);
});

test('whoever waits says so, and again when a commit came without his mark', async () => {
	const hurried: number[] = [];
	const marks: ScriptedMarks = handMade({ window: 1 }, () => {
		laterByTurns(20, () => {
			// Before the envelope, and when the content was due.
			hurried.push(marks.count('hurry'));
			marks.commit(0);
			hurried.push(marks.count('hurry'));
			marks.commit();
		});
	});
	const { results } = await run(people(1), { script: () => ({}) }, { marks, connections: 1 });
	assert.deepEqual(results, ['r0@x.example: accepted']);
	assert.deepEqual(hurried.slice(0, 2), [2, 3]);
});

test('while a message waits for the disk, as much is marked as the window allows, to share the commit', async () => {
	for (const window of [1, 2, 8]) {
		const openWhileWaiting: number[] = [];
		const marks: ScriptedMarks = handMade({ window }, () => {
			laterByTurns(20, () => {
				openWhileWaiting.push(marks.open());
				marks.commit();
			});
		});
		await run(people(40), { script: () => ({}) }, { marks, connections: 1 });
		const enoughLeft = openWhileWaiting.slice(0, 3);
		assert.deepEqual(enoughLeft, [window, window, window]);
	}
});

test('a message that went back and is too big for the next connection has failed without a mark', async () => {
	const { raw, marks } = await run(
		people(1),
		{
			script: (connection) => ({
				ehlo: () => `250-peer.example\r\n250 SIZE ${connection === 1 ? 1_000 : 10}`,
				rcpt: () => ({ say: '', ending: 'close' }),
			}),
		},
		{ connections: 1 },
	);
	assert.deepEqual(
		raw.map((result) => [result.kind, result.attempt.mark]),
		[['failed', 0]],
	);
	assert.equal(marks.count('release 1 closed'), 1);
});

test('a wide window lets one commit serve many messages', async () => {
	const marks = new ScriptedMarks({ window: 16, durable: () => 0 });
	await run(people(160), { script: () => lockStep }, { marks, connections: 1 });
	assert.ok(marks.count('durable') <= 160 / 4, String(marks.count('durable')));
});

for (const { how, answer } of [
	{ how: 'closes', answer: { say: '', ending: 'close' } },
	{ how: 'resets', answer: { say: '', ending: 'reset' } },
	{ how: 'says 421', answer: { say: '421 4.4.2 timeout', ending: 'close' } },
	{ how: 'says 451', answer: { say: '451 4.4.2 timeout', ending: 'close' } },
] satisfies { how: string; answer: Answer }[]) {
	test(`a server that ${how} while a message waits for the disk gets it over another connection, with another mark`, async () => {
		// The server closes every connection that waits for a content, until the disk answers.
		let commitsLeft = 3;
		let sayLater: (answer: Answer) => void = () => {};
		const marks = handMade({ window: 2 }, () => {
			commitsLeft -= 1;
			if (commitsLeft > 0) laterByTurns(20, () => sayLater(answer));
			else laterByTurns(20, () => marks.commit());
		});
		const { results, accepted, error } = await run(
			people(6),
			{
				script: () => ({}),
				onServer: (server) => {
					sayLater = server.say;
				},
			},
			{ marks, connections: 1 },
		);
		assert.equal(error, null);
		assert.equal(count(results, 'accepted'), 6);
		assert.equal(accepted.length, 6);
		assert.ok(marks.count('release') >= 2, marks.events.join(', '));
	});
}

test('a commit wakes the connections whose mark it made durable, and no other', async () => {
	// The source has nothing more for now: a connection that is woken asks it again.
	const queue = people(3);
	const marks = new ScriptedMarks();
	let asked = 0;
	let ended = false;
	const askedWhileIdle: number[] = [];
	const { results } = await run(
		[],
		{ script: () => ({}) },
		{
			marks,
			connections: 1,
			source: {
				round: 0,
				next: () => {
					asked += 1;
					return queue.shift() ?? null;
				},
				get ended() {
					return ended;
				},
				whenReadable: (listener) =>
					laterByTurns(20, () => {
						const before = asked;
						for (let commit = 0; commit < 5; commit += 1) marks.commit();
						askedWhileIdle.push(asked - before);
						ended = true;
						listener();
					}),
			},
		},
	);
	assert.equal(count(results, 'accepted'), 3);
	assert.deepEqual(askedWhileIdle, [0]);
});
