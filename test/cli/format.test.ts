import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	formatBytes,
	formatCount,
	formatCounted,
	formatDuration,
	formatMilliseconds,
	formatRate,
	formatShare,
	formatShortDuration,
	formatTimeLeft,
} from '../../src/cli/format.ts';

const cases: readonly (readonly [name: string, got: string[], expected: string[]])[] = [
	['counts', [0, 999, 1000, 12_313, 1_000_000].map(formatCount), ['0', '999', '1,000', '12,313', '1,000,000']],
	[
		'counted things',
		[formatCounted(1, 'row'), formatCounted(2000, 'row'), formatCounted(2, 'person', 'people')],
		['1 row', '2,000 rows', '2 people'],
	],
	[
		'sizes',
		[69, 999, 1000, 18_234, 999_949, 999_950, 3_100_000].map(formatBytes),
		['69 bytes', '999 bytes', '1.0 KB', '18.2 KB', '999.9 KB', '1.0 MB', '3.1 MB'],
	],
	[
		'milliseconds',
		[0, 0.05, 0.12, 9.94, 9.96, 142.4, 999.4, 999.6, 4100].map(formatMilliseconds),
		['0.00 ms', '0.05 ms', '0.1 ms', '9.9 ms', '10 ms', '142 ms', '999 ms', '1.0 s', '4.1 s'],
	],
	[
		'durations',
		[0.44, 9.94, 9.96, 59.4, 59.6, 631, 3599.6, 7500].map(formatDuration),
		['0.4 s', '9.9 s', '10 s', '59 s', '1 min 0 s', '10 min 31 s', '1 h 0 min', '2 h 5 min'],
	],
	['time left', [0, 5, 289, 3723].map(formatTimeLeft), ['0:00', '0:05', '4:49', '1:02:03']],
	['short durations', [49, 289, 3720].map(formatShortDuration), ['49s', '4m49s', '1h2m']],
	['rates', [0, 19.54, 99.94, 99.96, 12_400].map(formatRate), ['0.0/s', '19.5/s', '99.9/s', '100/s', '12,400/s']],
	[
		'shares',
		[
			formatShare(0, 5),
			formatShare(5, 5),
			formatShare(1, 1e6),
			formatShare(999_999, 1e6),
			formatShare(0, 0),
			formatShare(1, 3),
		],
		['0 %', '100 %', '0.1 %', '99.9 %', '0 %', '33.3 %'],
	],
];

for (const [name, got, expected] of cases) {
	test(`${name} read as ${expected.join(', ')}`, () => {
		assert.deepEqual(got, expected);
	});
}
