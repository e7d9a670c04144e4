/** Durations in bounded memory: 32 steps to each doubling, so a quantile is at most 3 % off; smallest and largest are exact. */

const stepsPerDoubling = 32;
const stepBits = 5;
// Microseconds from 1 to 2^31 (36 minutes); what is longer is counted in the last bucket.
const largestMicroseconds = 0x7fffffff;
const buckets = (31 - stepBits + 1) * stepsPerDoubling + stepsPerDoubling;

/** In milliseconds; all 0 when nothing was counted. */
export interface Quantiles {
	readonly min: number;
	readonly med: number;
	readonly p95: number;
	readonly p99: number;
	readonly max: number;
}

export class Histogram {
	readonly #counts = new Uint32Array(buckets);
	#total = 0;
	#min = Number.POSITIVE_INFINITY;
	#max = 0;

	add(milliseconds: number): void {
		const value = Number.isNaN(milliseconds) ? 0 : Math.max(milliseconds, 0);
		if (value < this.#min) this.#min = value;
		if (value > this.#max) this.#max = value;
		this.#total += 1;
		const bucket = bucketOf(Math.min(Math.round(value * 1000), largestMicroseconds));
		this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
	}

	get total(): number {
		return this.#total;
	}

	quantiles(): Quantiles {
		if (this.#total === 0) return { min: 0, med: 0, p95: 0, p99: 0, max: 0 };
		const { min, max } = { min: this.#min, max: this.#max };
		return { min, med: this.#quantile(0.5), p95: this.#quantile(0.95), p99: this.#quantile(0.99), max };
	}

	#quantile(share: number): number {
		const rank = Math.ceil(share * this.#total);
		let seen = 0;
		for (let bucket = 0; bucket < buckets; bucket += 1) {
			seen += this.#counts[bucket] ?? 0;
			if (seen >= rank) return Math.min(Math.max(middleOf(bucket) / 1000, this.#min), this.#max);
		}
		return this.#max;
	}
}

// Below 32 a bucket holds one value; above, the five bits after the leading one choose the step within the doubling.
function bucketOf(microseconds: number): number {
	if (microseconds < stepsPerDoubling) return microseconds;
	const shift = 31 - Math.clz32(microseconds) - stepBits;
	return (shift + 1) * stepsPerDoubling + ((microseconds >>> shift) - stepsPerDoubling);
}

function middleOf(bucket: number): number {
	if (bucket < stepsPerDoubling) return bucket;
	const shift = Math.floor(bucket / stepsPerDoubling) - 1;
	const low = (stepsPerDoubling + (bucket % stepsPerDoubling)) * 2 ** shift;
	return low + (2 ** shift - 1) / 2;
}
