/** The benchmark's own server counts to the octet and is strict about order, or its figures would mean little. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { measureRoundTrip } from './round-trip.ts';
import { type Server, startCountingSink, startLongLine } from './servers.ts';

/** What the client says at once, and how many replies it then waits for. */
type Say = readonly [text: string, replies: number];

const hello: Say = ['EHLO me\r\n', 1];
const quit: Say = ['QUIT\r\n', 1];
const envelope = 'MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n';
const data: Say = [`${envelope}DATA\r\n`, 3];
const content = 'Subject: hi\r\n\r\nbody\r\n';
const byData: readonly Say[] = [hello, data, [`${content}.\r\n`, 1], quit];
const byBdat: readonly Say[] = [hello, [`${envelope}BDAT ${content.length} LAST\r\n${content}`, 3], quit];

for (const [way, cut] of [
	['whole', (text: string) => [text]],
	['byte by byte', (text: string) => [...text]],
] as const) {
	test(`DATA is counted to the octet, without stuffed dots, sent ${way}`, async (t) => {
		const sink = await sinkFor(t);
		const stuffed = '..begins with a dot\r\n...\r\nnot .\r\n\r\n..\r\n';
		const codes = await talk(sink, [hello, data, [`${stuffed}.\r\n`, 1], quit], cut);
		assert.deepEqual(codes, ['220', '250', '250', '250', '354', '250', '221']);
		const { accepted, octets, chunked, faults } = (await sink.takeCounts()) ?? assert.fail();
		assert.deepEqual(
			{ accepted, octets, chunked, faults },
			{ accepted: 1, octets: stuffed.length - 3, chunked: 0, faults: 0 },
		);
	});

	test(`BDAT takes exactly its octets, dots and commands among them, sent ${way}`, async (t) => {
		const sink = await sinkFor(t);
		const chunk = '.\r\nQUIT\r\n.\r\n';
		const group = `${envelope}BDAT ${chunk.length}\r\n${chunk}BDAT 0 LAST\r\n${envelope}BDAT 1 LAST\r\n.QUIT\r\n`;
		const codes = await talk(sink, [hello, [group, 8]], cut);
		assert.deepEqual(codes, ['220', '250', '250', '250', '250', '250', '250', '250', '250', '221']);
		const { accepted, octets, chunked, faults } = (await sink.takeCounts()) ?? assert.fail();
		assert.deepEqual(
			{ accepted, octets, chunked, faults },
			{ accepted: 2, octets: chunk.length + 1, chunked: 2, faults: 0 },
		);
	});
}

test('an empty message is a message', async (t) => {
	const sink = await sinkFor(t);
	await talk(sink, [hello, data, ['.\r\n', 1], quit]);
	const counts = await sink.takeCounts();
	assert.deepEqual([counts?.accepted, counts?.octets], [1, 0]);
});

const mail = 'MAIL FROM:<x@y.example>\r\n';
const faults: readonly (readonly [title: string, flags: readonly string[], says: readonly Say[], reply: RegExp])[] = [
	['MAIL before EHLO', [], [[mail, 1], quit], /^503 .*MAIL/],
	['a second MAIL in a transaction', [], [hello, [envelope, 2], [mail, 1], quit], /^503 .*MAIL/],
	['DATA without a recipient', [], [hello, [`${mail}DATA\r\n`, 2], quit], /^503 .*DATA/],
	['DATA after BDAT', [], [hello, [`${envelope}BDAT 1\r\nx`, 3], ['DATA\r\n', 1], quit], /^503 .*DATA/],
	['a chunk without a recipient, read all the same', [], [hello, ['BDAT 6 LAST\r\nQUIT\r\n', 1], quit], /^503 .*BDAT/],
	['content before 354', [], [hello, [`${envelope}DATA\r\n${content}`, 3]], /^554 .*DATA/],
	['BDAT where it is not offered', ['--no-chunking'], [hello, ['BDAT 0 LAST\r\n', 1], quit], /^502 .*BDAT/],
	['a group where PIPELINING is not offered', ['--no-pipelining'], [hello, [envelope, 1]], /^554 .*MAIL/],
	['a line feed without a carriage return', [], [hello, ['NOOP\n', 1]], /^500 .*CR/],
	['a line without an end', [], [hello, ['x'.repeat(1001), 1]], /^500 .*long/],
];
for (const [title, flags, says, reply] of faults) {
	test(`it counts as a fault: ${title}`, async (t) => {
		const sink = await sinkFor(t, ...flags);
		await talk(sink, says);
		const counts = await sink.takeCounts();
		assert.match(counts?.lastFault ?? '', reply);
		assert.deepEqual([counts?.accepted, counts?.faults], [0, 1]);
	});
}

