import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { StopSignals } from '../../src/cli/stop-signals.ts';
import { TestClock } from '../results/make-result.ts';

function scene({ graceMs = 20_000 }: { readonly graceMs?: number } = {}) {
	const processSignals = new EventEmitter();
	const clock = new TestClock();
	const stopSignals = new StopSignals(processSignals, { clock, graceMs });
	const told: string[] = [];
	const tell = (text: string) => told.push(text);
	stopSignals.announce({ onStop: tell, onDrop: tell });
	const state = () => [stopSignals.stop.aborted, stopSignals.drop.aborted, stopSignals.exitCode];
	return { processSignals, clock, stopSignals, told, state };
}

for (const [signal, code, again] of [
	['SIGINT', 130, 'Ctrl-C again'],
	['SIGTERM', 143, 'a second signal'],
	['SIGHUP', 129, 'a second signal'],
] as const) {
	test(`${signal} stops with ${code}, and the second signal drops`, () => {
		const { processSignals, clock, stopSignals, told, state } = scene();
		assert.deepEqual(state(), [false, false, null]);

		processSignals.emit(signal);
		assert.deepEqual(state(), [true, false, code]);
		assert.equal(Object(stopSignals.stop.reason).exitCode, code);

		processSignals.emit('SIGINT');
		processSignals.emit('SIGINT');
		assert.deepEqual(state(), [true, true, code]);
		clock.advance(60_000);
		assert.deepEqual(told, [
			`Stopping: nothing new starts; what is under way has 20 s; ${again} drops it`,
			'Dropping what is under way',
		]);
		assert.equal(clock.timers, 0);
	});
}

test('what is under way is dropped when the grace is over, and not before', () => {
	const { processSignals, clock, told, state } = scene();
	clock.advance(60_000);
	processSignals.emit('SIGTERM');
	clock.advance(19_999);
	assert.deepEqual(state(), [true, false, 143]);
	clock.advance(1);
	assert.deepEqual(state(), [true, true, 143]);
	processSignals.emit('SIGTERM');
	assert.deepEqual(told.slice(1), ['The 20 s are over: dropping what is under way']);
});

test('a grace is said as it was given', () => {
	for (const [graceMs, words] of [
		[0, '0 s'],
		[500, '500 ms'],
		[5000, '5 s'],
		[90_000, '1 min 30 s'],
	] as const) {
		const { processSignals, told } = scene({ graceMs });
		processSignals.emit('SIGINT');
		assert.ok(told[0]?.includes(`what is under way has ${words}; `), told[0]);
	}
});

test('without a grace only a second signal drops', () => {
	const processSignals = new EventEmitter();
	const stopSignals = new StopSignals(processSignals);
	const told: string[] = [];
	stopSignals.announce({ onStop: (text) => told.push(text), onDrop: () => {} });
	processSignals.emit('SIGINT');
	assert.deepEqual(told, ['Stopping: nothing new starts; Ctrl-C again drops what is under way']);
	processSignals.emit('SIGTERM');
	assert.equal(stopSignals.drop.aborted, true);
});

test('no listener and no timer survives a run', () => {
	const { processSignals, clock, stopSignals } = scene();
	processSignals.emit('SIGINT');
	assert.equal(clock.timers, 1);
	stopSignals.release();
	assert.deepEqual([processSignals.eventNames(), clock.timers], [[], 0]);
});
