/** The sandbox as clients meet it: conversations byte for byte over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunError } from '../../src/support/errors.ts';
import { RawClient } from './raw-client.ts';
import { rehearsal, stoppedClock, temporaryDirectory } from './sandbox-builder.ts';

test('EHLO announces PIPELINING, SIZE, 8BITMIME and SMTPUTF8, and neither AUTH nor STARTTLS unasked', async (t) => {
	const { connect } = await rehearsal(t, { maxMessageBytes: 123_456 });
	const reply = await (await connect()).say('EHLO client.example');
	for (const word of ['PIPELINING', 'SIZE 123456', '8BITMIME', 'SMTPUTF8']) {
		assert.match(reply, new RegExp(`^250[- ]${word}$`, 'm'));
	}
	assert.doesNotMatch(reply, /AUTH|STARTTLS/);
});

test('a message is accepted, counted and told with its decoded subject', async (t) => {
	const { sandbox, events, connect } = await rehearsal(t);
	const content = 'Subject: =?utf-8?Q?Zo=C3=AB?=\r\nMessage-ID: <1@acme.example>\r\n\r\nHello\r\n';
	const reply = await (await connect()).mail('zoe@example.com', content);
	assert.equal(reply, '250 2.0.0 Ok: queued as 000001');
	assert.deepEqual(sandbox.counts, { accepted: 1, refused: 0 });
	assert.deepEqual(events, [
		{
			kind: 'message',
			number: 1,
			from: 'news@acme.example',
			to: 'zoe@example.com',
			subject: 'Zoë',
			sizeBytes: Buffer.byteLength(content),
			messageId: '<1@acme.example>',
			path: '',
		},
	]);
});

for (const [local, expected] of [
	['zoe+bounce', '550 5.1.1 User unknown'],
	['zoe+bounce-550-5-1-1', '550 5.1.1 User unknown'],
	['zoe+bounce-554-5-7-1', '554 5.7.1 Message blocked, it looks like spam'],
	['zoe+defer-450', '450 Requested mail action not taken: mailbox unavailable'],
	['zoe+defer-452-4-2-2', '452 4.2.2 Mailbox full, the recipient is over quota'],
] as const) {
	test(`${local}@ is refused at RCPT each time, and the connection goes on`, async (t) => {
		const { sandbox, events, connect } = await rehearsal(t);
		const client = await connect();
		assert.equal(await client.mail(`${local}@example.com`), expected);
		assert.equal(await client.say(`RCPT TO:<${local}@example.com>`), expected);
		assert.equal(await client.mail('zoe@example.com'), '250 2.0.0 Ok: queued as 000001');
		assert.deepEqual(sandbox.counts, { accepted: 1, refused: 2 });
		assert.deepEqual(events[0], { kind: 'refused', to: `${local}@example.com`, reply: expected, stage: 'rcpt' });
	});
}

test('+defer@ is greylisted the first time and accepted the second, for each address on its own', async (t) => {
	const { connect } = await rehearsal(t);
	const client = await connect();
	assert.match(await client.mail('zoe+defer@example.com'), /^450 4\.2\.0 /);
	assert.match(await client.mail('ann+defer@example.com'), /^450 4\.2\.0 /);
	assert.match(await client.mail('ZOE+defer@example.com'), /^250 /);
});

test('+bounce-data@ is refused after the dot and leaves no file', async (t) => {
	const save = temporaryDirectory(t);
	const { events, sandbox, connect } = await rehearsal(t, { save });
	const reply = await (await connect()).mail('zoe+bounce-data-550-5-7-1@example.com');
	assert.equal(reply, '550 5.7.1 Message blocked, it looks like spam');
	assert.deepEqual(events, [{ kind: 'refused', to: 'zoe+bounce-data-550-5-7-1@example.com', reply, stage: 'verdict' }]);
	assert.deepEqual(sandbox.counts, { accepted: 0, refused: 1 });
	assert.deepEqual(readdirSync(save), []);
});

test('+bounce-250@ is refused with 501 and told how to ask', async (t) => {
	const { connect } = await rehearsal(t);
	assert.match(await (await connect()).mail('zoe+bounce-250@example.com'), /^501 5\.5\.4 .*\+bounce-550-5-1-1$/);
});

test('+defer-421@ is refused and the connection closed, as RFC 5321 has it', async (t) => {
	const { connect } = await rehearsal(t);
	const client = await connect();
	assert.match(await client.mail('zoe+defer-421-4-7-0@example.com'), /^421 4\.7\.0 /);
	assert.equal(await client.reply(), 'closed');
});

test('+close@ closes the connection at RCPT without a reply, after the replies that were due', async (t) => {
	const { sandbox, events, connect } = await rehearsal(t);
	const client = await connect();
	await client.say('EHLO client.example');
	client.write('MAIL FROM:<news@acme.example>\r\nRCPT TO:<zoe+close@example.com>\r\nDATA\r\n');
	assert.match(await client.reply(), /^250 /);
	assert.equal(await client.reply(), 'closed');
	assert.deepEqual(events, [{ kind: 'closed', to: 'zoe+close@example.com', stage: 'rcpt', by: 'sandbox' }]);
	assert.deepEqual(sandbox.counts, { accepted: 0, refused: 0 });
});

test('+close-after-dot@ takes the message and closes without a reply', async (t) => {
	const save = temporaryDirectory(t);
	const { sandbox, events, connect } = await rehearsal(t, { save });
	assert.equal(await (await connect()).mail('zoe+close-after-dot@example.com'), 'closed');
	assert.equal(sandbox.counts.accepted, 1);
	assert.deepEqual(
		events.map((event) => event.kind),
		['message', 'closed'],
	);
	assert.deepEqual(readdirSync(save), ['000001-zoe+close-after-dot@example.com.eml']);
});

test('+slow@ waits with the verdict as long as asked, and other connections do not', async (t) => {
	const { clock, nextTimer } = stoppedClock();
	const { sandbox, connect } = await rehearsal(t, { clock });
	const slow = await connect();
	const answered = slow.mail('zoe+slow-2000@example.com');
	const timer = await nextTimer();
	assert.equal(timer?.delayMs, 2000);
	assert.match(await (await connect()).mail('ann@example.com'), /^250 /);
	assert.equal(sandbox.counts.accepted, 1);
	timer?.callback();
	assert.match(await answered, /^250 /);
	assert.equal(sandbox.counts.accepted, 2);
});

test('pipelined transactions are answered in order, refusals among them', async (t) => {
	const { connect } = await rehearsal(t);
	const client = await connect();
	await client.say('EHLO client.example');
	client.write(
		'MAIL FROM:<a@acme.example>\r\nRCPT TO:<one@example.com>\r\nDATA\r\n' +
			'Subject: 1\r\n\r\n1\r\n.\r\nMAIL FROM:<a@acme.example>\r\nRCPT TO:<two+bounce@example.com>\r\nRSET\r\n' +
			'MAIL FROM:<a@acme.example>\r\nRCPT TO:<three@example.com>\r\nDATA\r\n',
	);
	const codes: string[] = [];
	for (let i = 0; i < 10; i += 1) codes.push((await client.reply()).slice(0, 3));
	assert.equal(codes.join(' '), '250 250 354 250 250 550 250 250 250 354');
});

test('a saved message is what was sent, byte for byte, without the transparency dots', async (t) => {
	const save = temporaryDirectory(t);
	const { events, connect } = await rehearsal(t, { save });
	const client = await connect();
	await client.say('EHLO client.example');
	client.write('MAIL FROM:<a@acme.example> BODY=8BITMIME\r\nRCPT TO:<zoe@example.com>\r\nDATA\r\n');
	for (let i = 0; i < 3; i += 1) await client.reply();
	const body = Buffer.from([...Buffer.from('Subject: x\r\n\r\n'), 0xe9, 0x00, 0xff, 0x0d, 0x0a]);
	client.write(Buffer.concat([body, Buffer.from('..dot\r\n...\r\n.. \r\nbare\nlf\r\n.\r\n')]));
	assert.match(await client.reply(), /^250 /);
	const path = join(save, '000001-zoe@example.com.eml');
	assert.deepEqual(readFileSync(path), Buffer.concat([body, Buffer.from('.dot\r\n..\r\n. \r\nbare\nlf\r\n')]));
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.equal(events[0]?.kind === 'message' && events[0].path, path);
});

test('a large message is saved whole, with the reply after it', async (t) => {
	const save = temporaryDirectory(t);
	const { connect } = await rehearsal(t, { save, maxMessageBytes: 10_000_000 });
	const content = `Subject: large\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(100_000)}`;
	assert.match(await (await connect()).mail('zoe@example.com', content), /^250 /);
	assert.equal(readFileSync(join(save, '000001-zoe@example.com.eml'), 'utf8'), content);
});

test('recipients with paths in their names are refused or saved under a clean name, never elsewhere', async (t) => {
	const parent = temporaryDirectory(t);
	const save = join(parent, 'mail');
	const { connect } = await rehearsal(t, { save });
	const client = await connect();
	assert.match(await client.mail('../../x@example.com'), /^501 /);
	assert.match(await client.mail('"../../x"@example.com'), /^501 /);
	assert.match(await client.mail('/etc/passwd@example.com'), /^250 /);
	assert.match(await client.mail('a\\..b/$(id)`;~@example.com'), /^501 /);
	assert.match(await client.mail('日本/用户@例子.example'), /^250 /);
	assert.deepEqual(readdirSync(parent), ['mail']);
	assert.deepEqual(readdirSync(save), ['000001-_etc_passwd@example.com.eml', '000002-_____@__.example.eml']);
});

test('a disk that cannot take the message is answered 452 and the connection goes on', async (t) => {
	const save = join(temporaryDirectory(t), 'mail');
	const { sandbox, connect } = await rehearsal(t, { save });
	rmSync(save, { recursive: true });
	const client = await connect();
	assert.match(await client.mail('zoe@example.com'), /^452 4\.3\.1 /);
	assert.match(await client.mail('zoe@example.com', `${'x'.repeat(500_000)}\r\n`), /^452 4\.3\.1 /);
	assert.deepEqual(sandbox.counts, { accepted: 0, refused: 2 });
});

test('a message over SIZE is refused before it is sent when it says so, and after the dot when it does not', async (t) => {
	const save = temporaryDirectory(t);
	const { connect } = await rehearsal(t, { save, maxMessageBytes: 1000 });
	const client = await connect();
	await client.say('EHLO client.example');
	assert.match(await client.say('MAIL FROM:<a@acme.example> SIZE=1001'), /^552 /);
	assert.match(await client.mail('zoe@example.com', `${'x'.repeat(1000)}\r\n`), /^552 5\.3\.4 /);
	assert.deepEqual(readdirSync(save), []);
});

test('a non-ASCII local part needs SMTPUTF8', async (t) => {
	const { connect } = await rehearsal(t);
	const client = await connect();
	await client.say('EHLO client.example');
	await client.say('MAIL FROM:<a@acme.example>');
	assert.match(await client.say('RCPT TO:<zoë@example.com>'), /^553 5\.6\.7 /);
	assert.match(await client.say('RCPT TO:<zoe@xn--bcher-kva.example>'), /^250 /);
});

test('a client that leaves in the middle of a message leaves no file and no count', async (t) => {
	const save = temporaryDirectory(t);
	let tell: () => void = () => {};
	const closed = new Promise<void>((resolve) => {
		tell = resolve;
	});
	const { sandbox, connect } = await rehearsal(t, {
		save,
		onEvent: (event) => event.kind === 'closed' && event.by === 'client' && event.stage === 'content' && tell(),
	});
	const client = await connect();
	await client.say('EHLO client.example');
	await client.say('MAIL FROM:<a@acme.example>');
	await client.say('RCPT TO:<zoe@example.com>');
	await client.say('DATA');
	client.write('Subject: half\r\n');
	client.break();
	await closed;
	assert.deepEqual(sandbox.counts, { accepted: 0, refused: 0 });
	assert.deepEqual(readdirSync(save), []);
});

const plain = (user: string, password: string) => Buffer.from(`\0${user}\0${password}`).toString('base64');
const base64 = (text: string) => Buffer.from(text).toString('base64');

test('with auth, mail without login is refused with 530, and PLAIN and LOGIN let it in', async (t) => {
	const { events, connect } = await rehearsal(t, { auth: { user: 'zoe', password: 's3cret:ü' } });
	const stranger = await connect();
	assert.match(await stranger.say('EHLO client.example'), /AUTH PLAIN LOGIN/);
	assert.match(await stranger.mail('zoe@example.com'), /^530 5\.7\.0 /);
	assert.deepEqual(events[0], { kind: 'refused', to: '', reply: '530 5.7.0 Authentication required', stage: 'mail' });

	const byPlain = await connect();
	await byPlain.say('EHLO client.example');
	assert.match(await byPlain.say(`AUTH PLAIN ${plain('zoe', 's3cret:ü')}`), /^235 /);
	assert.match(await byPlain.mail('zoe@example.com'), /^250 /);

	const byLogin = await connect();
	await byLogin.say('EHLO client.example');
	assert.match(await byLogin.say('AUTH LOGIN'), /^334 /);
	assert.match(await byLogin.say(base64('zoe')), /^334 /);
	assert.match(await byLogin.say(base64('s3cret:ü')), /^235 /);
	assert.match(await byLogin.mail('zoe@example.com'), /^250 /);
});

test('a wrong login gets 535 and mail stays refused', async (t) => {
	const { sandbox, events, connect } = await rehearsal(t, { auth: { user: 'zoe', password: 'right' } });
	const client = await connect();
	await client.say('EHLO client.example');
	for (const [user, password] of [
		['zoe', 'wrong'],
		['ann', 'right'],
		['zoe', ''],
	] as const) {
		assert.match(await client.say(`AUTH PLAIN ${plain(user, password)}`), /^535 5\.7\.8 /);
	}
	assert.match(await client.mail('zoe@example.com'), /^530 /);
	assert.deepEqual(sandbox.counts, { accepted: 0, refused: 1 });
	assert.ok(!JSON.stringify(events).includes('right'));
});

test('STARTTLS upgrades with the certificate that the sandbox shows, and login needs it', async (t) => {
	const { sandbox, connect } = await rehearsal(t, { tls: 'starttls', auth: { user: 'zoe', password: 'x' } });
	const client = await connect();
	assert.match(await client.say('EHLO client.example'), /STARTTLS/);
	assert.match(await client.say(`AUTH PLAIN ${plain('zoe', 'x')}`), /^538 /);
	assert.match(await client.say('MAIL FROM:<a@acme.example>'), /^530 /);
	await client.startTls(sandbox.certificatePem ?? '');
	assert.doesNotMatch(await client.say('EHLO client.example'), /STARTTLS/);
	assert.match(await client.say('MAIL FROM:<a@acme.example>'), /^530 /);
	assert.match(await client.say(`AUTH PLAIN ${plain('zoe', 'x')}`), /^235 /);
	assert.match(await client.mail('zoe@example.com'), /^250 /);
	await sandbox.close();
	assert.match(await client.reply(), /^421 /);
});

test('implicit TLS speaks TLS from the first byte, and +close@ works over it', async (t) => {
	const { sandbox } = await rehearsal(t, { tls: 'implicit' });
	const ca = sandbox.certificatePem ?? '';
	const client = await RawClient.connectTls(sandbox.port, ca);
	assert.match(await client.mail('zoe@example.com'), /^250 /);
	assert.equal(await client.mail('zoe+close@example.com'), 'closed');
	await assert.rejects(RawClient.connectTls(sandbox.port, ''), /self-signed/);
	assert.equal(sandbox.counts.accepted, 1);
});

test('without TLS there is no certificate', async (t) => {
	assert.equal((await rehearsal(t)).sandbox.certificatePem, null);
});

test('a port in use ends the start with exit 69 and names --port', async (t) => {
	const other = createServer();
	other.listen(0, '127.0.0.1');
	await once(other, 'listening');
	t.after(() => other.close());
	const address = other.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	await assert.rejects(
		rehearsal(t, { port }),
		(error) =>
			error instanceof RunError &&
			error.exitCode === 69 &&
			error.message.includes(`127.0.0.1:${port}`) &&
			error.hint.includes('--port'),
	);
});
