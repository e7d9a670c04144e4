/** --unsubscribe-url, --unsubscribe-mailto and --verp, as they arrive in a message. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import type { CompileOptions } from '../../src/message/compile-message.ts';
import { identifyMessage } from '../../src/message/identify-message.ts';
import { readUnsubscribeToken } from '../../src/recipients/tokens/unsubscribe-token.ts';
import { readVerp } from '../../src/recipients/tokens/verp.ts';
import { needs } from '../helpers/needs.ts';
import {
	assertContract,
	compiled,
	failure,
	headerOf,
	type MessageText,
	refusal,
	rendered,
	row,
	source,
} from './given.ts';

const columns = ['email', 'id', 'city'] as const;
const secret = Buffer.from('a secret of thirty-two octets ...');
const url = 'https://acme.example/u/{{@unsubscribe_token}}';
const mailto = 'unsubscribe@acme.example';
const body = '<a href="{{@unsubscribe_url}}">leave</a>';

function withFlags(flags: Partial<CompileOptions>, template = '<p>x</p>') {
	return compiled(template, columns, { secret: () => secret, ...flags });
}

async function messageFor(flags: Partial<CompileOptions>, fields: readonly string[], template?: string) {
	const message = rendered(await withFlags(flags, template), row(fields));
	assertContract(message);
	return message;
}

/** The URLs of List-Unsubscribe, in order. */
function urlsOf(message: MessageText): string[] {
	const [header = '', ...others] = headerOf(message, 'List-Unsubscribe');
	assert.deepEqual(others, []);
	return [...header.matchAll(/<([^<>]*)>/g)].map(([, found = '']) => found);
}

function whose(token: string): string {
	const reading = readUnsubscribeToken(token, [secret]);
	return reading.kind === 'valid' ? `${reading.address} ${reading.campaign}` : reading.reason;
}

test('a URL and an address make both headers of RFC 8058, with the token of the row in each', async () => {
	const message = await messageFor({ unsubscribeUrl: url, unsubscribeMailto: mailto }, ['Anna@example.com', '7', '']);

	const [link = '', mail = ''] = urlsOf(message);
	const [start, token = ''] = [link.slice(0, 23), link.slice(23)];
	assert.equal(start, 'https://acme.example/u/');
	assert.equal(whose(token), 'Anna@example.com november');
	assert.equal(mail, `mailto:unsubscribe@acme.example?subject=unsubscribe%20${token}`);
	assert.deepEqual(headerOf(message, 'List-Unsubscribe-Post'), ['List-Unsubscribe=One-Click']);
});

test('an address alone has no List-Unsubscribe-Post, which means nothing without https', async () => {
	for (const flags of [
		{ unsubscribeMailto: mailto },
		{ unsubscribeUrl: 'http://127.0.0.1:8025/u/{{@unsubscribe_token}}' },
	]) {
		const message = await messageFor(flags, ['anna@example.com', '', '']);

		assert.equal(urlsOf(message).length, 1);
		assert.deepEqual(headerOf(message, 'List-Unsubscribe-Post'), []);
	}
});

test('signs of an address that mean something in a URL are encoded there', async () => {
	const message = await messageFor({ unsubscribeMailto: 'a+b&c%d?e@acme.example' }, ['anna@example.com', '', '']);

	assert.match(
		urlsOf(message)[0] ?? '',
		/^mailto:a\+b%26c%25d%3Fe@acme\.example\?subject=unsubscribe%201[\w-]+\.[\w-]+$/,
	);
});

test('{{@unsubscribe_url}} is the link of the header, and {{@unsubscribe_token}} its token, in every part', async () => {
	const template = `From: a@b.example\nSubject: x\nX-Leave: {{@unsubscribe_url}}\nX-Token: {{@unsubscribe_token}}\n\n${body}`;
	const message = await messageFor(
		{ unsubscribeUrl: url, unsubscribeMailto: mailto },
		['anna@example.com', '', ''],
		template,
	);

	const [link = ''] = urlsOf(message);
	const { html = '' } = await PostalMime.parse(message.content);
	assert.equal(html.trim(), `<a href="${link}">leave</a>`);
	assert.deepEqual(headerOf(message, 'X-Leave'), [link]);
	assert.deepEqual(headerOf(message, 'X-Token'), [link.slice(23)]);
});

