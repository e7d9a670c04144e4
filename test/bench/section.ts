/** What a part of the benchmark gives: a table for people, the same unformatted for `--json`, and the figures of design.md §8 that it answers. */
import type { Workload } from './workload.ts';

export interface BenchContext {
	/** Of this run; taken away at its end. */
	readonly directory: string;
	readonly workload: Workload;
	readonly rounds: number;
	/** Of each contender that can have several, where a section does not say otherwise. */
	readonly connections: number;
	/** 1 for the real thing; 0.003 when only the plumbing is tried. See `scaled`. */
	readonly scale: number;
	/** Progress, to stderr. */
	readonly say: (text: string) => void;
}

/** A figure with its floor and its goal. */
export interface Figure {
	readonly what: string;
	readonly value: number;
	/** `x`, `us`, `/s`, `MB`, `s` ... */
	readonly unit: string;
	readonly must: number;
	readonly aim: number;
	readonly better: 'more' | 'less';
}

export interface Section {
	/** Also the word for `--only`: `end_to_end`, `wan`. */
	readonly name: string;
	readonly title: string;
	/** Sizes, versions, what each contender does not do. */
	readonly notes: readonly string[];
	readonly columns: readonly string[];
	readonly rows: readonly (readonly string[])[];
	readonly data: unknown;
	readonly figures: readonly Figure[];
}

export type Measure = (context: BenchContext) => Promise<Section>;

/** How many of `count` messages (rows, rounds) to take at this scale, at least `least`. */
export function scaled({ scale }: BenchContext, count: number, least = 20): number {
	return Math.max(least, Math.round(count * scale));
}
