import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { assertContract, compiled, failure, headerOf, refusal, rendered, row } from './given.ts';

const columns = ['email', 'first', 'last', 'url'] as const;

function withHeaders(lines: string): string {
	const from = /^From:/m.test(lines) ? '' : 'From: Acme News <news@acme.example>\n';
	const subject = /^Subject:/m.test(lines) ? '' : 'Subject: Hello\n';
	return `${from}${subject}${lines}\n\n<p>x`;
}

async function headerFor(
	lines: string,
	fields: readonly string[],
	name = lines.slice(0, lines.indexOf(':')),
): Promise<string> {
	const message = rendered(await compiled(withHeaders(lines), columns), row(fields));
	assertContract(message);
	const found = headerOf(message, name);
	assert.equal(found.length, 1, name);
	return found[0] ?? '';
}

async function failureFor(lines: string, fields: readonly string[]): Promise<string> {
	const { errorType, message } = failure(await compiled(withHeaders(lines), columns), row(fields));
	return `${errorType} ${message}`;
}

test('To is the address of the row, alone when the template has no To line', async () => {
	assert.equal(await headerFor('X-A: b', ['zoe@example.com'], 'To'), 'zoe@example.com');
});

test('To takes its name from the template and its address from the row', async () => {
	const to = 'To: {{first}} {{last}} <{{email}}>';

	assert.equal(await headerFor(to, ['zoe@example.com', 'Zoe', 'Smith']), 'Zoe Smith <zoe@example.com>');
	assert.equal(await headerFor(to, ['zoe@example.com', '', '']), 'zoe@example.com');
	assert.equal(await headerFor(to, ['zoe@example.com', 'J.', "O'Hara, Esq."]), `"J. O'Hara, Esq." <zoe@example.com>`);
	assert.equal(await headerFor(to, ['zoe@example.com', 'A "B"', 'C\\']), '"A \\"B\\" C\\\\" <zoe@example.com>');
	assert.equal(
		await headerFor(to, ['zoe@example.com', 'Zoë', 'Ångström']),
		'=?UTF-8?B?Wm/DqyDDhW5nc3Ryw7Zt?= <zoe@example.com>',
	);
	assert.equal(
		await headerFor('To: "{{last}}, {{first}}" <{{@email}}>', ['zoe@example.com', 'Zoe', 'S']),
		'"S, Zoe" <zoe@example.com>',
	);
});

test('the address of a row is compared as an address, not as text', async () => {
	const to = 'To: {{first}} <{{email}}>';
	const message = await compiled(withHeaders(to), columns);

	const { content } = rendered(message, row([' Zoë <zoe@Bücher.example> ', 'Z'], 'zoe@xn--bcher-kva.example'));

	assert.match(content, /^To: Z <zoe@xn--bcher-kva\.example>\r$/m);
});

test('a name cannot become a second recipient', async () => {
	for (const name of [
		'Eve <eve@evil.example>, x',
		'eve@evil.example,',
		'"',
		'x" <eve@evil.example>, "y',
		'a:b@c;',
		'<',
		'>',
		'=?UTF-8?Q?=2C_eve=40evil.example?=',
	]) {
		const message = await compiled(withHeaders('To: {{first}} <{{email}}>'), columns);

		const parsed = await PostalMime.parse(rendered(message, row(['zoe@example.com', name])).content);

		assert.deepEqual(parsed.to, [{ name, address: 'zoe@example.com' }]);
	}
});

test('an address in To that is not the address of the row fails the row', async () => {
	const to = 'To: {{first}} <{{last}}>';

	assert.match(
		await failureFor(to, ['a@b.example', 'A', 'c@d.example']),
		/^template\.header_value To: "c@d.example" is not the address of this row, a@b.example/,
	);
	assert.match(
		await failureFor(to, ['a@b.example', 'A', 'a@b.example, c@d.example']),
		/^template\.header_value To: .* holds two addresses/,
	);
	assert.match(await failureFor(to, ['a@b.example', 'A', '']), /^template\.header_value To: "" is empty/);
	assert.match(
		(await refusal(withHeaders('To: boss@acme.example'), columns)).message,
		/To: its address must be the row's own/,
	);
	assert.match(
		(await refusal(withHeaders('To: {{#if first}}{{first}} <{{email}}>{{else}}{{email}}{{/if}}'), columns)).message,
		/To: its "<" and ">" must not/,
	);
});