test('a header line of the template can use the token, too', async () => {
	const template = `From: a@b.example\nSubject: x\nList-Unsubscribe: <https://own.example/{{@unsubscribe_token}}>\n\n${body}`;
	const message = await messageFor({}, ['anna@example.com', '', ''], template);

	const [link = ''] = urlsOf(message);
	assert.equal(whose(link.slice('https://own.example/'.length)), 'anna@example.com november');
});

test('whatever a cell holds, it stays one value of one URL', async () => {
	const message = await withFlags({
		unsubscribeUrl: 'https://acme.example/u?id={{id}}&city={{city}}&campaign={{@campaign}}',
	});
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ maxLength: 40 }), (id, city) => {
			fc.pre(`${id}${city}`.trim() !== '' && !`${id}${city}`.includes('\0') && !`${id}${city}`.includes('\r'));
			const one = rendered(message, row(['anna@example.com', id, city]));
			assertContract(one);

			const [link = '', ...others] = urlsOf(one);

			assert.deepEqual(others, []);
			const parsed = new URL(link);
			assert.deepEqual(
				[...parsed.searchParams],
				[
					['id', id],
					['city', city],
					['campaign', 'november'],
				],
			);
			assert.equal(parsed.origin, 'https://acme.example');
		}),
	);
});

test('a row whose link would not say who it is fails, and nobody else', async () => {
	const byId = await withFlags({ unsubscribeUrl: 'https://acme.example/u?id={{id}}' });

	assert.deepEqual(failure(byId, row(['anna@example.com', ' ', 'Paris'])), {
		kind: 'failed',
		errorType: 'template.header_value',
		message: 'List-Unsubscribe: {{id}} is empty in this row, and the link needs it',
	});
	rendered(byId, row(['bob@example.com', '7', '']));
	const withToken = await withFlags({ unsubscribeUrl: `${url}?city={{city}}` });
	rendered(withToken, row(['anna@example.com', '', '']));
});

