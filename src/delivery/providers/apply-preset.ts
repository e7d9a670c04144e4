/** How much of a server may be used: what was asked for, what its provider publishes, and else our defaults. A preset only lowers. */
import { describeRate } from '../pace/describe-rate.ts';
import type { Rate } from '../pace/rate.ts';
import type { Limit, Provider, RateLimit } from './provider.ts';

/** Null: nobody said, so that the preset or the default holds. */
export interface WantedLimits {
	readonly connections: number | null;
	readonly messagesPerConnection: number | null;
	readonly rates: readonly Rate[];
}

export interface AppliedLimits {
	readonly connections: number;
	readonly messagesPerConnection: number;
	/** All of them hold. */
	readonly rates: readonly Rate[];
	/** What was lowered, why, and who says so: one line each, for the plan. */
	readonly lines: readonly string[];
}

/** Of every server that nothing is said about. */
export const defaultLimits = { connections: 10, messagesPerConnection: 1_000 } as const;

/**
 * A flag may ask for less than the preset, and for more up to the published figure; over a figure that is only recommended it may go as far as it likes.
 * Rates of another period than the provider's hold beside them.
 */
export function applyPreset(options: {
	readonly provider: Provider | null;
	readonly wanted: WantedLimits;
}): AppliedLimits {
	const { provider, wanted } = options;
	const lines: string[] = [];
	const lowered = (what: string, limit: Limit): void => {
		if (provider !== null) lines.push(`${what}, as ${provider.name} ${why(limit)} (${limit.source.url})`);
	};
	const most = (
		limit: Limit | null | undefined,
		asked: number | null,
		{ usual, unit }: { usual: number; unit: string },
	) => {
		const figure = mostOf(limit ?? null, asked, usual);
		if (limit && figure < (asked ?? usual))
			lowered(`${grouped(figure)} ${unit}, not ${grouped(asked ?? usual)}`, limit);
		return figure;
	};
	const connections = most(provider?.connections, wanted.connections, {
		usual: defaultLimits.connections,
		unit: 'connections',
	});
	const messagesPerConnection = most(provider?.messagesPerConnection, wanted.messagesPerConnection, {
		usual: defaultLimits.messagesPerConnection,
		unit: 'messages per connection',
	});
	return {
		connections,
		messagesPerConnection,
		rates: chooseRates({ limits: provider?.rates ?? [], wanted: wanted.rates }, lowered),
		lines,
	};
}

function mostOf(limit: Limit | null, asked: number | null, usual: number): number {
	if (limit === null) return asked ?? usual;
	return asked === null ? Math.min(usual, limit.preset) : Math.min(asked, limit.ceiling);
}

function chooseRates(
	{ limits, wanted }: { readonly limits: readonly RateLimit[]; readonly wanted: readonly Rate[] },
	lowered: (what: string, limit: Limit) => void,
): readonly Rate[] {
	const kept = wanted.map((rate) => {
		const limit = limits.find(({ periodMs }) => periodMs === rate.periodMs);
		if (limit === undefined || rate.count <= limit.ceiling) return rate;
		const most = { ...rate, count: limit.ceiling, burst: Math.min(rate.burst, limit.ceiling) };
		lowered(`${describeRate(most)}, not ${describeRate(rate)}`, limit);
		return most;
	});
	const added = limits.filter(({ periodMs }) => wanted.every((rate) => rate.periodMs !== periodMs));
	const presets = added.map((limit) => {
		const rate: Rate = { count: limit.preset, periodMs: limit.periodMs, burst: 1 };
		lowered(`at most ${describeRate(rate)}`, limit);
		return rate;
	});
	return [...kept, ...presets];
}

function why({ preset, ceiling }: Limit): string {
	if (ceiling === Number.POSITIVE_INFINITY) return 'recommends';
	return ceiling === preset ? 'allows' : `allows; a flag may ask for up to ${grouped(ceiling)}`;
}

/** `10,000` */
function grouped(count: number): string {
	return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
