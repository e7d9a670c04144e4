/** Sends through a pace in simulated time, as an event loop with late timers would, to a server that is 0 to 10 ms away. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Rate } from '../../../src/delivery/pace/rate.ts';

export const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

interface Paced {
	readyAtMs(nowMs: number): number;
	spend(nowMs: number): void;
}

export interface Journey {
	/** In order. */
	readonly spentMs: readonly number[];
	/** At the server, in order. */
	readonly arrivedMs: readonly number[];
	readonly endMs: number;
}

export interface World {
	readonly fromMs: number;
	readonly toMs: number;
	/** The list ends. */
	readonly messages?: number;
	/** 0 to 1. */
	readonly random: () => number;
	/** A timer comes late by up to so much. */
	readonly latenessMs: number;
	/** Called before each look; may move the time, and do something to the pace. */
	readonly meanwhile?: (nowMs: number) => number;
}

/** There is always a message that wants to go. */
export function sendThrough(pace: Paced, world: World): Journey {
	const { fromMs, toMs, messages = Number.POSITIVE_INFINITY, random, latenessMs, meanwhile = (nowMs) => nowMs } = world;
	const spentMs: number[] = [];
	let nowMs = fromMs;
	while (nowMs < toMs && spentMs.length < messages) {
		nowMs = meanwhile(nowMs);
		const readyAtMs = pace.readyAtMs(nowMs);
		if (readyAtMs <= nowMs) {
			pace.spend(nowMs);
			spentMs.push(nowMs);
			nowMs += random() * 0.05;
		} else {
			// Timers know whole milliseconds, and may come a little early by a finer clock.
			nowMs += Math.max(1, Math.round(readyAtMs - nowMs)) + random() * latenessMs;
		}
	}
	const arrivedMs = spentMs.map((at) => at + random() * 10).sort((one, other) => one - other);
	return { spentMs, arrivedMs, endMs: nowMs };
}

/** The largest number of arrivals in any stretch as long as the period, both ends included. */
export function mostInWindow(arrivedMs: readonly number[], periodMs: number): number {
	let [most, first] = [0, 0];
	for (const [index, at] of arrivedMs.entries()) {
		while (at - (arrivedMs[first] ?? 0) > periodMs) first += 1;
		most = Math.max(most, index - first + 1);
	}
	return most;
}

export function assertNeverAbove(
	arrivedMs: readonly number[],
	rates: readonly Pick<Rate, 'count' | 'periodMs'>[],
): void {
	for (const { count, periodMs } of rates) {
		const most = mostInWindow(arrivedMs, periodMs);
		assert.ok(most <= count, `${most} within ${periodMs} ms, where ${count} may arrive`);
	}
}

/** In no stretch more than `burst` and one for each interval in it; `latenessMs`: what may be made up for. */
export function assertEven(
	spentMs: readonly number[],
	{ count, periodMs, burst }: Rate,
	{ latenessMs = 251 }: { readonly latenessMs?: number } = {},
): void {
	const intervalMs = periodMs / count;
	let furthest = Number.NEGATIVE_INFINITY;
	for (const [index, at] of spentMs.entries()) {
		const lead = at - index * intervalMs;
		furthest = Math.max(furthest, lead);
		assert.ok(
			lead >= furthest - (burst - 1) * intervalMs - latenessMs - 1e-6,
			`message ${index} at ${at} is in a bunch`,
		);
	}
}

export function assertUsed(sent: number, { count, periodMs }: Rate, spanMs: number): void {
	const possible = (count * spanMs) / periodMs;
	assert.ok(sent >= Math.floor(0.98 * possible), `${sent} of ${possible} (${((100 * sent) / possible).toFixed(2)} %)`);
}

/** 0 to 1, the same row for the same seed. */
export function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		// A linear congruence and a mix of its bits.
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		let mixed = state ^ (state >>> 15);
		mixed = Math.imul(mixed, 0x2c1b3c6d);
		mixed ^= mixed >>> 12;
		return (mixed >>> 0) / 2 ** 32;
	};
}

export const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** 1/s to 2000/s and about as much for longer periods. */
export const anyRate: fc.Arbitrary<Rate> = fc
	.constantFrom([1, 2_000, second], [1, 3_000, minute], [1, 3_000, 5 * minute], [1, 3_000, hour], [1, 6_000, day])
	.chain(([min = 1, max = 1, periodMs = second]) =>
		fc.record({ count: fc.integer({ min, max }), periodMs: fc.constant(periodMs) }),
	)
	.chain(({ count, periodMs }) =>
		fc
			.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: count }))
			.map((burst) => ({ count, periodMs, burst })),
	);
