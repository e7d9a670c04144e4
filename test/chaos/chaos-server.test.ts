/** The chaos server does what it says: its truth is what the proofs of this folder rest on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { RawClient } from '../sandbox/raw-client.ts';
import { startChaosServer } from './chaos-server.ts';
import type { Fault, FaultAction, FaultStage } from './server-behaviour.ts';

const server = await startChaosServer({ after });

function always(
	stage: FaultStage,
	action: FaultAction,
): { readonly faults: readonly Fault[]; readonly patienceMs: number } {
	return { faults: [{ stage, action, odds: 1 }], patienceMs: 50 };
}

function letter(to: string): string {
	return `To: <${to}>\r\nMessage-ID: <1@acme.example>\r\nSubject: Hello\r\n\r\nbody\r\n`;
}

/** One message; what was said last. */
async function send(to: string): Promise<string> {
	const client = await RawClient.connect(server.port);
	const verdict = await client.mail(to, letter(to));
	client.break();
	return verdict;
}

test('a message is taken, and known with its recipient, connection, Message-ID and what was said', async () => {
	await server.begin();
	const client = await RawClient.connect(server.port);
	assert.equal(await client.say('EHLO x'), '250-chaos.example\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES');
	assert.match(await client.mail('a@x.example', letter('a@x.example')), /^250 2\.0\.0 OK/);
	assert.equal(await client.say('QUIT'), '221 2.0.0 Bye');
	assert.equal(await client.reply(), 'closed');
	client.break();

	const { dots, ambiguous, complaints, connections } = await server.report();
	const [dot] = dots;
	assert.ok(dot !== undefined && dots.length === 1);
	const { number, recipient, connection, messageId, verdict, said } = dot;
	assert.deepEqual(
		{ number, recipient, connection, messageId, verdict, said },
		{
			number: 1,
			recipient: 'a@x.example',
			connection: 1,
			messageId: '<1@acme.example>',
			verdict: 'accepted',
			said: '250 2.0.0 OK queued as 1',
		},
	);
	assert.deepEqual([ambiguous, complaints, connections], [0, [], 1]);
});

const dotFaults: readonly (readonly [FaultAction, string, string, string, number])[] = [
	['close', 'closed', 'lost', '', 1],
	['reset', 'closed', 'lost', '', 1],
	['commit_close', 'closed', 'accepted', '', 1],
	['commit_reset', 'closed', 'accepted', '', 1],
	['hang', 'closed', 'accepted', '', 1],
	['missing', 'closed', 'accepted', '', 1],
	['lose_missing', 'closed', 'lost', '', 1],
	['say_4yz', '451 4.3.0 Temporary trouble, try again later', 'refused', '451', 0],
	['say_5yz', '550 5.1.1 User unknown', 'refused', '550', 0],
	['say_spam', '554 5.7.1 Message rejected as spam', 'refused', '554', 0],
	['say_421', '421 4.3.2 Service shutting down, closing channel', 'refused', '421', 0],
	['trickle', '250 2.0.0 OK queued as 1', 'accepted', '250', 0],
	['slow', '250 2.0.0 OK queued as 1', 'accepted', '250', 0],
	['extra', '250 2.0.0 OK queued as 1', 'accepted', '250', 1],
];

for (const [action, reply, verdict, said, ambiguous] of dotFaults) {
	test(`${action} at the dot: ${reply}, the message is ${verdict}, ${ambiguous} ambiguous`, async () => {
		await server.begin(always('dot', action));
		assert.equal(await send('a@x.example'), reply);
		const truth = await server.report();
		assert.deepEqual(
			truth.dots.map((dot) => [dot.verdict, dot.said.slice(0, 3)]),
			[[verdict, said]],
		);
		assert.equal(truth.ambiguous, ambiguous);
		assert.deepEqual(truth.faults, { [`dot ${action}`]: 1 });
	});
}

for (const [stage, action, reply] of [
	['mail', 'say_4yz', '451 4.3.0 Temporary trouble, try again later'],
	['mail', 'close', 'closed'],
	['mail', 'reset', 'closed'],
	['mail', 'hang', 'closed'],
	['mail', 'missing', 'closed'],
	['rcpt', 'say_5yz', '550 5.1.1 User unknown'],
	['rcpt', 'say_421', '421 4.3.2 Service shutting down, closing channel'],
	['rcpt', 'close', 'closed'],
] as const) {
	test(`${action} at ${stage}: ${reply}, and no dot was seen`, async () => {
		await server.begin(always(stage, action));
		assert.equal(await send('a@x.example'), reply);
		const truth = await server.report();
		assert.deepEqual(truth.dots, []);
		assert.equal(truth.ambiguous, 0);
	});
}

