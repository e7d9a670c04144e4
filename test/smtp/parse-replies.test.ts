/** RFC 5321 §4.2 replies from bytes, however they were cut, and what is no reply. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReplyParser } from '../../src/smtp/parse-replies.ts';
import { type Reply, replyText } from '../../src/smtp/reply.ts';

function parse(...chunks: readonly (string | Buffer)[]): {
	readonly replies: readonly Reply[];
	readonly problem: string;
} {
	const parser = new ReplyParser();
	const replies: Reply[] = [];
	for (const chunk of chunks) {
		parser.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
		while (parser.next() > 0) replies.push(parser.reply());
	}
	return { replies, problem: parser.problem };
}

test('a reply has its code, its enhanced code and the text of every line', () => {
	const { replies } = parse('550-5.1.1 no such user\r\n550 5.1.1 really\r\n');
	assert.deepEqual(replies, [{ code: 550, enhancedCode: '5.1.1', lines: ['5.1.1 no such user', '5.1.1 really'] }]);
	const [reply] = replies;
	assert.ok(reply);
	assert.equal(replyText(reply), '550 5.1.1 no such user really');
});

test('the same bytes give the same replies at every split', () => {
	const bytes = Buffer.from(
		'250 2.1.0 Ok\r\n250-first\r\n250-second\r\n250 third\r\n354\r\n550 5.7.1 grüße\r\n421 4.3.2 bye\n250 cr\r\r\n',
		'utf8',
	);
	const whole = parse(bytes);
	assert.equal(whole.replies.length, 6);
	for (let at = 1; at < bytes.length; at += 1) {
		assert.deepEqual(parse(bytes.subarray(0, at), bytes.subarray(at)), whole, `split at ${at}`);
	}
	assert.deepEqual(parse(...Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1))), whole);
});

test('any list of replies cut anywhere comes out as it went in', () => {
	const line = fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]|^[245]\./g, '_'));
	const reply = fc.record(
		{
			code: fc.integer({ min: 200, max: 599 }),
			lines: fc.array(line, { minLength: 1, maxLength: 4 }),
		},
		{ noNullPrototype: true },
	);
	fc.assert(
		fc.property(
			fc.array(reply, { maxLength: 6 }),
			fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 50 }),
			(said, cuts) => {
				const bytes = Buffer.from(
					said
						.flatMap(({ code, lines }) =>
							lines.map((text, at) => `${code}${at === lines.length - 1 ? ' ' : '-'}${text}\r\n`),
						)
						.join(''),
				);
				const chunks: Buffer[] = [];
				let at = 0;
				for (const cut of cuts) {
					chunks.push(bytes.subarray(at, at + cut));
					at += cut;
				}
				chunks.push(bytes.subarray(at));
				const { replies, problem } = parse(...chunks.filter((chunk) => chunk.length > 0));
				assert.equal(problem, '');
				assert.deepEqual(
					replies.map(({ code, lines }) => ({ code, lines })),
					said,
				);
			},
		),
	);
});

test('an enhanced code whose class contradicts the reply code is not believed', () => {
	assert.equal(parse('250 5.1.1 odd\r\n').replies[0]?.enhancedCode, '');
	assert.equal(parse('450 4.2.2 full\r\n').replies[0]?.enhancedCode, '4.2.2');
	assert.equal(parse('550 5.1.1234 odd\r\n').replies[0]?.enhancedCode, '');
});

test('what is no reply is named and believed no more', () => {
	const cases: readonly (readonly [string, RegExp])[] = [
		['HTTP/1.1 400 Bad Request\r\n', /"HTTP\/1.1 400 Bad Request" is no SMTP reply/],
		['\r\n', /is no SMTP reply/],
		['99 short\r\n', /is no SMTP reply/],
		['150 preliminary\r\n', /is no SMTP reply/],
		['250_ok\r\n', /is no SMTP reply/],
		['250-one\r\n251 two\r\n', /mixes the codes 250 and 251/],
		[`250 ${'x'.repeat(5000)}\r\n`, /line is too long/],
		[`250 ${'x'.repeat(5000)}`, /line is too long/],
		['250-a\r\n'.repeat(129), /too many lines/],
		[`250-${'x'.repeat(4000)}\r\n`.repeat(17), /reply is too long/],
		['\u0016\u0003\u0001\u0002\u0000\n', /is no SMTP reply/],
	];
	for (const [bytes, expected] of cases) {
		const { problem, replies } = parse(bytes, '250 Ok\r\n');
		assert.match(problem, expected);
		assert.deepEqual(replies, [], JSON.stringify(bytes.slice(0, 30)));
	}
});

test('control characters and escape sequences of a server never come through', () => {
	const [reply] = parse('550 \u001b[31mred\u0007\u0000 \u009b2J ok\r\n').replies;
	assert.ok(reply);
	assert.match(reply.lines[0] ?? '', /^[ -~]+$/);
	assert.match(reply.lines[0] ?? '', /red/);
});

test('a reply of one plain line reads the same as one that needs more care', () => {
	const replyTo = (bytes: string) => {
		const parser = new ReplyParser();
		parser.push(Buffer.from(bytes, 'latin1'));
		assert.notEqual(parser.next(), 0);
		return parser.reply();
	};
	for (const words of ['', ' ', '2.0.0 Ok', ' 2.0.0 Ok ', '5.0.0 no match', 'x'.repeat(512), 'x'.repeat(513)]) {
		const plain = replyTo(`250 ${words}\r\n`);
		// The second line takes the other way.
		const { enhancedCode, lines } = replyTo(`250-${words}\r\n250 end\r\n`);
		assert.deepEqual(plain, { code: 250, enhancedCode, lines: lines.slice(0, 1) });
	}
	assert.deepEqual(replyTo('250\r\n').lines, ['']);
});