test('an address beyond ASCII becomes an empty group, so that the header stays ASCII, and asks for SMTPUTF8', async () => {
	const message = rendered(
		await compiled(withHeaders('To: {{first}} <{{email}}>'), columns),
		row(['jürgen@example.com', 'J']),
	);

	assertContract(message);
	assert.deepEqual(headerOf(message, 'To'), ['J =?UTF-8?Q?j=C3=BCrgen=40example=2Ecom?= :;']);
	assert.equal(message.envelope.smtpUtf8, true);
	assert.equal(message.envelope.to, 'jürgen@example.com');
});

test('From may have a name from the row but only one address for all', async () => {
	const from = 'From: {{first}} at Acme <News@BÜCHER.example>';
	const message = await compiled(withHeaders(from), columns);

	const one = rendered(message, row(['a@b.example', 'Zoë']));

	assert.equal(message.from, 'News@xn--bcher-kva.example');
	assert.equal(one.envelope.from, 'News@xn--bcher-kva.example');
	assert.deepEqual(headerOf(one, 'From'), ['=?UTF-8?Q?Zo=C3=AB_at_Acme?= <News@xn--bcher-kva.example>']);
	assert.match(one.messageId, /@xn--bcher-kva\.example>$/);
	const refused = {
		'From: News <{{first}}@acme.example>': /From: the address may hold no variables/,
		'From: {{email}}': /From: the address may hold no variables/,
		'From: News <news@>': /From: "news@" has no domain/,
		'From: a@b.example, c@d.example': /From: .* holds two addresses/,
		'From: jürgen@acme.example': /not ASCII/,
	};
	for (const [line, why] of Object.entries(refused))
		assert.match((await refusal(withHeaders(line), columns)).message, why, line);
});

test('--from and --subject stand in for the lines of the template, and are templates too', async () => {
	const message = await compiled(withHeaders('From: Old <old@acme.example>\nSubject: old'), columns, {
		from: 'New {{first}} <new@acme.example>',
		subject: 'Hi {{first}}',
	});

	const one = rendered(message, row(['a@b.example', 'Zoe']));

	assert.equal(message.subject, 'Hi {{first}}');
	assert.deepEqual([headerOf(one, 'From'), headerOf(one, 'Subject')], [['New Zoe <new@acme.example>'], ['Hi Zoe']]);
	assert.match(
		(await refusal('<p>x', columns, { subject: 'Hi {{frist}}' })).message,
		/^--subject: \{\{frist\}\} is no column/,
	);
});

test('a template without From or Subject names the flag that gives it', async () => {
	const noSubject = await refusal('From: a@b.example\n\n<p>x', columns);
	const noFrom = await refusal('Subject: x\n\n<p>x', columns);

	assert.match(`${noSubject.message} ${noSubject.hint}`, /there is no Subject: line --subject/);
	assert.match(`${noFrom.message} ${noFrom.hint}`, /there is no From: line --from/);
	assert.equal(noFrom.exitCode, 65);
});

test('a subject that is empty for a row fails it, and an X- header that is empty is left out', async () => {
	const lines = 'Subject: {{#if last}}{{first}}{{/if}} \nX-Note: {{first}}';
	for (const fields of [
		['a@b.example', 'Zoe', ''],
		['a@b.example', ' \u00a0', 'S'],
	]) {
		assert.equal(
			await failureFor(lines, fields),
			'template.header_value the subject is empty for this row; give it a fallback: {{default last "..."}}',
		);
	}
	const one = rendered(await compiled(withHeaders('X-Note: {{first}}'), columns), row(['a@b.example', '']));
	assert.deepEqual(headerOf(one, 'X-Note'), []);
	assert.match(
		(await refusal(withHeaders('Subject: {{! none }}'), columns)).message,
		/^news\.hbs:\d+:10: Subject: is empty$/,
	);
});

