import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainCounts } from '../../src/recipients/domain-counts.ts';
import { KeyTable } from '../../src/recipients/key-table.ts';
import { openList } from '../../src/recipients/open-list.ts';
import { type Survey, type SurveyOptions, surveyList } from '../../src/recipients/survey-list.ts';
import { RunError } from '../../src/support/errors.ts';
import { withFile } from './reading.ts';

const seed = Buffer.from('0123456789abcdef');

function survey(content: string, options: Partial<SurveyOptions> = {}): Promise<Survey> {
	return withFile(content, async (path) => {
		const list = await openList({ path, displayName: 'list.csv' });
		return surveyList(list, { maxProblems: 2, sampleSize: 2, keys: new KeyTable(seed), ...options });
	});
}

function total(counters: readonly number[]): number {
	return counters.reduce((sum, count) => sum + count, 0);
}

const mixed = [
	'email,name',
	'a@Ex.com,A',
	'b@ex.com,B',
	'A@ex.com,again',
	'bad',
	'bob@,Bob',
	',Eve',
	'',
	'c@other.example,C',
	'',
].join('\n');

test('a survey counts every row once, and the counts add up', async () => {
	const found = await survey(mixed);
	assert.deepEqual(
		{
			...found,
			passedOver: total(found.passedOver),
			sentTo: total(found.sentTo),
			malformedByReason: [...found.malformedByReason],
			problems: found.problems.map((row) => row.message),
			sample: found.sample.map((row) => row.key),
		},
		{
			rows: 7,
			recipients: 3,
			passedOver: 0,
			sentTo: 3,
			duplicates: 1,
			suppressed: new Map(),
			malformed: 3,
			malformedByReason: [
				['csv.too_few_cells', 1],
				['address.invalid', 1],
				['address.empty', 1],
			],
			problems: ['line 5 of list.csv: 1 cell where the header has 2', 'line 6 of list.csv: "bob@" has no domain'],
			domains: [
				{ domain: 'ex.com', count: 2 },
				{ domain: 'other.example', count: 1 },
			],
			domainCount: 2,
			sample: ['a@ex.com', 'b@ex.com'],
			sizeBytes: Buffer.byteLength(mixed),
		},
	);
});

test('a list of a header only has nothing to send and is no error', async () => {
	const found = await survey('email,name\n');
	assert.deepEqual([found.rows, found.recipients, found.domainCount], [0, 0, 0]);
});

test('no key is visited afterwards, so that the pass that sends can use the table', async () => {
	const keys = new KeyTable(seed);
	await survey(mixed, { keys });
	assert.equal(keys.visit('a@ex.com'), 0);
	assert.equal(keys.visit('\u0000ex.com'), 0);
});

test('a list that breaks off stops the survey, which leaves no visits behind', async () => {
	const keys = new KeyTable(seed);
	await assert.rejects(
		survey('email,name\na@ex.com,A\nb@ex.com,"B\n', { keys }),
		(error) => error instanceof RunError && error.exitCode === 65,
	);
	assert.equal(keys.has('a@ex.com'), true);
	assert.equal(keys.visit('a@ex.com'), 0);
});

test('rows whose key is passed over are counted by its value and are no recipients', async () => {
	const keys = new KeyTable(seed);
	for (const [key, value] of [
		['a@ex.com', 6],
		['c@other.example', 127],
		['b@ex.com', 3],
		['gone@ex.com', 6],
	] as const) {
		keys.seek(key);
		keys.value = value;
	}
	const found = await survey(`${mixed}d@ex.com,D\na@ex.com,third\nd@ex.com,D\n`, {
		keys,
		isPassedOver: (state) => state > 5,
	});
	assert.deepEqual(
		[found.rows, found.recipients, total(found.passedOver), found.duplicates, found.malformed],
		[10, 2, 2, 3, 3],
	);
	assert.equal(found.passedOver.length, 128);
	assert.equal(total(found.sentTo), found.recipients);
	assert.equal(found.sentTo[3], 1);
	assert.deepEqual([found.passedOver[6], found.passedOver[127], found.passedOver[3]], [1, 1, 0]);
	// What the plan shows is of the rows that are to be sent.
	assert.deepEqual(
		found.sample.map((row) => row.key),
		['b@ex.com', 'd@ex.com'],
	);
	assert.deepEqual(found.domains, [{ domain: 'ex.com', count: 2 }]);
	assert.equal(found.domainCount, 1);
	assert.equal(keys.visit('a@ex.com'), 6);
});

test('a key that the journal knows is no duplicate where it occurs first', async () => {
	const keys = new KeyTable(seed);
	keys.seek('a@ex.com');
	keys.value = 3;
	const found = await survey(mixed, { keys });
	assert.deepEqual([found.recipients, found.duplicates], [3, 1]);
});

test('progress is told as it goes on, and a signal stops it', async () => {
	const content = `email,n\n${Array.from({ length: 30_000 }, (_, index) => `user${index}@ex.com,${index}`).join('\n')}\n`;
	const told: number[] = [];
	assert.equal((await survey(content, { onProgress: (rows) => told.push(rows) })).rows, 30_000);
	assert.ok(told.length > 3);
	assert.deepEqual(
		told,
		told.toSorted((a, b) => a - b),
	);

	const stop = new AbortController();
	const reason = new Error('enough');
	await assert.rejects(survey(content, { signal: stop.signal, onProgress: () => stop.abort(reason) }), reason);
});

test('domains are counted in bounded memory, the large ones exactly', () => {
	const domains = new DomainCounts(new KeyTable(seed));
	for (let number = 0; number < 120_000; number++) {
		domains.add(`company${number}.example`);
		if (number % 3 === 0) domains.add('gmail.example');
	}
	assert.equal(domains.size, 120_001);
	assert.deepEqual(domains.top(1), [{ domain: 'gmail.example', count: 40_000 }]);
	assert.equal(domains.top(1_000_000).length < 60_000, true);
	// Their counts were forgotten, but not that they were met.
	for (let number = 0; number < 1_000; number++) domains.add(`company${number}.example`);
	assert.equal(domains.size, 120_001);
});

test('who is on a suppression list is counted by its reason, after who is passed over and duplicates, and is no sample', async () => {
	const keys = new KeyTable(seed);
	keys.seek('settled@ex.com');
	keys.value = 1;
	const found = await survey('email\nno@ex.com\nNO@ex.com\nsettled@ex.com\nyes@ex.com\nhard@ex.com\n', {
		keys,
		isPassedOver: (state) => state === 1,
		suppressionOf: ({ address }) =>
			/^(?:no|settled)@/.test(address) ? 'unsubscribe' : /^hard@/.test(address) ? 'hard' : '',
	});
	assert.deepEqual(
		[...found.suppressed],
		[
			['unsubscribe', 1],
			['hard', 1],
		],
	);
	assert.deepEqual([found.rows, found.recipients, found.duplicates, total(found.passedOver)], [5, 1, 1, 1]);
	assert.deepEqual(
		found.sample.map(({ key }) => key),
		['yes@ex.com'],
	);
	assert.deepEqual(found.domains, [{ domain: 'ex.com', count: 1 }]);
});
