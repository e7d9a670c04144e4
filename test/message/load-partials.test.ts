/** Which file `{{> name}}` is: found in one folder, never outside of it. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compileMessage } from '../../src/message/compile-message.ts';
import { identifyMessage } from '../../src/message/identify-message.ts';
import { loadTemplate } from '../../src/message/load-template.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { options, rendered, row } from './given.ts';

const head = 'From: a@b.example\nSubject: s\n\n';

function lay(context: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
	const folder = temporaryDirectory(context);
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), content);
	}
	return folder;
}

interface Way {
	readonly template?: string;
	readonly partials?: string;
}

async function messageIn(folder: string, { template = 'n.txt', partials }: Way = {}): Promise<string> {
	const source = await loadTemplate(
		join(folder, template),
		partials === undefined ? {} : { partials: join(folder, partials) },
	);
	const message = await compileMessage(source, options(['email', 'a']));
	return rendered(message, row(['zoe@example.com', 'A'])).content;
}

async function refusalIn(folder: string, way: Way = {}): Promise<string> {
	try {
		await messageIn(folder, way);
	} catch (error) {
		assert.ok(error instanceof Error && 'exitCode' in error, String(error));
		return `${String(error.exitCode)} ${error.message.replaceAll(`${folder}/`, '')}`;
	}
	return assert.fail('nothing was refused');
}

test('a folder partials beside the template is where partials are, and folders in it', async (t) => {
	const folder = lay(t, {
		'n.txt': `${head}{{> footer}} {{> blocks/button}} {{> "blocks/button"}} {{> footer.txt}}`,
		'partials/footer.txt': 'foot {{a}}',
		'partials/blocks/button.txt': '[ok]',
	});

	assert.match(await messageIn(folder), /foot A \[ok\] \[ok\] foot A\r\n$/);
});

test('--partials names another folder, and then the one beside the template is nothing', async (t) => {
	const folder = lay(t, { 'n.txt': `${head}{{> x}}`, 'partials/x.txt': 'wrong', 'p/x.txt': 'right' });

	assert.match(await messageIn(folder, { partials: 'p' }), /\r\n\r\nright\r\n$/);
	assert.match(await refusalIn(folder, { partials: 'nowhere' }), /^66 --partials nowhere: there is no such folder$/);
	assert.match(await refusalIn(folder, { partials: 'n.txt' }), /^66 --partials n\.txt: is no folder$/);
});

test('a text part takes the text file of a name, an HTML part the HTML file', async (t) => {
	const folder = lay(t, {
		'n.html': `${head}<p>{{> x}}</p>`,
		'n.txt': 'T {{> x}}',
		'partials/x.hbs': '<b>html</b>',
		'partials/x.txt.hbs': 'text',
	});

	const content = await messageIn(folder, { template: 'n.html' });

	assert.match(content, /\r\n\r\nT text\r\n/);
	assert.match(content, /<p><b>html<\/b><\/p>/);
});

test('one file without markup serves both parts; HTML in the text part is refused', async (t) => {
	const folder = lay(t, { 'n.html': `${head}<p>{{> x}}`, 'n.txt': 'T {{> x}}', 'partials/x.hbs': 'both {{a}}' });
	assert.match(await messageIn(folder, { template: 'n.html' }), /T both A[\s\S]*<p>both A/);

	writeFileSync(join(folder, 'partials/x.hbs'), '<b>{{a}}</b>');
	assert.equal(
		await refusalIn(folder, { template: 'n.html' }),
		'65 n.txt:1:3: {{> x}} is HTML (partials/x.hbs); in a text part it needs a x.txt beside it',
	);
});

test('two files of one name and kind are a question', async (t) => {
	const folder = lay(t, { 'n.html': `${head}{{> x}}`, 'partials/x.hbs': 'a', 'partials/x.html': 'b' });

	assert.equal(
		await refusalIn(folder, { template: 'n.html' }),
		'65 n.html:4:1: {{> x}} is there twice: partials/x.hbs and partials/x.html',
	);
});

test('a partial that is not there is told with the place of the call, the folder, and the nearest name in it', async (t) => {
	const folder = lay(t, { 'n.txt': `${head}x\n {{> fotter}}{{> blocks/buton}}{{> zzz}}`, 'partials/footer.txt': 'x' });
	mkdirSync(join(folder, 'partials/blocks'));
	writeFileSync(join(folder, 'partials/blocks/button.txt'), 'x');

	assert.deepEqual((await refusalIn(folder)).split('\n').sort(), [
		'65 n.txt:5:2: {{> fotter}}: there is none in partials; did you mean {{> footer}}?',
		'n.txt:5:14: {{> blocks/buton}}: there is none in partials; did you mean {{> blocks/button}}?',
		'n.txt:5:32: {{> zzz}}: there is none in partials, which has blocks/button, footer; --partials names another folder',
	]);
});

test('without a folder it says where one would be', async (t) => {
	const folder = lay(t, { 'n.txt': `${head}{{> x}}` });

	assert.match(await refusalIn(folder), /there is no folder partials beside the template; --partials names another/);
});

test('no name leads out of the folder, by dots, by a slash, or by a link', async (t) => {
	const folder = lay(t, { 'secret.txt': 'SECRET', 'partials/ok.txt': 'ok', 'p2/in.txt': 'in' });
	symlinkSync('../secret.txt', join(folder, 'partials/link.txt'));
	symlinkSync('ok.txt', join(folder, 'partials/within.txt'));
	symlinkSync('/etc', join(folder, 'partials/etc'));
	symlinkSync('p2', join(folder, 'linked'));
	const names = [
		'"../secret"',
		'../secret',
		'"x/../../secret"',
		`"${join(folder, 'secret')}"`,
		'"/etc/passwd"',
		'"..\\\\secret"',
		'link',
		'"etc/hosts.txt"',
		'"."',
		'".."',
		'""',
	];
	for (const name of names) {
		writeFileSync(join(folder, 'n.txt'), `${head}{{> ${name}}}`);
		assert.match(await refusalIn(folder), /^65 n\.txt:4:1: /, name);
	}
	writeFileSync(join(folder, 'n.txt'), `${head}{{> within}}`);
	assert.match(await messageIn(folder), /\r\n\r\nok\r\n$/);
	writeFileSync(join(folder, 'n.txt'), `${head}{{> in}}`);
	assert.match(await messageIn(folder, { partials: 'linked' }), /\r\n\r\nin\r\n$/);
});

test('a partial that is no UTF-8, empty, or holds a NUL is named', async (t) => {
	for (const [content, why] of [
		[Buffer.from('a\nb\xff', 'latin1'), /^65 partials\/x\.txt:2: is not UTF-8/],
		['', /^65 partials\/x\.txt: is empty/],
		['a\0', /^65 partials\/x\.txt: has a NUL/],
	] as const) {
		assert.match(await refusalIn(lay(t, { 'n.txt': `${head}{{> x}}`, 'partials/x.txt': content })), why);
	}
});

test('the message is another one when a partial that it uses changes, also one that is used by a partial', async (t) => {
	const files = {
		'n.txt': `${head}{{> x}}`,
		'partials/x.txt': 'x{{> y}}',
		'partials/y.txt': 'y',
		'partials/unused.txt': 'u',
	};
	const identity = async (changes: Readonly<Record<string, string>> = {}) =>
		identifyMessage(await loadTemplate(join(lay(t, { ...files, ...changes }), 'n.txt')), {});
	const before = await identity();

	const changedNames = async (changes: Readonly<Record<string, string>>) => {
		const after = await identity(changes);
		return Object.entries(after).flatMap(([name, value]) =>
			Object.entries(before).some(([other, was]) => other === name && was === value) ? [] : [name],
		);
	};
	assert.deepEqual(
		Object.keys(before).filter((name) => name.startsWith('partial')),
		['partial x.txt', 'partial y.txt'],
	);
	assert.deepEqual(await changedNames({}), []);
	assert.deepEqual(await changedNames({ 'partials/unused.txt': 'other' }), []);
	assert.deepEqual(await changedNames({ 'partials/y.txt': 'other' }), ['partial y.txt']);
	assert.deepEqual(await changedNames({ 'partials/x.txt': 'x' }), ['partial x.txt']);
});

test('a partial that is there and cannot be read is not called missing', async (t) => {
	const folder = lay(t, { 'n.txt': `${head}{{> loop}}`, 'partials/other.txt': 'x' });
	symlinkSync('loop.txt', join(folder, 'partials/loop.txt'));
	assert.match(await refusalIn(folder), /^66 partials\/loop\.txt cannot be read: .*symbolic links/);
});