test('what it saw is told once, and then it begins anew', async (t) => {
	const sink = await sinkFor(t);
	await talk(sink, byData);
	await talk(sink, byBdat);
	assert.deepEqual(await tallies(sink), [2, 1]);
	await talk(sink, byBdat);
	assert.deepEqual(await tallies(sink), [1, 1]);
	assert.deepEqual(await tallies(sink), [0, 0]);
});

test('it thinks about each message in its turn when told to', async (t) => {
	const sink = await sinkFor(t, '--verdict-ms', '1');
	const group = `${envelope}BDAT 1 LAST\r\nx`;
	const codes = await talk(sink, [hello, [`${group}${group}QUIT\r\n`, 7]]);
	assert.deepEqual(codes, ['220', '250', '250', '250', '250', '250', '250', '250', '221']);
	assert.deepEqual(await tallies(sink), [2, 2]);
});

test('a long line hands on every byte in order, and the end', async (t) => {
	const sink = await sinkFor(t);
	const line = await startLongLine(sink, 1);
	t.after(() => line.stop());
	const big = `${'x'.repeat(998)}\r\n`.repeat(1000);
	await talk(line, [hello, [`${envelope}BDAT ${big.length} LAST\r\n${big}`, 3], quit]);
	const counts = await line.takeCounts();
	assert.deepEqual([counts?.accepted, counts?.octets, counts?.faults], [1, big.length, 0]);
});

async function sinkFor(t: TestContext, ...flags: readonly string[]): Promise<Server> {
	const sink = await startCountingSink(...flags);
	t.after(() => sink.stop());
	return sink;
}

async function tallies(sink: Server): Promise<readonly unknown[]> {
	const counts = await sink.takeCounts();
	return [counts?.accepted, counts?.chunked];
}

/** Says one thing after the other; resolves to the codes of all replies once the server has closed. */
async function talk(
	{ port }: Server,
	says: readonly Say[],
	cut: (text: string) => readonly string[] = (text) => [text],
): Promise<readonly string[]> {
	const socket = connect({ port, host: '127.0.0.1', noDelay: true });
	const reader = createInterface({ input: socket });
	// A server that owes a reply must not hang the tests: what came until then is judged.
	socket.setTimeout(10_000, () => reader.close());
	const lines = reader[Symbol.asyncIterator]();
	const codes: string[] = [];
	const hear = async (replies: number) => {
		for (const due = codes.length + replies; codes.length < due; ) {
			const { value = '', done } = await lines.next();
			if (done === true) return;
			if (value[3] === ' ') codes.push(value.slice(0, 3));
		}
	};
	await hear(1);
	for (const [text, replies] of says) {
		const pieces = cut(text);
		for (const piece of pieces) {
			await new Promise((resolve) => socket.write(piece, 'latin1', resolve));
			// It serves its connections in turn: after an answer on another one it has read this piece by itself.
			if (pieces.length > 1) await measureRoundTrip(port, 2);
		}
		await hear(replies);
	}
	await hear(1);
	socket.destroy();
	return codes;
}
