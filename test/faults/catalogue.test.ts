/** The catalogue has 84 rows, and each has a case here: none is forgotten when the tables change. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const rowsOfCatalogue = 84;

test('every row of the fault catalogue is a case of this folder', (t) => {
	const here = new URL('.', import.meta.url);
	const names = readdirSync(here).filter((name) => name.endsWith('.test.ts') && name !== 'catalogue.test.ts');
	const text = names.map((name) => readFileSync(new URL(name, here), 'utf8')).join('\n');
	const numbers = [...text.matchAll(/\brow: (\d+)|\b(?:fails|stops|refuses)\(\s*(\d+)|fault (\d+): /g)];
	const covered = new Set(numbers.map((match) => Number(match[1] ?? match[2] ?? match[3])));
	const missing = Array.from({ length: rowsOfCatalogue }, (_, n) => n + 1).filter((row) => !covered.has(row));
	assert.deepEqual(missing, []);
	t.diagnostic(`${covered.size} of ${rowsOfCatalogue} rows, ${[...text.matchAll(/judged/g)].length} judged otherwise`);
});