/** A message in two chunks; what was said to the first and to the last. */
async function sendChunks(to: string): Promise<string[]> {
	const client = await RawClient.connect(server.port);
	await client.say('EHLO x');
	client.write(`RSET\r\nMAIL FROM:<n@x>\r\nRCPT TO:<${to}>\r\n`);
	for (let nth = 0; nth < 3; nth++) await client.reply();
	const content = letter(to);
	client.write(`BDAT 1\r\n${content[0]}`);
	const first = await client.reply();
	client.write(`BDAT ${content.length - 1} LAST\r\n${content.slice(1)}`);
	const last = await client.reply();
	client.break();
	return [first, last];
}

test('a message that comes in chunks is one, with the octets of all of them', async () => {
	await server.begin({ chunking: true });
	const [first, last] = await sendChunks('a@x.example');
	assert.deepEqual([first, last], ['250 2.0.0 1 octets received', '250 2.0.0 OK queued as 1']);
	const { dots, complaints } = await server.report();
	assert.deepEqual([dots.map((dot) => dot.verdict), complaints], [['accepted'], []]);
});

for (const [action, said, verdicts] of [
	['say_502', '502 5.5.1 BDAT not implemented', []],
	['say_503', '503 5.5.1 Bad sequence of commands', []],
	['unlearn', '502 5.5.1 BDAT not implemented', []],
	['say_421', '421 4.3.2 Service shutting down, closing channel', []],
	['close', 'closed', []],
	['slow', '250 2.0.0 OK queued as 1', ['accepted']],
] as const) {
	test(`${action} at the last chunk: ${said}`, async () => {
		await server.begin({ chunking: true, ...always('chunk', action) });
		assert.equal((await sendChunks('a@x.example'))[1], said);
		const { dots } = await server.report();
		assert.deepEqual(
			dots.map((dot) => dot.verdict),
			verdicts,
		);
	});
}

test('a mute server takes what is in flight and says nothing about it', async () => {
	await server.begin({ chunking: true, ...always('dot', 'mute') });
	const client = await RawClient.connect(server.port);
	const whole = (to: string) =>
		`RSET\r\nMAIL FROM:<n@x>\r\nRCPT TO:<${to}>\r\nBDAT ${letter(to).length} LAST\r\n${letter(to)}`;
	client.write(whole('a@x.example') + whole('b@x.example'));
	const said = [await client.reply(), await client.reply(), await client.reply(), await client.reply()];
	client.break();
	assert.deepEqual(
		said.map((reply) => reply.slice(0, 3)),
		['250', '250', '250', 'clo'],
	);
	const { dots } = await server.report();
	assert.deepEqual(
		dots.map((dot) => [dot.recipient, dot.verdict, dot.said]),
		[
			['a@x.example', 'accepted', ''],
			['b@x.example', 'accepted', ''],
		],
	);
});

test('octets of a message for nobody are thrown away, and BDAT that is not offered, or no BDAT, is complained about', async () => {
	await server.begin({ chunking: true });
	const client = await RawClient.connect(server.port);
	client.write('MAIL FROM:<n@x>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\nBDAT x\r\n');
	const replies = [await client.reply(), await client.reply(), await client.reply(), await client.reply()];
	assert.deepEqual(
		replies.map((reply) => reply.slice(0, 3)),
		['250', '503', '250', '501'],
	);
	client.break();
	assert.match((await server.report()).complaints.join(), /"BDAT x" is no BDAT/);
	await server.begin();
	const other = await RawClient.connect(server.port);
	assert.match(await other.say('BDAT 0'), /^501/);
	other.break();
	assert.match((await server.report()).complaints.join(), /"BDAT 0" without CHUNKING/);
});

test('250 where 354 is due, an extra reply and a missing one shift what follows', async () => {
	const replies = async (stage: FaultStage, action: FaultAction) => {
		await server.begin(always(stage, action));
		const client = await RawClient.connect(server.port);
		client.write('MAIL FROM:<n@x>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n');
		const said = [await client.reply(), await client.reply(), await client.reply()];
		client.break();
		await server.report();
		return said.map((reply) => reply.slice(0, 3));
	};
	assert.deepEqual(await replies('data', 'say_250'), ['250', '250', '250']);
	assert.deepEqual(await replies('mail', 'extra'), ['250', '250', '250']);
	assert.deepEqual(await replies('mail', 'missing'), ['250', '354', 'clo']);
});

