/** close(): nobody is left hanging, nothing is left behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { RawClient } from './raw-client.ts';
import { rehearsal, stoppedClock, temporaryDirectory } from './sandbox-builder.ts';

test('close() in the middle of messages says 421, leaves no file and no socket, and can be called twice', async (t) => {
	const save = temporaryDirectory(t);
	const { clock, waiting, nextTimer } = stoppedClock();
	const { sandbox, connect } = await rehearsal(t, { save, clock });
	const idle = await connect();
	const halfWay = await connect();
	await halfWay.say('EHLO client.example');
	await halfWay.say('MAIL FROM:<a@acme.example>');
	await halfWay.say('RCPT TO:<zoe@example.com>');
	await halfWay.say('DATA');
	halfWay.write('Subject: half\r\n');
	const slow = await connect();
	const slowAnswer = slow.mail('zoe+slow-60000@example.com');
	await nextTimer();

	await Promise.all([sandbox.close(), sandbox.close()]);

	assert.match(await idle.reply(), /^421 4\.3\.2 /);
	assert.match(await halfWay.reply(), /^421 4\.3\.2 /);
	assert.match(await slowAnswer, /^421 4\.3\.2 /);
	assert.deepEqual(sandbox.counts, { accepted: 0, refused: 1 });
	assert.deepEqual(readdirSync(save), []);
	assert.deepEqual(waiting, []);
	await assert.rejects(once(connectTcp(sandbox.port, '127.0.0.1'), 'connect'), /ECONNREFUSED/);
});

for (const [state, tls] of [
	['idle', 'none'],
	['in the middle of STARTTLS', 'starttls'],
	['in the middle of a TLS handshake', 'implicit'],
] as const) {
	test(`close() cuts off a client that stays, ${state}`, async (t) => {
		const { clock, nextTimer } = stoppedClock();
		const { sandbox } = await rehearsal(t, { clock, tls });
		const client = connectTcp({ port: sandbox.port, host: '127.0.0.1', allowHalfOpen: true });
		t.after(() => client.destroy());
		client.on('error', () => {});
		if (tls === 'implicit') {
			// A second connection that is greeted shows that the first was taken.
			await RawClient.connectTls(sandbox.port, sandbox.certificatePem ?? '');
		} else {
			await once(client, 'data');
		}
		if (tls === 'starttls') {
			client.write('STARTTLS\r\n');
			await once(client, 'data');
		}
		client.resume();
		const closed = sandbox.close();
		(await nextTimer())?.callback();
		await closed;
		await assert.rejects(once(connectTcp(sandbox.port, '127.0.0.1'), 'connect'), /ECONNREFUSED/);
	});
}

test('close() cuts off a client that stays in an established TLS session', async (t) => {
	for (const tls of ['implicit', 'starttls'] as const) {
		const { clock, nextTimer } = stoppedClock();
		const { sandbox } = await rehearsal(t, { clock, tls });
		const raw = connectTcp({ port: sandbox.port, host: '127.0.0.1', allowHalfOpen: true });
		if (tls === 'starttls') {
			await once(raw, 'data');
			raw.write('STARTTLS\r\n');
			await once(raw, 'data');
		}
		const client = connectTls({ socket: raw, servername: 'localhost', ca: sandbox.certificatePem ?? '' });
		t.after(() => raw.destroy());
		client.on('error', () => {});
		await once(client, 'secureConnect');
		client.write('EHLO client.example\r\n');
		await once(client, 'data');
		const closed = sandbox.close();
		(await nextTimer())?.callback();
		await closed;
	}
});

test('close() in the very moment in which a TLS client arrives ends cleanly', async (t) => {
	// Whether the accept and the close fall into one tick is chance: eight clients make it next to certain. The guard's loss ends the process.
	for (let i = 0; i < 8; i += 1) {
		const { sandbox } = await rehearsal(t, { tls: 'implicit' });
		const client = connectTcp(sandbox.port, '127.0.0.1');
		t.after(() => client.destroy());
		client.on('error', () => {});
		await once(client, 'connect');
		await sandbox.close();
	}
});
