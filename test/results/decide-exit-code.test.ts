import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideExitCode, type RunEnd } from '../../src/results/decide-exit-code.ts';

const clean: RunEnd = { stopped: null, bounced: 0, failed: 0, unknown: 0, deferred: 0, left: 0 };

const cases: readonly (readonly [title: string, end: Partial<RunEnd>, code: number])[] = [
	['everything accepted is 0', {}, 0],
	['one bounce is 3', { bounced: 1 }, 3],
	['one failed row is 3', { failed: 1 }, 3],
	['one unknown recipient is 3', { unknown: 1 }, 3],
	['a deferred recipient is 5, run it again, also beside bounces', { deferred: 1, bounced: 7 }, 5],
	['a row that was left is 5', { left: 1, failed: 2 }, 5],
	['a safety limit is 4, also when work is left', { stopped: 4, left: 10, bounced: 3 }, 4],
	['an unreachable server is 69', { stopped: 69, left: 10 }, 69],
	['a refused login is 77', { stopped: 77, left: 10 }, 77],
	['a log that cannot be written is 73', { stopped: 73, left: 10, deferred: 1 }, 73],
	['Ctrl-C is 130, also when nothing is left', { stopped: 130 }, 130],
];

for (const [title, end, code] of cases) {
	test(title, () => {
		assert.equal(decideExitCode({ ...clean, ...end }), code);
	});
}