test('what was sent ahead is carried out in order, also when the client is gone before its turn', async () => {
	await server.begin({ verdictMs: [30, 30] });
	const client = await RawClient.connect(server.port);
	const envelope = (to: string) => `MAIL FROM:<n@x>\r\nRCPT TO:<${to}>\r\nDATA\r\n${letter(to)}.\r\n`;
	client.write(envelope('a@x.example') + envelope('b@x.example') + envelope('c@x.example'));
	await server.dots(1);
	client.break();
	const { dots } = await server.report();
	assert.deepEqual(
		dots.map((dot) => [dot.recipient, dot.verdict, dot.said]),
		[
			['a@x.example', 'accepted', ''],
			['b@x.example', 'accepted', ''],
			['c@x.example', 'accepted', ''],
		],
	);
});

test('a fault hits the same recipients with the same seed, others with another, and a second attempt anew', async () => {
	const half: readonly Fault[] = [{ stage: 'rcpt', action: 'say_4yz', odds: 0.5 }];
	const hit = async (seed: number) => {
		await server.begin({ seed, faults: half });
		const replies = [];
		for (let n = 0; n < 40; n++) replies.push((await send(`u${n % 20}@x.example`)).slice(0, 3));
		return replies.join(' ');
	};
	const first = await hit(1);
	assert.equal(await hit(1), first);
	assert.notEqual(await hit(2), first);
	assert.notEqual(first.slice(0, 79), first.slice(80));
	assert.ok(/250/.test(first) && /451/.test(first));
});

test('connections past the cap and messages past the limit are answered 421, a close between messages is one', async () => {
	await server.begin({ maxConnections: 1, maxMessages: 1 });
	const client = await RawClient.connect(server.port);
	const late = await RawClient.connect(server.port);
	assert.equal(await late.reply(), 'closed');
	late.break();
	assert.match(await client.mail('a@x.example', letter('a@x.example')), /^250/);
	assert.match(await client.mail('b@x.example'), /^421 4\.4\.2/);
	client.break();
	assert.equal((await server.report()).dots.length, 1);

	await server.begin(always('between', 'close'));
	const second = await RawClient.connect(server.port);
	assert.match(await second.mail('a@x.example', letter('a@x.example')), /^250/);
	assert.equal(await second.reply(), 'closed');
	second.break();
});

test('verdicts by order, refused recipients, and what is held until it is released', async () => {
	await server.begin({
		verdicts: { 'a@x.example': ['451 4.3.0 later'] },
		refused: { 'b@x.example': '550 5.1.1 no' },
		held: { greeting: false, quit: false, dotsFrom: 3 },
	});
	assert.equal(await send('a@x.example'), '451 4.3.0 later');
	assert.match(await send('a@x.example'), /^250/);
	assert.equal(await send('b@x.example'), '550 5.1.1 no');
	const held = send('c@x.example');
	await server.dots(3);
	server.release();
	assert.match(await held, /^250/);
	const { dots, refusals } = await server.report();
	assert.deepEqual(
		dots.map((dot) => [dot.recipient, dot.verdict]),
		[
			['a@x.example', 'refused'],
			['a@x.example', 'accepted'],
			['c@x.example', 'accepted'],
		],
	);
	assert.deepEqual(
		refusals.map(({ recipient, said }) => [recipient, said]),
		[['b@x.example', '550 5.1.1 no']],
	);
});

test('a dot is in the file before its reply is on the wire, and a server without PIPELINING says who does not wait', async (t) => {
	const path = join(temporaryDirectory(t), 'truth.jsonl');
	await server.begin({ pipelining: false }, path);
	const client = await RawClient.connect(server.port);
	assert.doesNotMatch(await client.say('EHLO x'), /PIPELINING/);
	await client.mail('a@x.example', 'Subject: nobody in particular\r\n\r\nbare\nline feed\r\n');
	const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
	assert.match(lines[0] ?? '', /"recipient":"a@x.example".*"verdict":"accepted"/);
	client.write('MAIL FROM:<n@x>\r\nRCPT TO:<a@x.example>\r\n');
	await client.reply();
	await client.reply();
	client.break();
	const { complaints } = await server.report();
	assert.deepEqual(complaints, [
		'a@x.example was sent a message without its address',
		'a@x.example: a bare CR or LF on the wire',
		'connection 1: more was sent behind "MAIL FROM:<n@x>", without PIPELINING',
	]);
});
