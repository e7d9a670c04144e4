import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadTemplate, type TemplateSource } from '../../src/message/load-template.ts';
import { RunError } from '../../src/support/errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'mailshot-template-'));
after(() => rmSync(directory, { recursive: true }));

let folders = 0;

/** Writes the files into a folder of their own and loads the first. */
async function load(files: Readonly<Record<string, string | Buffer>>): Promise<TemplateSource> {
	const folder = mkdtempSync(join(directory, `${folders++}-`));
	for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
	const [first = ''] = Object.keys(files);
	return loadTemplate(join(folder, first));
}

async function refusal(
	files: Readonly<Record<string, string | Buffer>>,
): Promise<{ exit: number; message: string; hint: string }> {
	try {
		await load(files);
	} catch (error) {
		assert.ok(error instanceof RunError, String(error));
		return { exit: error.exitCode, message: error.message.replaceAll(/\S*\/(?=[\w.]+:)/g, ''), hint: error.hint };
	}
	return assert.fail('nothing was refused');
}

const headersOf = (source: TemplateSource) => source.headers.map(({ name, text }) => [name, text]);

test('header lines, a blank line and a body make a template', async () => {
	const source = await load({
		'news.hbs': 'From: Acme <news@acme.example>\nsubject: {{name}}, hi: there\nX-Tag:one\n\n<h1>Hello</h1>\n',
	});

	assert.deepEqual(headersOf(source), [
		['From', 'Acme <news@acme.example>'],
		['Subject', '{{name}}, hi: there'],
		['X-Tag', 'one'],
	]);
	assert.equal(source.html?.text, '<h1>Hello</h1>\n');
	assert.equal(source.html?.place.line, 5);
	assert.equal(source.text, null);
	assert.equal(source.headers[1]?.place.line, 2);
	assert.equal(source.headers[1]?.place.column, 10);
});

test('an indented line goes on with the header above it', async () => {
	const source = await load({ 'n.txt': 'Subject: one\n  two\n\tthree\nX-A: b\n\nbody' });

	assert.deepEqual(headersOf(source), [
		['Subject', 'one\n  two\n\tthree'],
		['X-A', 'b'],
	]);
});

test('the same lines are accepted between two lines of dashes', async () => {
	const source = await load({ 'n.hbs': '---\nSubject: {{name}}: hi\n---\n\n<p>Hello' });

	assert.deepEqual(headersOf(source), [['Subject', '{{name}}: hi']]);
	assert.equal(source.html?.text, '<p>Hello');
	assert.equal(source.html?.place.line, 5);
});

test('a file that starts with < has no header lines, after a byte order mark and blank lines too', async () => {
	for (const start of ['', '\ufeff', '\n  \n', '\ufeff\r\n']) {
		const source = await load({ 'n.html': `${start}<p>Subject: no\n\nbody` });

		assert.deepEqual(source.headers, []);
		assert.match(source.html?.text ?? '', /<p>Subject: no\n\nbody$/);
	}
});

test('a text that begins like a letter has no header lines', async () => {
	for (const text of [
		'Dear {{name}},\n\nhello',
		'{{#if a}}\nx: y\n{{/if}}',
		'http://acme.example\n\nx',
		'\nSubject: in the body',
	]) {
		const source = await load({ 'n.txt': text });

		assert.deepEqual(source.headers, []);
		assert.equal(source.text?.text.trimStart(), text.trimStart());
	}
});

test('the ending of the name says what the body is', async () => {
	const cases = { 'n.hbs': 'html', 'n.HTM': 'html', 'n.html.hbs': 'html', 'n.txt.hbs': 'text', 'n.txt': 'text' };
	for (const [name, kind] of Object.entries(cases)) {
		const source = await load({ [name]: 'Hello you' });

		assert.equal(source.html !== null, kind === 'html', name);
		assert.equal(source.text !== null, kind === 'text', name);
	}
});

test('an HTML and a text file side by side are one message, whichever is named', async () => {
	const html = 'Subject: from html\n\n<p>Hello';
	for (const files of [
		{ 'news.html': html, 'news.txt': 'Hello' },
		{ 'news.txt': 'Hello', 'news.html': html },
		{ 'news.hbs': html, 'news.txt.hbs': 'Hello' },
	]) {
		const source = await load(files);

		assert.deepEqual(headersOf(source), [['Subject', 'from html']]);
		assert.equal(source.html?.text, '<p>Hello');
		assert.equal(source.text?.text, 'Hello');
		const isHtmlNamed = !Object.keys(files)[0]?.includes('.txt');
		assert.equal(source.html?.origin, isHtmlNamed ? 'template' : 'sibling');
		assert.deepEqual(source.warnings, []);
	}
});

test('the named file wins when both have header lines, and the other is warned about', async () => {
	const source = await load({ 'n.html': 'Subject: html\n\n<p>x', 'n.txt': 'Subject: text\n\nx' });

	assert.deepEqual(headersOf(source), [['Subject', 'html']]);
	assert.match(source.warnings[0] ?? '', /n\.txt are not used/);
});

