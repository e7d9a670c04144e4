import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, parseSmtpUrl, type SmtpUrl } from '../../src/cli/smtp-url.ts';
import { serverName } from '../../src/smtp/server-settings.ts';
import { UsageError } from '../../src/support/errors.ts';

function parse(text: string): SmtpUrl {
	return parseSmtpUrl({ text, origin: '--smtp' });
}

const good: readonly (readonly [text: string, url: Partial<SmtpUrl>])[] = [
	['smtp://smtp.acme.example', { scheme: 'smtp', host: 'smtp.acme.example', port: null, user: '', password: null }],
	['smtps://smtp.acme.example:465', { scheme: 'smtps', host: 'smtp.acme.example', port: 465 }],
	['SMTP://SMTP.Acme.Example:2525/', { scheme: 'smtp', host: 'smtp.acme.example', port: 2525 }],
	['smtp://news@smtp.acme.example', { user: 'news', password: null }],
	[
		'smtp://news%40acme.example:p%2Fss%3Aw%40rd@smtp.acme.example:587',
		{ user: 'news@acme.example', password: 'p/ss:w@rd' },
	],
	['smtp://news:a:b@h', { user: 'news', password: 'a:b', host: 'h' }],
	['smtp://news:p@ss@smtp.acme.example', { user: 'news', password: 'p@ss', host: 'smtp.acme.example' }],
	['smtp://news:@h', { user: 'news', password: '' }],
	['smtp://[::1]:2525', { host: '::1', port: 2525 }],
	['smtp://u@[2001:DB8::1]', { host: '2001:db8::1', port: null, user: 'u' }],
	['smtp://127.0.0.1:25', { host: '127.0.0.1', port: 25 }],
	['smtp://bücher.example', { host: 'xn--bcher-kva.example' }],
	['smtp://mail_1', { host: 'mail_1' }],
];

for (const [text, url] of good) {
	test(`${text} is read as ${JSON.stringify(url)}`, () => {
		assert.deepEqual({ ...parse(text), ...url }, parse(text));
	});
}

const bad: readonly (readonly [text: string, says: RegExp])[] = [
	['http://127.0.0.1/', /is no smtp:\/\/ or smtps:\/\/ URL/],
	['smtp.acme.example', /has no smtp:\/\/ or smtps:\/\/ in front/],
	['', /has no smtp:\/\//],
	['smtp://', /has no host/],
	['smtp://:25', /has no host/],
	['smtp://a..b', /host name that cannot exist/],
	['smtp://a%41b', /host name that cannot exist/],
	['smtp://a\\b', /host name that cannot exist/],
	['smtp://-', /host name that cannot exist/],
	['smtp://[::zz]', /host name that cannot exist/],
	['smtp://h:0', /port that is not a number from 1 to 65535/],
	['smtp://h:65536', /port that is not/],
	['smtp://h:', /port that is not/],
	['smtp://h:25x', /port that is not/],
	['smtp://h?tls=off', /has a "\?": there are no settings in the URL/],
	['smtp://h:25/?tls=off', /has a "\?"/],
	['smtp://h/path', /goes on after the port/],
	['smtp://u:p/q@h', /has a "\/", "\?" or "#" in its login/],
	['smtp://u:100%@h', /"%" that is not followed by two hexadecimal digits/],
	['smtp://:secret@h', /password without a user/],
	['smtp://u%0d%0a@h', /line break in its login/],
	['smtp://h\r\nQUIT', /space or a control character/],
	['smtp://h h', /space or a control character/],
];

for (const [text, says] of bad) {
	test(`${JSON.stringify(text)} is refused: ${says.source}`, () => {
		assert.throws(
			() => parse(text),
			(error) => {
				assert.ok(error instanceof UsageError);
				assert.match(error.message, /^the server in --smtp /);
				assert.match(error.message, says);
				assert.match(error.hint, /smtps:\/\//);
				return true;
			},
		);
	});
}

test('no message ever repeats a password', () => {
	for (const text of [
		'smtp://u:hunter2@h:99999',
		'smtp://u:hunter2@',
		'smtp:/u:hunter2@h',
		'smtp://u:hunter2/@h',
		'smtp://u:hunter2@h?x',
	]) {
		assert.throws(
			() => parse(text),
			(error) => error instanceof UsageError && !`${error.message}${error.hint}`.includes('hunter2'),
		);
	}
});

test('only what never leaves the machine is loopback', () => {
	for (const host of ['127.0.0.1', '127.8.9.10', '::1', 'localhost']) assert.equal(isLoopback(host), true, host);
	for (const host of ['127.0.0.1.example', 'localhost.example', '128.0.0.1', '::2', '10.0.0.1', '127.example']) {
		assert.equal(isLoopback(host), false, host);
	}
});

test('an IPv6 address keeps its brackets in messages', () => {
	assert.equal(serverName({ host: '::1', port: 25 }), '[::1]:25');
	assert.equal(serverName({ host: 'smtp.acme.example', port: 587 }), 'smtp.acme.example:587');
});