test('a link that cannot be is refused with what to do', async () => {
	const why = async (flags: Partial<CompileOptions>, template?: string) => {
		const { message, hint } = await refusal(template ?? '<p>x</p>', columns, { secret: () => secret, ...flags });
		return `${message}\n${hint}`;
	};
	assert.match(
		await why({ unsubscribeUrl: 'https://acme.example/{{idd}}' }),
		/^--unsubscribe-url: \{\{idd\}\} is no column/,
	);
	assert.match(
		await why({ unsubscribeUrl: 'https://acme.example/{{@campaign}}' }),
		/everybody would have the same link/,
	);
	assert.match(
		await why({ unsubscribeUrl: 'https://acme.example/{{season}}', set: new Map([['season', 'x']]) }),
		/same link/,
	);
	assert.match(
		await why({ unsubscribeUrl: 'https://acme.example/{{#if id}}{{id}}{{/if}}' }),
		/no \{\{#if\}\} and no helpers/,
	);
	assert.match(
		await why({ unsubscribeUrl: 'https://acme.example/{{default id "x"}}' }),
		/no \{\{#if\}\} and no helpers/,
	);
	assert.match(await why({ unsubscribeUrl: 'https://acme.example/{{@unsubscribe_url}}' }), /cannot be used in it/);
	assert.match(await why({ unsubscribeMailto: mailto }, body), /only --unsubscribe-url says what it is/);
	assert.match(await why({}, body), /needs a List-Unsubscribe header.*\n--unsubscribe-url "https:/);
});

test('flag and template do not both make the header', async () => {
	for (const line of [
		'List-Unsubscribe: <https://own.example/{{id}}>',
		'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
	]) {
		const template = `From: a@b.example\nSubject: x\n${line}\n\n<p>x</p>`;

		const { message, hint } = await refusal(template, columns, { secret: () => secret, unsubscribeUrl: url });

		assert.match(
			message,
			/^news\.hbs:3: there is a List-Unsubscribe(?:-Post)? line already, and --unsubscribe-url makes one$/,
		);
		assert.match(hint, /Leave one of them out/);
	}
});

test('long addresses and campaigns are folded between the URLs, and a line that nothing can fold fails the row', async () => {
	const long = `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.example`;
	const flags = { unsubscribeUrl: url, unsubscribeMailto: mailto };

	const message = await messageFor({ ...flags, campaign: 'n'.repeat(200) }, [long, '', '']);
	assert.match(message.content, /^List-Unsubscribe: <https:[^\r\n ]+>,\r\n <mailto:[^\r\n ]+>\r\n/m);

	const tooLong = await withFlags({ ...flags, campaign: 'n'.repeat(700) });
	assert.match(failure(tooLong, row([long, '', ''])).message, /^List-Unsubscribe: cannot hold/);
});

test('the secret is asked for when a token is needed, once, and not otherwise', async () => {
	let asked = 0;
	const ask = () => {
		asked += 1;
		return secret;
	};
	for (const flags of [{}, { unsubscribeUrl: 'https://acme.example/u?id={{id}}' }]) {
		const message = await withFlags({ ...flags, secret: ask });
		rendered(message, row(['anna@example.com', '7', '']));
		assert.equal(asked, 0);
	}
	const all = await withFlags(
		{ unsubscribeUrl: url, unsubscribeMailto: mailto, verp: 'bounces@acme.example', secret: ask },
		body,
	);
	for (const whom of ['anna@example.com', 'bob@example.com']) rendered(all, row([whom, '7', '']));
	assert.equal(asked, 1);
});

test('with --verp each message has an envelope sender of its own, and From stays', async () => {
	const message = await withFlags({ verp: 'bounces@acme.example' });

	const [anna, again, bob] = ['anna', 'anna', 'bob'].map((name) =>
		rendered(message, row([`${name}@example.com`, '', ''])),
	);

	assert.ok(anna !== undefined && again !== undefined && bob !== undefined);
	assert.match(anna.envelope.from, /^bounces\+[0-9a-f]{40}@acme\.example$/);
	assert.equal(readVerp(anna.envelope.from, [secret]), anna.messageId.slice(1, 21));
	assert.equal(anna.envelope.from, again.envelope.from);
	assert.notEqual(anna.envelope.from, bob.envelope.from);
	assert.deepEqual(headerOf(anna, 'From'), ['Acme News <news@acme.example>']);
	assert.equal(message.from, 'news@acme.example');
});

test('another link is another message, another envelope sender is not', () => {
	const template = source('<p>x</p>');
	const plain = identifyMessage(template, {});
	const linked = identifyMessage(template, { unsubscribeUrl: url });
	const moved = identifyMessage(template, { unsubscribeUrl: url.replace('/u/', '/v/') });
	const mailed = identifyMessage(template, { unsubscribeUrl: url, unsubscribeMailto: mailto });

	assert.equal(new Set([plain, linked, moved, mailed].map(({ headers }) => headers)).size, 4);
	assert.deepEqual({ ...linked, headers: '' }, { ...plain, headers: '' });
});

const flagsOfAll = {
	unsubscribeUrl: `${url}?city={{city}}`,
	unsubscribeMailto: mailto,
	campaign: 'november – Wochenbrief',
};
const fields = ['jürgen@bücher.example', '7', 'Köln & Ö'];

test('postal-mime reads the links as they were meant', async () => {
	const message = await messageFor(flagsOfAll, fields);

	const { headers } = await PostalMime.parse(message.content);

	const value = (name: string) => headers.filter(({ key }) => key === name).map((header) => header.value);
	assert.deepEqual(value('list-unsubscribe-post'), ['List-Unsubscribe=One-Click']);
	const [links = ''] = value('list-unsubscribe');
	const [, token = ''] =
		/^<https:\/\/acme\.example\/u\/([\w.-]+)\?city=K%C3%B6ln%20%26%20%C3%96>, ?<mailto:unsubscribe@acme\.example\?subject=unsubscribe%20\1>$/.exec(
			links,
		) ?? [];
	assert.equal(whose(token), 'jürgen@xn--bcher-kva.example november – Wochenbrief');
});

test("python's email package reads them, too", needs('python3'), async () => {
	const message = await messageFor(flagsOfAll, fields);

	const script = `
import sys, json, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(json.dumps([m.get_all('list-unsubscribe'), m.get_all('list-unsubscribe-post'), len(m.defects)]))`;
	const read: unknown = JSON.parse(
		execFileSync('python3', ['-c', script], { input: message.content, encoding: 'utf8' }),
	);

	const [link = '', mail = ''] = urlsOf(message);
	assert.deepEqual(read, [[`<${link}>, <${mail}>`], ['List-Unsubscribe=One-Click'], 0]);
});
