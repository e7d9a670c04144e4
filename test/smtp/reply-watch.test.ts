/** One reply to each command: the same whatever pieces the bytes come in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplyWatch } from '../../src/smtp/reply-watch.ts';

/** Kinds of what is seen when the bytes come in pieces of so many octets. */
function watch(bytes: string | Buffer, pieceBytes: number, first: 'greeting' | 'command' = 'greeting'): string[] {
	const watched = new ReplyWatch(first);
	const all = Buffer.from(bytes);
	const seen: string[] = [];
	for (let at = 0; at < all.length; at += pieceBytes) {
		for (const it of watched.read(all.subarray(at, at + pieceBytes))) {
			seen.push(it.kind === 'out_of_step' ? it.what : `${it.kind} ${it.reply.code}`);
			if (it.kind === 'out_of_step') return seen;
		}
	}
	return seen;
}

const cases: readonly (readonly [what: string, bytes: string | Buffer, expected: readonly string[]])[] = [
	['a greeting', '220 hi\r\n', ['reply 220']],
	['a greeting of several lines', '220-hi\r\n220 there\r\n', ['reply 220']],
	['a second greeting', '220 hi\r\n220 again\r\n', ['reply 220', 'unasked']],
	['a piece of a second reply', '220 hi\r\n25', ['reply 220', 'unasked']],
	['a 421 that nobody asked for', '220 hi\r\n421 going down\r\n', ['reply 220', 'closing 421']],
	['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n', ['unreadable']],
	['a TLS alert without any line end', Buffer.from([0x15, 3, 3, 0, 2, 2, 70]), ['tls_record']],
	['a TLS handshake', Buffer.from([0x16, 3, 1, 0, 5]), ['tls_record']],
	['codes that contradict each other', '220-hi\r\n250 ho\r\n', ['unreadable']],
];

for (const [what, bytes, expected] of cases) {
	test(`${what} is seen for what it is, whole and byte by byte`, () => {
		for (const pieceBytes of [1, 2, 7, 10_000]) {
			const seen = watch(bytes, pieceBytes);
			// Byte by byte the first octet of what is unasked is enough; of a 421 that cannot be told yet.
			if (what.includes('421') && pieceBytes < 10_000) assert.deepEqual(seen.slice(0, 1), ['reply 220']);
			else assert.deepEqual(seen, expected, `${pieceBytes}`);
		}
	});
}

test('before a command went out nothing is due', () => {
	assert.deepEqual(watch('250 ok\r\n', 100, 'command'), ['unasked']);
});

test('each command may have one reply', () => {
	const watched = new ReplyWatch('greeting');
	watched.read(Buffer.from('220 hi\r\n'));
	watched.asked();
	assert.deepEqual(
		watched.read(Buffer.from('250-mx\r\n250 X\r\n250 more\r\n')).map(({ kind }) => kind),
		['reply', 'out_of_step'],
	);
});

test('bytes that are no text are not repeated as they are', () => {
	const [seen] = new ReplyWatch('greeting').read(Buffer.from('\u001b]0;owned\u0007\u001b[2Jhi\r\n'));
	assert.ok(seen?.kind === 'out_of_step');
	assert.doesNotMatch(seen.message, /[\u0000-\u001f]/);
});
