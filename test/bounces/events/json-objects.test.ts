/** JSON objects are found however they are strung together, and what is torn costs no more than itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonObjects } from '../../../src/bounces/events/json-objects.ts';
import { octetsOf } from './event-tools.ts';

async function found(text: string, size = 1000): Promise<string[]> {
	const lines: string[] = [];
	for await (const each of jsonObjects(octetsOf(text, size))) {
		lines.push(`${each.line} ${'problem' in each ? `! ${each.problem}` : JSON.stringify(each.object)}`);
	}
	return lines;
}

const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });
const shapes: readonly ((values: readonly unknown[]) => string)[] = [
	(values) => values.map((value) => `${JSON.stringify(value)}\n`).join(''),
	(values) => values.map((value) => JSON.stringify(value)).join(''),
	(values) => values.map((value) => JSON.stringify(value)).join('\r\n\r\n'),
	(values) => JSON.stringify(values),
	(values) => `\ufeff${JSON.stringify(values, null, 2)}\n`,
	(values) => values.map((value) => JSON.stringify(value, null, '\t')).join('\n'),
	(values) => values.map((value) => JSON.stringify([value])).join('\n'),
];

test('any objects come out as they went in: one a line, one behind the other, a list, pretty-printed, in pieces of any size', async () => {
	const run = async (values: unknown[], shape: (values: readonly unknown[]) => string, size: number) => {
		const read: unknown[] = [];
		for await (const each of jsonObjects(octetsOf(shape(values), size)))
			read.push('object' in each ? each.object : each);
		assert.deepEqual(JSON.stringify(read), JSON.stringify(values));
	};
	const anyShape = fc.constantFrom(...shapes);
	await fc.assert(fc.asyncProperty(objects, anyShape, fc.integer({ min: 1, max: 50 }), run), { numRuns: 500 });
});

test('a torn line is told with its number, and costs no line but itself', async () => {
	assert.deepEqual(await found('{"a":1}\n{"b":{"c":1}\n{"d":2}\n{"e":"x\n{"f":3}\n'), [
		'1 {"a":1}',
		'2 ! has no end',
		'3 {"d":2}',
		'4 ! has no end',
		'5 {"f":3}',
	]);
	assert.deepEqual(await found('{"a":1}\n{"b":'), ['1 {"a":1}', '2 ! has no end']);
});

test('what is no JSON is told with its number, once a line', async () => {
	assert.deepEqual(await found('hello\n{"a":1}\n{a:1}\n{"b":1} x\n}\n"torn\n{"c":1}'), [
		'1 ! is no JSON',
		'2 {"a":1}',
		'3 ! is no JSON',
		'4 {"b":1}',
		'4 ! is no JSON',
		'5 ! is no JSON',
		'6 ! is no JSON',
		'7 {"c":1}',
	]);
	assert.deepEqual(await found(''), []);
	assert.deepEqual(await found('[]\n\n'), []);
});

test('an object over several lines is told by the line where it begins', async () => {
	assert.deepEqual(await found('[\n  {\n    "a": "}{",\n    "b": "\\"{"\n  },\n  {"c": 2}\n]\n', 3), [
		'2 {"a":"}{","b":"\\"{"}',
		'6 {"c":2}',
	]);
});

test('an object without end is given up after 16 MB, and the next one is found', async () => {
	async function* endless(): AsyncGenerator<Buffer> {
		yield Buffer.from('{"a":[\n');
		for (let count = 0; count < 40; count += 1) yield Buffer.from(`${'1,'.repeat(500_000)}\n`);
		yield Buffer.from('{"b":1}\n');
	}
	const read: string[] = [];
	for await (const each of jsonObjects(endless()))
		read.push('problem' in each ? each.problem : JSON.stringify(each.object));
	assert.equal(read[0], 'has no end');
	assert.equal(read[1], 'is no JSON');
	assert.equal(read.at(-1), '{"b":1}');
});