test('a first block of the other file is body unless every name in it is a header name', async () => {
	for (const text of [
		'Note: please read\n\nbody',
		'Subject: tea\nTime: five\n\nbody',
		'Subject: tea\nwe drink it\n\nbody',
	]) {
		for (const own of ['From: a@b.example\n\n<p>x', '<p>x']) {
			const source = await load({ 'n.html': own, 'n.txt': text });

			assert.equal(source.text?.text, text);
			assert.equal(source.text?.place.line, 1);
			assert.equal(source.headers.length, own.startsWith('From') ? 1 : 0);
			assert.deepEqual(source.warnings, []);
		}
	}
});

test('a first block of header names in the other file is no body, also where X- or a refused name is among them', async () => {
	const source = await load({ 'n.html': '<p>x', 'n.txt': 'Subject: tea\nX-Note: five\n\nbody' });
	const refused = await refusal({ 'n.html': '<p>x', 'n.txt': 'Subject: tea\nBcc: x@y.example\n\nbody' });

	assert.deepEqual(headersOf(source), [
		['Subject', 'tea'],
		['X-Note', 'five'],
	]);
	assert.equal(source.text?.text, 'body');
	assert.match(refused.message, /^n\.txt:2:1: Bcc: /);
});

test('line ends of every system are one', async () => {
	const source = await load({ 'n.txt': 'Subject: a\r\n\r\none\rtwo\r\nthree\n' });

	assert.equal(source.text?.text, 'one\ntwo\nthree\n');
});

test('a file that is missing or a directory exits 66', async () => {
	mkdirSync(join(directory, 'folder.html'));
	for (const [path, why] of [
		[join(directory, 'nothing.html'), /nothing\.html: there is no such file/],
		[join(directory, 'folder.html'), /folder\.html: is a directory/],
	] as const) {
		await assert.rejects(
			loadTemplate(path),
			(error) => error instanceof RunError && error.exitCode === 66 && why.test(error.message),
		);
	}
});

test('a file that cannot be a template exits 65 and says where', async () => {
	const cases: readonly (readonly [string, string | Buffer, string])[] = [
		['n.html', '', 'n.html: is empty'],
		['n.html', ' \n\ufeff\n', 'n.html: is empty'],
		['n.html', Buffer.from('<p>one\ntwo\ncaf\xe9\n', 'latin1'), 'n.html:3: is not UTF-8'],
		['n.html', Buffer.from('\ufeff<p>x', 'utf16le'), 'n.html:1: is not UTF-8'],
		['n.html', '<p>\0', 'n.html: has a NUL character in it'],
		['n.txt', 'Subject: x\n', 'n.txt:3:1: the body is empty; a blank line separates it from the header lines'],
		[
			'n.txt',
			'---\nSubject: x\n\nbody',
			'n.txt:1:1: the "---" that begins the header lines has no second "---" after them',
		],
		['n.md', '# x', 'n.md: Markdown and MJML templates are not supported yet'],
		['letter', 'x', 'letter: its name does not say whether it is HTML or text'],
	];
	for (const [name, content, message] of cases) {
		const refused = await refusal({ [name]: content });

		assert.equal(refused.exit, 65);
		assert.equal(refused.message, message);
	}
});

test('every header line that cannot be is named, with its line', async () => {
	const refused = await refusal({
		'n.hbs': [
			'Subjet: a',
			'Cc: boss@acme.example',
			'Bcc: boss@acme.example',
			'Date: today',
			'Content-Type: text/html',
			'Attachment: a.pdf',
			'Inline: a.png',
			'Foo: bar',
			'X-A: 1',
			'X-A: 2',
			'To: a@b.example',
			'TO: b@c.example',
			'nonsense',
			'',
			'<p>x',
		].join('\n'),
	});

	assert.equal(refused.exit, 65);
	assert.deepEqual(refused.message.split('\n'), [
		'n.hbs:1:1: "Subjet:" is no header mailshot knows; did you mean Subject:?',
		'n.hbs:2:1: Cc: one message has one recipient; add a row to the list for the other person',
		'n.hbs:3:1: Bcc: one message has one recipient; add a row to the list for the other person',
		'n.hbs:4:1: Date: mailshot makes this header itself',
		'n.hbs:5:1: Content-Type: mailshot makes this header itself',
		'n.hbs:6:1: Attachment: is not supported yet',
		'n.hbs:7:1: Inline: is not supported yet',
		'n.hbs:8:1: "Foo:" is no header mailshot knows; own headers begin with X-',
		'n.hbs:12:1: To: is there already, in line 11',
		'n.hbs:13:1: "nonsense" is neither a header ("Name: value") nor an indented line that goes on with one; a blank line ends the headers',
	]);
});
