import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alarm } from '../../src/delivery/alarm.ts';
import { dialTrouble } from '../../src/delivery/dial-trouble.ts';
import { SleepWatch } from '../../src/delivery/sleep-watch.ts';
import type { DialFailure } from '../../src/smtp/dial-failure.ts';
import type { Clock } from '../../src/support/clock.ts';

/** Time stands still until it is moved. */
function handClock() {
	let [wallMs, monotonicMs] = [1_000_000, 0];
	const timers = new Set<{ readonly dueAtMs: number; readonly callback: () => void }>();
	const clock: Clock = {
		now: () => wallMs,
		monotonicMs: () => monotonicMs,
		after(delayMs, callback) {
			const timer = { dueAtMs: monotonicMs + delayMs, callback };
			timers.add(timer);
			return { cancel: () => timers.delete(timer) };
		},
		every: () => ({ cancel() {} }),
	};
	return {
		clock,
		timers,
		/** `sleptMs`: passes on the wall clock alone. */
		pass(ms: number, sleptMs = 0): void {
			monotonicMs += ms;
			wallMs += ms + sleptMs;
			for (const timer of [...timers]) {
				if (timer.dueAtMs > monotonicMs) continue;
				timers.delete(timer);
				timer.callback();
			}
		},
	};
}

test('an alarm rings once for the earliest of the times that it was told, and keeps one timer', () => {
	const { clock, timers, pass } = handClock();
	let rings = 0;
	const alarm = new Alarm(clock, () => {
		rings += 1;
	});
	for (const atMs of [500, 300, 400, Number.POSITIVE_INFINITY]) alarm.set(atMs, 0);
	assert.equal(timers.size, 1);
	pass(299);
	assert.equal(rings, 0);
	pass(1);
	assert.equal(rings, 1);
	pass(1_000);
	assert.equal(rings, 1);
});

test('an alarm that is cancelled does not ring, and for a time days away no timer waits longer than it can', () => {
	const { clock, timers, pass } = handClock();
	let rings = 0;
	const alarm = new Alarm(clock, () => {
		rings += 1;
	});
	alarm.set(100, 0);
	alarm.cancel();
	assert.equal(timers.size, 0);
	alarm.set(40 * 86_400_000, 0);
	assert.ok([...timers].every(({ dueAtMs }) => dueAtMs <= 3_600_000));
	pass(3_600_000);
	assert.equal(rings, 1, 'whoever rings looks, and sets it again');
});

test('a machine that slept is noticed, a step of the clock by seconds and one back are not', () => {
	const { clock, pass } = handClock();
	const watch = new SleepWatch(clock);
	pass(1_000);
	assert.equal(watch.look(), 0);
	pass(1_000, 20_000);
	assert.equal(watch.look(), 0);
	pass(1_000, -3_600_000);
	assert.equal(watch.look(), 0);
	pass(1_000, 7_200_000);
	assert.equal(watch.look(), 7_200_000);
	assert.equal(watch.look(), 0);
});

const failure: DialFailure = {
	kind: 'failed',
	stage: 'greeting',
	cause: 'rejected',
	message: '554 no',
	hint: '',
	reply: { code: 554, enhancedCode: '', lines: ['no'] },
	code: '',
	tls: null,
	isTemporary: false,
	waitAtLeastMs: 0,
};

test('554 in the greeting lasts at the start, and may be one connection too many later', () => {
	assert.equal(dialTrouble(failure, { hasConnected: false }), 'lasting');
	assert.equal(dialTrouble(failure, { hasConnected: true }), 'away');
});

test('what is wrong with certificate or login lasts, also in the middle of a run', () => {
	const wrongCertificate = { ...failure, stage: 'starttls', cause: 'tls', reply: null } as const;
	assert.equal(dialTrouble(wrongCertificate, { hasConnected: true }), 'lasting');
	assert.equal(dialTrouble({ ...failure, stage: 'auth' }, { hasConnected: true }), 'lasting');
});

test('a server that answers and asks for patience is busy, one that does not answer is away', () => {
	assert.equal(dialTrouble({ ...failure, isTemporary: true }, { hasConnected: false }), 'busy');
	const refused = { ...failure, cause: 'network', reply: null, isTemporary: true } as const;
	assert.equal(dialTrouble(refused, { hasConnected: false }), 'away');
});