test('what is wrong with an address names it once, also when it came from a flag', async () => {
	const cases = {
		'A <a@b.test>, c@d.test': '--from: holds two addresses; a message has one sender',
		'A <a@b.test>, C <c@d.test>': '--from: holds two addresses; a message has one sender',
		'a@b.test, C <c@d.test>': '--from: holds two addresses; a message has one sender',
		'{{first}} <a@b.test>; c@d.test': '--from: holds two addresses; a message has one sender',
		'a@b.test, c@d.test': '--from: "a@b.test, c@d.test" holds two addresses',
		'A <a@b.test> x': '--from: "A <a@b.test> x" is no sender; write it like Acme News <news@acme.example>',
		'A <{{first}}@b.test>': '--from: the address may hold no variables: every message has the same sender',
	};
	for (const [from, message] of Object.entries(cases))
		assert.equal((await refusal('<p>x', columns, { from })).message, message);
	assert.match(
		(await refusal(withHeaders('Reply-To: {{first}} <a@b.test>, c@d.test'), columns)).message,
		/^news\.hbs:\d+:11: Reply-To: holds two addresses; it takes one$/,
	);
	const quoted = await compiled('<p>x', columns, { from: '"Acme <x@y.test>, Ltd" <a@b.test>' });
	assert.equal(quoted.from, 'a@b.test');
});

test('a subject is not HTML, and its words survive folding and encoding', async () => {
	const long = `${'November '.repeat(20)}end`;
	for (const subject of [
		"O'Hara & <Söhne>",
		long,
		'x'.repeat(990),
		`${'x'.repeat(500)} ${'y'.repeat(500)}`,
		'é'.repeat(300),
		'👩‍👩‍👧‍👦'.repeat(20),
		'a  b',
		'=?UTF-8?B?eA==?=',
		'שלום עולם',
	]) {
		const message = rendered(await compiled(withHeaders('Subject: {{first}}'), columns), row(['a@b.example', subject]));

		assertContract(message);
		assert.equal((await PostalMime.parse(message.content)).subject, subject);
		for (const line of message.content.split('\r\n')) if (line.includes('=?')) assert.ok(line.length <= 76, line);
		for (const word of message.content.match(/=\?[^ \r]*\?=/g) ?? []) {
			assert.ok(word.length <= 75, word);
			const text = /\?B\?(.*)\?=/.exec(word)?.[1];
			if (text !== undefined)
				assert.doesNotMatch(Buffer.from(text, 'base64').toString(), /\ufffd/, 'no character is split');
		}
	}
	const plain = rendered(await compiled(withHeaders(`Subject: ${long}`), columns), row(['a@b.example']));
	assert.match(plain.content, /^Subject: (?:November )+/m);
	for (const line of plain.content.split('\r\n')) assert.ok(line.length <= 76, line);
});

test('a header over several lines is one line, tags on lines of their own included', async () => {
	const lines = 'Subject: Hi\n  {{#if first}}\n\t{{first}}\n  {{/if}}\n  bye';

	assert.equal(await headerFor(lines, ['a@b.example', 'Zoe'], 'Subject'), 'Hi  Zoe  bye');
	assert.equal(await headerFor(lines, ['a@b.example', ''], 'Subject'), 'Hi  bye');
});

test('header text of any kind comes back from a parser as it went in', async () => {
	const message = await compiled(
		withHeaders('Subject: {{first}}\nX-Note: {{last}}\nTo: {{last}} <{{email}}>'),
		columns,
	);
	const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map((value) => value.replace(/[\r\n\0]/g, '').trim());
	await fc.assert(
		fc.asyncProperty(
			text.filter((first) => first !== ''),
			text,
			async (first, last) => {
				const one = rendered(message, row(['a@b.example', first, last]));

				assertContract(one);
				const parsed = await PostalMime.parse(one.content);
				assert.equal(parsed.subject ?? '', first);
				assert.equal(parsed.to?.[0]?.name ?? '', last);
				assert.equal(parsed.headers.find(({ key }) => key === 'x-note') !== undefined, last !== '');
			},
		),
		{ numRuns: 300 },
	);
});

test('a line break or NUL in a value that reaches a header fails the row and names header and column', async () => {
	for (const bad of ['\n', '\r', '\r\n', '\0']) {
		assert.match(
			await failureFor('Subject: {{last}} {{first}}', ['a@b.example', `Zoe${bad}Bcc: x@y.example`, 'S']),
			/^template\.header_line_break Subject: column "first" has a line break or NUL in it$/,
		);
	}
});

