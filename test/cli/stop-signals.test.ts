import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { StopSignals } from '../../src/cli/stop-signals.ts';

for (const [signal, code] of [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const) {
	test(`${signal} stops with ${code}, and the second signal drops`, () => {
		const processSignals = new EventEmitter();
		const told: string[] = [];
		const stopSignals = new StopSignals(processSignals);
		stopSignals.announce({ onStop: () => told.push('stop'), onDrop: () => told.push('drop') });
		assert.equal(stopSignals.exitCode, null);

		processSignals.emit(signal);
		assert.deepEqual([stopSignals.stop.aborted, stopSignals.drop.aborted, stopSignals.exitCode], [true, false, code]);
		assert.equal(Object(stopSignals.stop.reason).exitCode, code);

		processSignals.emit('SIGINT');
		processSignals.emit('SIGINT');
		assert.deepEqual([stopSignals.drop.aborted, stopSignals.exitCode], [true, code]);
		assert.deepEqual(told, ['stop', 'drop']);
	});
}

test('no listener survives a run', () => {
	const processSignals = new EventEmitter();
	new StopSignals(processSignals).release();
	assert.deepEqual(processSignals.eventNames(), []);
});
