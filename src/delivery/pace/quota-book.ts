/** What is known of an account's claims: how much of each quota is taken, and when there is room again. */
import { describeRate } from './describe-rate.ts';
import type { QuotaClaim } from './quota-claim.ts';
import type { Rate } from './rate.ts';
import { slackMs } from './slack.ts';

interface Entry {
	readonly id: string;
	count: number;
	/** Steady time of the process that keeps the book. */
	untilMs: number;
	readonly fromMs: number;
	/** From the wall clock of its lines to steady time. */
	readonly shiftMs: number;
}

interface Hold {
	readonly rate: Rate;
	/** So long after its end a claim is counted. */
	readonly holdMs: number;
}

export interface TimeOfReading {
	readonly steadyMs: number;
	readonly wallMs: number;
}

export class QuotaBook {
	readonly #holds: readonly Hold[];
	readonly #longestHoldMs: number;
	/** In the order read; a Map keeps it. */
	readonly #entries = new Map<string, Entry>();
	/** The latest beginning of a claim that was read; wall clock as it stands in the ledger. */
	#latestFromMs = 0;

	/** `rates`: at least one. */
	constructor(rates: readonly Rate[]) {
		this.#holds = rates.map((rate) => ({ rate, holdMs: rate.periodMs + slackMs(rate.periodMs) }));
		this.#longestHoldMs = Math.max(...this.#holds.map(({ holdMs }) => holdMs));
	}

	get latestFromMs(): number {
		return this.#latestFromMs;
	}

	/** Claims that ended so long ago count no more. */
	get longestHoldMs(): number {
		return this.#longestHoldMs;
	}

	/** Takes in a line that was read now. */
	learn({ id, count, fromMs, untilMs }: QuotaClaim, { steadyMs, wallMs }: TimeOfReading): void {
		this.#latestFromMs = Math.max(this.#latestFromMs, fromMs);
		const entry = this.#entries.get(id);
		if (entry !== undefined) {
			entry.count = Math.min(entry.count, count);
			entry.untilMs = Math.min(entry.untilMs, Math.max(entry.fromMs, untilMs + entry.shiftMs));
			return;
		}
		// What lies in the future was claimed before the clock was set back; nobody knows when, so: now.
		const ageMs = Math.max(0, wallMs - fromMs);
		const shiftMs = steadyMs - ageMs - fromMs;
		this.#entries.set(id, { id, count, fromMs: fromMs + shiftMs, untilMs: untilMs + shiftMs, shiftMs });
	}

	/** Forgets what counts no more. */
	prune(steadyMs: number): void {
		for (const { id, untilMs } of this.#entries.values()) {
			if (untilMs + this.#longestHoldMs <= steadyMs) this.#entries.delete(id);
		}
	}

	has(id: string): boolean {
		return this.#entries.has(id);
	}

	/** Room in all quotas; negative when more is taken than they allow. `before`: as it was when the claim of that id was read. */
	free(steadyMs: number, before: string | null): number {
		let free = Number.POSITIVE_INFINITY;
		for (const { rate, holdMs } of this.#holds) {
			let taken = 0;
			for (const entry of this.#entries.values()) {
				if (entry.id === before) break;
				if (entry.untilMs + holdMs > steadyMs) taken += entry.count;
			}
			free = Math.min(free, rate.count - taken);
		}
		return free;
	}

	/** When there is room for one, should nobody claim more, and the quota that is waited for. */
	nextRoom(steadyMs: number): { readonly atMs: number; readonly label: string } {
		let [atMs, label] = [steadyMs, ''];
		for (const { rate, holdMs } of this.#holds) {
			const roomAtMs = this.#roomAt(rate.count, { steadyMs, holdMs });
			if (roomAtMs <= atMs) continue;
			atMs = roomAtMs;
			label = describeRate(rate);
		}
		return { atMs, label };
	}

	#roomAt(quota: number, { steadyMs, holdMs }: { readonly steadyMs: number; readonly holdMs: number }): number {
		const counted = [...this.#entries.values()].filter(
			({ count, untilMs }) => count > 0 && untilMs + holdMs > steadyMs,
		);
		let taken = counted.reduce((sum, { count }) => sum + count, 0);
		counted.sort((one, other) => one.untilMs - other.untilMs);
		let atMs = steadyMs;
		for (const { count, untilMs } of counted) {
			if (taken < quota) break;
			taken -= count;
			atMs = untilMs + holdMs;
		}
		return atMs;
	}
}