test('a break in a cell that only decides about a header is no break in the header', async () => {
	const lines = 'Subject: {{#if last}}yes{{else}}no{{/if}}';

	assert.equal(await headerFor(lines, ['a@b.example', '', 'one\r\ntwo'], 'Subject'), 'yes');
});

test('List-Unsubscribe holds valid URLs in angle brackets or fails the row', async () => {
	const line = 'List-Unsubscribe: <https://acme.example/u/{{url}}>, <mailto:u@acme.example?subject={{url}}>';

	assert.equal(
		await headerFor(line, ['a@b.example', '', '', 't1']),
		'<https://acme.example/u/t1>, <mailto:u@acme.example?subject=t1>',
	);
	for (const bad of ['a b', 'é', 'x>, <https://evil.example/', '\t', '<']) {
		assert.match(
			await failureFor(line, ['a@b.example', '', '', bad]),
			/^template\.header_value List-Unsubscribe: /,
			bad,
		);
	}
	assert.match(
		(await refusal(withHeaders('List-Unsubscribe: https://acme.example/u'), columns)).message,
		/^news\.hbs:3:19: List-Unsubscribe: cannot hold/,
	);
	for (const [value, why] of [
		['Zoë', /List-Unsubscribe: cannot hold "[^"]*": a URL in a header takes ASCII without spaces$/],
		['a b', /: a URL in a header takes ASCII without spaces$/],
		['x>, <ftp://x', /: it takes <https:\/\/\.\.\.> and <mailto:\.\.\.>, with commas between them$/],
	] as const) {
		assert.match(await failureFor(line, ['a@b.example', '', '', value]), why);
	}
	const long = await headerFor(line, ['a@b.example', '', '', 'z'.repeat(60)]);
	assert.equal(long, `<https://acme.example/u/${'z'.repeat(60)}>, <mailto:u@acme.example?subject=${'z'.repeat(60)}>`);
});

test('the unsubscribe URL of the header is at hand in the bodies', async () => {
	const header = 'List-Unsubscribe: <mailto:u@acme.example>, <https://acme.example/u?t={{url}}&a=1>';
	const template = `From: a@b.example\nSubject: {{@unsubscribe_url}}\n${header}\n\n<a href="{{@unsubscribe_url}}">x`;

	const one = rendered(await compiled(template, columns), row(['a@b.example', '', '', 'T']));

	assert.deepEqual(headerOf(one, 'Subject'), ['https://acme.example/u?t=T&a=1']);
	assert.match(one.content.replace(/=\r\n/g, ''), /<a href=3D"https:\/\/acme\.example\/u\?t&#x3D;T&amp;a&#x3D;1">/);
	assert.match((await refusal('<p>{{@unsubscribe_url}}', columns)).message, /needs a List-Unsubscribe header/);
	const mailOnly = 'List-Unsubscribe: <mailto:u@acme.example>\nX-U: {{@unsubscribe_url}}';
	assert.match((await refusal(withHeaders(mailOnly), columns)).message, /there is no <https:/);
	assert.match(
		await failureFor('List-Unsubscribe: <{{url}}>\nX-U: {{@unsubscribe_url}}', [
			'a@b.example',
			'',
			'',
			'mailto:x@y.example',
		]),
		/has no <https:/,
	);
});

test('structured headers stay ASCII and other ones are left out when empty', async () => {
	assert.equal(
		await headerFor('List-Id: Acmé News <news.acme.example>', ['a@b.example']),
		'=?UTF-8?Q?Acm=C3=A9_News?= <news.acme.example>',
	);
	assert.equal(
		await headerFor('Reply-To: {{first}} <{{last}}>', ['a@b.example', 'R', 'r@b.example']),
		'R <r@b.example>',
	);
	assert.equal(await headerFor('Precedence: bulk', ['a@b.example']), 'bulk');
	assert.match(await failureFor('Precedence: {{first}}', ['a@b.example', 'é']), /^template\.header_value Precedence/);
	assert.match(
		await failureFor('Reply-To: {{first}}', ['a@b.example', 'nonsense']),
		/^template\.header_value Reply-To: "nonsense" has no @/,
	);
	const message = rendered(
		await compiled(withHeaders('X-Tag: {{first}}\nReply-To: {{last}}'), columns),
		row(['a@b.example', '', '']),
	);
	assert.deepEqual([...headerOf(message, 'X-Tag'), ...headerOf(message, 'Reply-To')], []);
});
