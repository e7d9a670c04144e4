/** What is written at once arrives as it was put together, also when the peer reads late; and no content gets into a trace. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { Group, GroupWriter } from '../../src/smtp/group.ts';

function groupOf(...pieces: readonly (string | Buffer)[]): Group {
	const group = new Group();
	for (const piece of pieces) {
		if (typeof piece === 'string') group.commands(piece);
		else group.content(piece);
	}
	return group;
}

test('a trace shows commands, and contents by their size', () => {
	const secret = Buffer.from('Subject: hi\r\n\r\nsecret\r\n');

	assert.equal(groupOf(secret, '.\r\n', 'DATA\r\n').masked, '<23 octets>\r\n.\r\nDATA\r\n');
	assert.equal(groupOf('BDAT 1\r\n', secret.subarray(0, 1)).masked, 'BDAT 1\r\n<1 octets>\r\n');
	assert.equal(groupOf('').length, 0);
});

test('a group keeps its octets until the kernel has taken them, whatever is written after it', async (t) => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
	t.after(() => client.destroy());
	const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], unknown];
	t.after(() => peer.destroy());
	peer.pause();
	const writer = new GroupWriter(client);
	const written: string[] = [];
	let waited = 0;
	// Far more than the kernel takes while nobody reads.
	for (let nth = 0; nth < 3_000; nth++) {
		const content = `message ${nth} ${'x'.repeat((nth * 37) % 9_000)}\r\n`;
		writer.write(groupOf(Buffer.from(content), '.\r\n', `MAIL FROM:<${nth}@x.example>\r\n`));
		written.push(`${content}.\r\nMAIL FROM:<${nth}@x.example>\r\n`);
		if (client.writableLength > 0) waited += 1;
	}
	assert.ok(waited > 1_000 && waited < 3_000, `${waited} had to wait`);
	client.end();
	const read: Buffer[] = [];
	for await (const chunk of peer) read.push(chunk as Buffer);

	assert.ok(Buffer.concat(read).toString('latin1') === written.join(''), 'other octets arrived');
});
