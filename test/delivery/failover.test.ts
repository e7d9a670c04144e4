/** Several servers: the first that can be used is used, and only what is certainly not sent goes to another one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError } from '../../src/support/errors.ts';
import { type Script, type ScriptedServer, startScriptedServer } from '../smtp/peer.ts';
import { count, people, planFor, recipientOf, run } from './run-delivery.ts';

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
	const server = await startScriptedServer({ script: () => ({}) });
	server.close();
	return server.port;
}

async function spare(script: Script = {}): Promise<ScriptedServer> {
	return startScriptedServer({ greeting: () => '220 spare.example', script: () => script });
}

test('a first server that is away at the start is passed over, with a line', async () => {
	const second = await spare();
	const { results, error, notices } = await run(
		people(20),
		{ script: () => ({}) },
		{ plan: planFor({ port: await closedPort() }), others: [planFor({ port: second.port })] },
	);
	second.close();
	assert.equal(error, null, String(error));
	assert.equal(count(results, 'accepted'), 20);
	assert.equal(second.accepted.length, 20);
	assert.ok(
		notices.some((notice) => notice.includes(`going on with 127.0.0.1:${second.port}`)),
		notices.join('; '),
	);
});

test('a server that refuses the login is not used, and the next one is', async () => {
	const second = await spare();
	const { results, error } = await run(
		people(20),
		{ script: () => ({ ehlo: () => '250-peer.example\r\n250 AUTH PLAIN' }) },
		{
			settings: { auth: { kind: 'password', user: 'ann', password: 'wrong', origin: 'a test' } },
			others: [planFor({ port: second.port })],
		},
	);
	second.close();
	assert.equal(error, null, String(error));
	assert.equal(count(results, 'accepted'), 20);
});

test('a message whose connection broke after its dot is unknown and never goes to the other server', async () => {
	const second = await spare();
	const delivered = await run(
		people(30),
		{
			greeting: (connection) => (connection > 1 ? '554 5.3.2 going down' : '220 hi'),
			script: () => ({ verdict: (_content, nth) => (nth === 5 ? { say: '', ending: 'close' } : '250 ok') }),
		},
		{ connections: 1, others: [planFor({ port: second.port })] },
	);
	second.close();
	assert.equal(delivered.error, null, String(delivered.error));
	assert.equal(count(delivered.results, 'unknown'), 1);
	const unknown = delivered.raw.find(({ kind }) => kind === 'unknown')?.message.recipient.key ?? '';
	const taken = [...delivered.accepted, ...second.accepted].map(recipientOf);
	assert.equal(new Set(taken).size, taken.length, 'somebody got two copies');
	assert.ok(!second.accepted.map(recipientOf).includes(unknown));
	assert.equal(count(delivered.results, 'accepted'), 29);
});

test('what is about our account at the first server goes out over the second one, the refused rows too', async () => {
	const second = await spare();
	const delivered = await run(
		people(40),
		{
			script: () => ({
				verdict: (_content, nth) => (nth > 3 ? '554 Message rejected: Sending paused for this account.' : '250 ok'),
			}),
		},
		{ connections: 1, others: [planFor({ port: second.port })] },
	);
	second.close();
	assert.equal(delivered.error, null, String(delivered.error));
	assert.equal(count(delivered.results, 'accepted'), 40);
	assert.equal(new Set([...delivered.accepted, ...second.accepted].map(recipientOf)).size, 40);
});

test('the first server is tried again after its rest, and used as soon as it answers', async () => {
	const second = await spare();
	const delivered = await run(
		people(400),
		{
			// Its first connection closes after three messages, and the next dial finds it restarting.
			greeting: (connection) => (connection === 2 ? '421 4.3.2 restarting' : '220 hi'),
			script: (connection) => ({
				mail: (_from, nth) => (connection === 1 && nth > 3 ? { say: '', ending: 'close' } : '250 ok'),
			}),
		},
		{ connections: 1, others: [{ ...planFor({ port: second.port }), connections: 1 }] },
	);
	second.close();
	assert.equal(delivered.error, null, String(delivered.error));
	assert.equal(count(delivered.results, 'accepted'), 400);
	assert.ok(delivered.accepted.length > 4, String(delivered.accepted.length));
	assert.equal(new Set([...delivered.accepted, ...second.accepted].map(recipientOf)).size, 400);
	assert.ok(
		delivered.notices.some((notice) => /answers again/.test(notice)),
		delivered.notices.join('; '),
	);
});

test('when no server can be used, the error names them all', async () => {
	const ports = [await closedPort(), await closedPort()];
	const [first = 0, second = 0] = ports;
	const { error, results } = await run(
		people(3),
		{ script: () => ({}) },
		{ plan: planFor({ port: first }), others: [planFor({ port: second })], maxWaitMs: 10_000 },
	);
	assert.deepEqual(results, []);
	assert.ok(error instanceof RunError);
	assert.equal(error.exitCode, 69);
	const said = `${error.message} ${error.hint}`;
	for (const port of ports) assert.ok(said.includes(`127.0.0.1:${port}`), said);
});

test('limits live with the server: the second one keeps its own number of connections', async () => {
	const second = await spare();
	const { error } = await run(
		people(50),
		{ greeting: () => '554 5.3.2 no service', script: () => ({}) },
		{ others: [{ ...planFor({ port: second.port }), connections: 2 }] },
	);
	const opened = second.connections();
	second.close();
	assert.equal(error, null, String(error));
	assert.ok(opened <= 2, String(opened));
});
