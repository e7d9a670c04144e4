import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	parseAssignments,
	parseChoice,
	parseDuration,
	parseInterval,
	parseRange,
	parseRuntime,
	parseText,
	parseWhole,
} from '../../src/cli/flag-values.ts';
import { UsageError } from '../../src/support/errors.ts';

const flag = (text: string) => ({ text, origin: '--flag' });

function refused(parse: () => unknown, says: RegExp): void {
	assert.throws(parse, (error) => error instanceof UsageError && says.test(error.message));
}

function hintOf(parse: () => unknown): string {
	try {
		parse();
	} catch (error) {
		if (error instanceof UsageError) return error.hint;
	}
	return assert.fail('nothing was refused');
}

test('a whole number is inside its range or refused by the name of its flag', () => {
	assert.equal(parseWhole(flag('200'), { min: 1, max: 200 }), 200);
	for (const text of ['0', '201', '-1', '1.5', '1e2', '', ' 5', 'many', '9'.repeat(30), '٣']) {
		refused(() => parseWhole(flag(text), { min: 1, max: 200 }), /^--flag ".*" is not a whole number from 1 to 200$/);
	}
});

test('a variable is named as one', () => {
	refused(
		() => parseWhole({ text: 'x', origin: 'MAILSHOT_CONCURRENCY' }, { min: 1, max: 200 }),
		/^MAILSHOT_CONCURRENCY="x" is not/,
	);
});

test('a range is A..B or one number', () => {
	assert.deepEqual(parseRange(flag('12000..13000')), { min: 12000, max: 13000 });
	assert.deepEqual(parseRange(flag('30')), { min: 30, max: 30 });
	assert.deepEqual(parseRange(flag('0..0')), { min: 0, max: 0 });
	for (const text of ['9..1', '..5', '5..', '1...2', '1-2', 'a..b', ''])
		refused(() => parseRange(flag(text)), /is not a range of counts/);
});

test('an assignment is split at its first equals sign, and its value may be empty', () => {
	const parsed = parseAssignments([flag('a=1=2'), flag('b='), flag('__proto__=x')]);
	assert.deepEqual(
		[...parsed],
		[
			['a', '1=2'],
			['b', ''],
			['__proto__', 'x'],
		],
	);
	for (const text of ['a', '=1', ' =1', '']) refused(() => parseAssignments([flag(text)]), /is not name=value/);
	refused(() => parseAssignments([flag('a=1'), flag('a=2')]), /a=\.\.\. is given twice/);
});

test('an interval has a unit or is in seconds, and none is none', () => {
	const milliseconds = ['10s', '2m', '1h', '500ms', '30', 'none'].map((text) => parseInterval(flag(text)));
	assert.deepEqual(milliseconds, [10_000, 120_000, 3_600_000, 500, 30_000, null]);
	for (const text of ['0', '99ms', '25d', 's', '-5s', '', '99999999m', '597h', '10 s', '1h30m'])
		refused(() => parseInterval(flag(text)), /is not an interval/);
});

test('a duration may be nothing or short, but none is no time', () => {
	const milliseconds = ['0', '0s', '0h', '50ms', '20s', '1h', '596h', '24d'].map((text) => parseDuration(flag(text)));
	assert.deepEqual(milliseconds, [0, 0, 0, 50, 20_000, 3_600_000, 2_145_600_000, 2_073_600_000]);
	for (const text of ['none', '25d', '', '-1s', '597h', '1.5s']) {
		refused(() => parseDuration(flag(text)), /^--flag ".*" is no time: .*ms, s, m, h or d/);
	}
});

test('what the hint of a refused time says can be typed as it stands, for a flag and for a variable', () => {
	for (const parse of [parseInterval, parseDuration]) {
		for (const [origin, pattern] of [
			['--grace', /--grace (\S+)(?:, or --grace (\S+))?$/],
			['MAILSHOT_GRACE', /^MAILSHOT_GRACE=(\S+?)(?:, or MAILSHOT_GRACE=(\S+))?$/],
		] as const) {
			const hint = hintOf(() => parse({ text: '1x', origin }));
			const [, ...values] = pattern.exec(hint) ?? assert.fail(hint);
			for (const text of values) if (text !== undefined) assert.doesNotThrow(() => parse({ text, origin }), hint);
		}
	}
});

test('a value in a file is named with its key and its place, and so is what to type', () => {
	const given = { text: 'x', origin: 'grace: in /srv/in here/mailshot.yaml:3:7' };
	refused(() => parseDuration(given), /^grace: "x" in \/srv\/in here\/mailshot\.yaml:3:7 is no time/);
	assert.equal(
		hintOf(() => parseDuration(given)),
		'grace: 20s',
	);
	refused(() => parseDuration({ text: 'x', origin: 'MAILSHOT_GRACE in .env:3' }), /^MAILSHOT_GRACE="x" in \.env:3 is/);
});

test('a run takes some time or any', () => {
	assert.deepEqual([parseRuntime(flag('2h')), parseRuntime(flag('none'))], [7_200_000, null]);
	refused(() => parseRuntime(flag('0s')), /leaves no time/);
});

test('a choice lists the others', () => {
	assert.equal(parseChoice(flag('off'), ['auto', 'off']), 'off');
	refused(() => parseChoice(flag('Off'), ['auto', 'off']), /is none of auto, off/);
});

test('a text has no line breaks', () => {
	assert.equal(parseText(flag('a b')), 'a b');
	for (const text of ['', '  ', 'a\nb', 'a\u0000', 'a\u001b[2J'])
		refused(() => parseText(flag(text)), /^--flag (is empty|holds a line break)/);
});
