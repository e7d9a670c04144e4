/** Replies to the same command have one shape, replies to different commands have not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplyParser } from '../../src/smtp/parse-replies.ts';
import { replyShape } from '../../src/smtp/reply-shape.ts';

function shapeOf(bytes: string): string {
	const parser = new ReplyParser();
	parser.push(Buffer.from(bytes, 'latin1'));
	assert.notEqual(parser.next(), 0);
	return replyShape(parser.reply());
}

test('ids, sizes and addresses do not change the shape of a reply', () => {
	const pairs = [
		['250 2.0.0 Ok: 5861 bytes queued as 4bXk1z0\r\n', '250 2.0.0 Ok: 93 bytes queued as 4bXk2y7\r\n'],
		['250 2.1.5 <ann@a.example>... Recipient ok\r\n', '250 2.1.5 <bob@b.example>... Recipient ok\r\n'],
		[
			'250-  5861 byte chunk, total 5861\r\n250 OK id=1vMx-0001\r\n',
			'250-  8 byte chunk, total 8\r\n250 ok ID=1vMy-0002\r\n',
		],
		['250 2.1.5 Flushed d2e1a72fcca58-7b.32 - gsmtp\r\n', '250 2.1.5 Flushed 5b1f17b1804b1-4.5 - gsmtp\r\n'],
	] as const;
	for (const [one, other] of pairs) assert.equal(shapeOf(one), shapeOf(other));
});

test('the replies of real servers to RSET, MAIL, RCPT and BDAT have different shapes where it matters', () => {
	const servers = {
		postfix: [
			'250 2.0.0 Ok\r\n',
			'250 2.1.0 Ok\r\n',
			'250 2.1.5 Ok\r\n',
			'250 2.0.0 Ok: 5861 bytes queued as 4bXk1z0\r\n',
		],
		exim: [
			'250 Reset OK\r\n',
			'250 OK\r\n',
			'250 Accepted\r\n',
			'250-  5861 byte chunk, total 5861\r\n250 OK id=1vMx-01\r\n',
		],
		exchange: [
			'250 2.0.0 Resetting\r\n',
			'250 2.1.0 Sender OK\r\n',
			'250 2.1.5 Recipient OK\r\n',
			'250 2.6.0 <id@host> [InternalId=4711, Hostname=A.example] 7 bytes in 0.1, 0.2 KB/sec Queued mail for delivery\r\n',
		],
	};
	for (const [name, replies] of Object.entries(servers)) {
		const [verdict, ...others] = replies.map(shapeOf).reverse();
		assert.equal(others.includes(verdict ?? ''), false, name);
	}
});

test('a reply of one endless word takes no time', () => {
	const lines = `250-${'x'.repeat(4000)}\r\n`.repeat(15);
	assert.match(shapeOf(`${lines}250 ok\r\n`), / ok$/);
});
