import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Given } from '../../src/cli/settings/origin.ts';
import { parseUnsubscribeMailto, parseUnsubscribeUrl, parseVerp } from '../../src/cli/unsubscribe-flags.ts';
import { RunError, UsageError } from '../../src/support/errors.ts';
import { assertContract, compiled, headerOf, rendered, row } from '../message/given.ts';
import { someSecret } from '../recipients/tokens/some-secrets.ts';

function refusal(parse: (given: Given) => string, text: string, origin: string): string {
	try {
		parse({ text, origin });
	} catch (error) {
		assert.ok(error instanceof UsageError, String(error));
		return `${error.message}\n${error.hint}`;
	}
	return assert.fail(`not refused: ${text}`);
}

test('a link takes https, and a token or a column', () => {
	for (const text of [
		'https://acme.example/u/{{@unsubscribe_token}}',
		'https://acme.example/u?t={{ @unsubscribe_token }}&id={{customer_id}}',
		'https://acme.example/u?id={{[Customer Id]}}',
		'HTTPS://acme.example:8443/{{{id}}}',
		'http://127.0.0.1:8025/u/{{@unsubscribe_token}}',
		'http://localhost/u/{{@unsubscribe_token}}',
		'http://[::1]:8025/{{@email}}',
	])
		assert.equal(parseUnsubscribeUrl({ text: ` ${text} `, origin: '--unsubscribe-url' }), text);
});

const refusedUrls: readonly (readonly [string, RegExp])[] = [
	[
		'http://acme.example/{{@unsubscribe_token}}',
		/https only \(RFC 8058\).*\n--unsubscribe-url "https:\/\/acme\.example\//,
	],
	['http://127.0.0.1.evil.example/{{@unsubscribe_token}}', /https only/],
	[
		'https://acme.example/u/',
		/same link.*\n--unsubscribe-url "https:\/\/acme\.example\/u\/\{\{@unsubscribe_token\}\}"$/,
	],
	['https://acme.example/u?t=', /\n--unsubscribe-url "https:\/\/acme\.example\/u\?t=\{\{@unsubscribe_token\}\}"$/],
	['https://acme.example/u?a=b', /\n--unsubscribe-url "https:\/\/acme\.example\/u\?a=b&u=\{\{@unsubscribe_token\}\}"$/],
	['https://acme.example/{{@campaign}}/{{@date}}', /same link/],
	['{{link}}', /belongs into the template\nList-Unsubscribe: <\{\{link\}\}>/],
	['acme.example/{{@unsubscribe_token}}', /no URL/],
	['mailto:a@b.example?subject={{@unsubscribe_token}}', /no URL/],
	['javascript:alert({{id}})', /no URL/],
	['https://{{domain}}/u', /the host is the same for everybody/],
	['https://u.{{domain}}:80/u', /the host is the same for everybody/],
	['https://acme.example/#/u/{{@unsubscribe_token}}', /behind # never reaches/],
	['https://me:pw@acme.example/{{@unsubscribe_token}}', /login/],
	['https://acme.example/u/ {{@unsubscribe_token}}', /" " has no place/],
	['https://acme.example/ü/{{@unsubscribe_token}}', /"ü" has no place/],
	['https://acme.example/<{{@unsubscribe_token}}>', /"<" has no place/],
	['https://acme.example/\\{{@unsubscribe_token}}', /has no place/],
	['https://acme.example/{{@unsubscribe_token', /"\{" has no place/],
	['https://acme.example/\r\nBcc: x@y.example', /control character/],
	['', /is empty/],
];

for (const [text, says] of refusedUrls) {
	test(`the link ${JSON.stringify(text)} is refused`, () => {
		assert.match(refusal(parseUnsubscribeUrl, text, '--unsubscribe-url'), says);
	});
}

test('an address to leave by is one address, the same for everybody', () => {
	assert.equal(parseUnsubscribeMailto({ text: 'U@Bücher.example', origin: 'x' }), 'U@xn--bcher-kva.example');
	const why = (text: string) => refusal(parseUnsubscribeMailto, text, 'MAILSHOT_UNSUBSCRIBE_MAILTO');
	assert.match(why('mailto:u@acme.example'), /is a URL.*\nMAILSHOT_UNSUBSCRIBE_MAILTO=unsubscribe@acme\.example/);
	assert.match(why('u@acme.example?subject=x'), /in its domain/);
	assert.match(why('{{id}}@acme.example'), /holds a variable/);
	assert.match(why('u@a.example, v@a.example'), /two addresses/);
	assert.match(why('ü@a.example'), /not ASCII/);
});

test('an address for bounces has room for the token', () => {
	assert.equal(parseVerp({ text: 'bounces@acme.example', origin: '--verp' }), 'bounces@acme.example');
	assert.match(refusal(parseVerp, 'bounces', '--verp'), /"bounces" has no @\n--verp bounces@acme\.example /);
	assert.match(refusal(parseVerp, `${'b'.repeat(30)}@acme.example`, '--verp'), /at most 23 fit/);
});

test('whatever is typed, a link is refused in words, or arrives as one https URL of the host that was typed', async () => {
	const piece = fc.oneof(
		fc.string({ maxLength: 12 }),
		fc.constantFrom(
			'https://',
			'http://',
			'acme.example',
			'127.0.0.1',
			'/',
			'?',
			'=',
			'&',
			'#',
			'>',
			', <',
			'@',
			':',
			'\\',
			'%',
		),
		fc.constantFrom(
			'{{@unsubscribe_token}}',
			'{{id}}',
			'{{{id}}}',
			'{{@campaign}}',
			'{{#if id}}',
			'{{/if}}',
			'{{',
			'}}',
			'{{id',
		),
	);
	const mild = fc.constantFrom('/', 'u', '?a=', '&b=', '%20', "'", '{{id}}', '{{@unsubscribe_token}}', '{{ @email }}');
	const start = fc.constantFrom('https://acme.example/', 'http://localhost:8025/', '');
	const typed = fc
		.tuple(start, fc.oneof(fc.array(mild, { maxLength: 6 }), fc.array(piece, { maxLength: 6 })))
		.map(([first, pieces]) => first + pieces.join(''));
	let arrived = 0;
	await fc.assert(
		fc.asyncProperty(typed, async (text) => {
			try {
				const unsubscribeUrl = parseUnsubscribeUrl({ text, origin: '--unsubscribe-url' });
				const message = await compiled('<p>x', ['email', 'id'], { unsubscribeUrl, secret: () => someSecret });
				const one = rendered(message, row(['anna@example.com', 'a>b, <c']));
				assertContract(one);
				const [header = ''] = headerOf(one, 'List-Unsubscribe');
				assert.match(header, /^<[^<>\s]+>$/);
				const host = new URL(header.slice(1, -1)).host;
				assert.ok(text.includes(host), `${host} in ${text}`);
				arrived += 1;
			} catch (error) {
				assert.ok(error instanceof UsageError || error instanceof RunError, String(error));
			}
		}),
		{ numRuns: 600 },
	);
	assert.ok(arrived > 20, 'some were good');
});
