// Each test file is a process of its own, so this zone is nobody else's.
process.env['TZ'] = 'Europe/Berlin';

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDeadline } from '../../../src/cli/settings/parse-deadline.ts';

function deadline(text: string, now: string): string | null {
	const at = parseDeadline({ text, origin: '--deadline' }, { now: Date.parse(now) });
	return at === null ? null : new Date(at).toISOString();
}

const times: readonly (readonly [text: string, now: string, at: string])[] = [
	['18:00', '2026-11-22T16:59:59Z', '2026-11-22T17:00:00.000Z'],
	['18:00', '2026-11-22T17:00:00Z', '2026-11-23T17:00:00.000Z'],
	['6:30', '2026-11-22T16:00:00Z', '2026-11-23T05:30:00.000Z'],
	['00:00', '2026-12-31T12:00:00Z', '2026-12-31T23:00:00.000Z'],
	['23:59:59', '2026-11-22T22:59:58Z', '2026-11-22T22:59:59.000Z'],
	['2026-11-23T06:00', '2026-11-22T12:00:00Z', '2026-11-23T05:00:00.000Z'],
	['2026-11-23 06:00:30', '2026-11-22T12:00:00Z', '2026-11-23T05:00:30.000Z'],
	['2026-11-23T06:00Z', '2026-11-22T12:00:00Z', '2026-11-23T06:00:00.000Z'],
	['2026-11-23T06:00+05:30', '2026-11-22T12:00:00Z', '2026-11-23T00:30:00.000Z'],
	['2026-11-23T06:00-0800', '2026-11-22T12:00:00Z', '2026-11-23T14:00:00.000Z'],
	['2028-02-29T06:00Z', '2026-11-22T12:00:00Z', '2028-02-29T06:00:00.000Z'],
];

for (const [text, now, at] of times) {
	test(`at ${now} in Berlin ${text} is ${at}`, () => {
		assert.equal(deadline(text, now), at);
	});
}

test('the next 18:00 is 25 or 23 hours away when clocks are changed', () => {
	assert.equal(deadline('18:00', '2026-10-24T16:00:00Z'), '2026-10-25T17:00:00.000Z');
	assert.equal(deadline('18:00', '2026-03-28T17:00:00Z'), '2026-03-29T16:00:00.000Z');
});

test('a time that clocks leave out is the one an hour later', () => {
	assert.equal(deadline('02:30', '2026-03-28T22:00:00Z'), '2026-03-29T01:30:00.000Z');
});

test('none is none', () => {
	assert.equal(deadline('none', '2026-11-22T12:00:00Z'), null);
});

test('a time that is over is refused with the time it is', () => {
	assert.throws(() => deadline('2026-11-22T12:00Z', '2026-11-22T12:00:00Z'), {
		name: 'UsageError',
		message: '--deadline "2026-11-22T12:00Z" is over: it is 2026-11-22T12:00:00Z',
	});
});

for (const text of [
	'',
	'24:00',
	'18',
	'18:60',
	'6pm',
	'2026-02-30T06:00',
	'2026-13-01T06:00',
	'2026-11-23',
	'2026-11-23T25:00',
	'2026-11-23T06:00+99:00',
	'tomorrow',
	'1080',
]) {
	test(`no time: "${text}"`, () => {
		assert.throws(() => deadline(text, '2026-11-22T12:00:00Z'), {
			name: 'UsageError',
			message: /is no time/,
			hint: '--deadline 18:00',
		});
	});
}
