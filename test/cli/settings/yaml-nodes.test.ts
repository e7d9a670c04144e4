import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ConfigNode, parseYaml } from '../../../src/cli/settings/yaml-nodes.ts';

function plain(node: ConfigNode): unknown {
	if (node.kind === 'text') return node.text;
	if (node.kind === 'list') return node.items.map(plain);
	return new Map(node.entries.map(({ key, value }) => [key, plain(value)]));
}

function read(text: string): unknown {
	const parsed = parseYaml(text);
	assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed));
	return parsed.kind === 'parsed' && parsed.root !== null ? plain(parsed.root) : null;
}

function refused(text: string): string {
	const parsed = parseYaml(text);
	return parsed.kind === 'invalid'
		? `${parsed.position.line}:${parsed.position.column} ${parsed.problem}`
		: assert.fail(JSON.stringify(parsed));
}

const asTyped: readonly (readonly [name: string, yaml: string, value: string])[] = [
	['Norway', 'no', 'no'],
	['off', 'off', 'off'],
	['an octal number', '0755', '0755'],
	['a number with leading zero', '010', '010'],
	['a time', '18:00', '18:00'],
	['an exponent', '1e3', '1e3'],
	['a date', '2026-11-23T06:00', '2026-11-23T06:00'],
	['null', 'null', 'null'],
	['a tilde', '~', '~'],
	['nothing', '', ''],
	['a rate', '14/s', '14/s'],
	['quotes', '"a: b"', 'a: b'],
];

for (const version of ['', '%YAML 1.1\n---\n']) {
	for (const [name, yaml, value] of asTyped) {
		test(`${name} stays the text that was typed${version === '' ? '' : ', also in YAML 1.1'}`, () => {
			assert.deepEqual(read(`${version}key: ${yaml}\n`), new Map([['key', value]]));
		});
	}
}

test('an empty file, or one of comments, is no settings', () => {
	for (const text of ['', '\n\n', '# rate: 1/s\n', '\ufeff']) assert.equal(read(text), null);
});

test('keys of objects are keys like others', () => {
	assert.deepEqual(read('__proto__: x'), new Map([['__proto__', 'x']]));
});

const refusals: readonly (readonly [yaml: string, says: RegExp])[] = [
	['rate: 1/s\nrate: 2/s', /^2:1 has a key that is there already/],
	['smtp:\n\turl: x', /^2:1 has a tab/],
	['a: &x 1', /^1:\d has an anchor/],
	['a: &x 1\nb: *x', /anchor/],
	['a: *x', /^1:4 /],
	['password: !secret', /^1:\d+ has a tag/],
	['a: !!binary aGk=', /has a tag/],
	['a: 1\n---\nb: 2', /^2:1 holds a second document/],
	['from: News: today', /^1:7 has a second ": "/],
	['a: "x', /lacks a character/],
	['a: @x', /begins with @/],
	['? [a]\n: b', /key that is no plain word/],
	['a: [1, 2', /^\d+:\d+ /],
];

for (const [yaml, says] of refusals) {
	test(`refused with its place: ${JSON.stringify(yaml)}`, () => {
		assert.match(refused(yaml), says);
	});
}

test('no refusal repeats what stands in the file, which may be a password', () => {
	for (const yaml of [
		'password: !hunter2',
		'password: *hunter2',
		'password: &hunter2',
		'password: "\\hunter2"',
		'password: "x" hunter2',
	]) {
		assert.doesNotMatch(refused(yaml), /hunter2/, yaml);
	}
});

test('an alias bomb is refused before it grows', () => {
	const levels = Array.from({ length: 9 }, (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`);
	assert.match(refused(`l0: &l0 x\n${levels.join('\n')}`), /anchor/);
});

test('nesting without end is refused, and does not end the process', () => {
	for (const yaml of [
		'['.repeat(30_000),
		'- '.repeat(30_000),
		'{a: '.repeat(15_000),
		'? '.repeat(30_000),
		'a: '.repeat(20_000),
	]) {
		assert.match(refused(yaml), /goes too deep/);
	}
});

test('any text is parsed or refused, never thrown over', () => {
	const pieces = fc.array(
		fc.constantFrom(
			'a',
			':',
			' ',
			'\n',
			'-',
			'[',
			']',
			'{',
			'}',
			'"',
			"'",
			'#',
			'\t',
			'&',
			'*',
			'!',
			'|',
			'>',
			'%',
			'?',
			',',
			'\r',
			'---',
			'é',
		),
		{ maxLength: 40 },
	);
	fc.assert(
		fc.property(pieces, (texts) => void parseYaml(texts.join(''))),
		{ numRuns: 3000 },
	);
});
