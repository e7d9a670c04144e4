/** How a run would use the server that was probed: how deep its commands run ahead, and within which limits. */
import { describeRate } from '../delivery/pace/describe-rate.ts';
import type { AppliedLimits } from '../delivery/providers/apply-preset.ts';
import type { Provider, Source } from '../delivery/providers/provider.ts';
import type { PipeliningDepth } from '../smtp/pipelining-depth.ts';
import { formatCounted, formatRate } from './format.ts';
import type { Probe } from './probe-server.ts';
import { plain, type ShownLine, warning } from './shown-line.ts';

export interface ProbeUsage {
	readonly probe: Probe;
	readonly provider: Provider | null;
	/** What a run would hold to when nobody asks for anything else. */
	readonly limits: AppliedLimits;
}

/** How far our commands would run ahead of the replies. */
export function depthFor({ outcome }: Probe): PipeliningDepth {
	if (outcome.kind === 'failed') return 'none';
	const { capabilities, roundTrips } = outcome;
	return capabilities.pipelining && roundTrips.pipeliningHolds !== false ? 'across_messages' : 'none';
}

/** Zeros when nothing was measured. */
export function summarise(milliseconds: readonly number[]): { readonly minMs: number; readonly medianMs: number } {
	const sorted = [...milliseconds].sort((one, other) => one - other);
	return { minMs: sorted[0] ?? 0, medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}

/** MAIL, RCPT, DATA and the content, each with a reply to wait for. */
const commandsOfMessage = 4;

export function pathLines({ probe, limits }: ProbeUsage): ShownLine[] {
	if (probe.outcome.kind === 'failed') return [];
	const { capabilities, roundTrips } = probe.outcome;
	const isAhead = depthFor(probe) === 'across_messages';
	const trips = isAhead ? 1 : commandsOfMessage;
	const { medianMs } = summarise(roundTrips.milliseconds);
	const perSecond = medianMs === 0 ? 0 : 1_000 / (medianMs * trips);
	const atOnce = formatCounted(limits.connections, 'connection');
	// Below a millisecond the line is no limit.
	const reach = `at this round trip at most ${formatRate(perSecond)} over one connection, ${formatRate(perSecond * limits.connections)} over ${atOnce}`;
	return [
		...(capabilities.pipelining && roundTrips.pipeliningHolds === false
			? [
					warning(
						'PIPELINING is offered, but commands that came together were not all answered: a run would find that out, and send them one by one',
					),
				]
			: []),
		...plain(
			isAhead
				? 'across messages: the next envelope travels behind each content, so a message costs one round trip; a --window of 2 is enough for that'
				: 'command by command: each one waits for the reply to the one before, so a message costs four round trips',
			medianMs < 1 ? '' : reach,
			isAhead && capabilities.chunking
				? 'with --window N above 2, N messages are in flight on a connection (CHUNKING), and N a connection become unknown should it break'
				: '',
		),
	];
}

export function limitLines({ probe, provider, limits }: ProbeUsage): ShownLine[] {
	const { connections, rates } = limits;
	const announced = probe.outcome.kind === 'open' ? probe.outcome.capabilities.mailMax : 0;
	const messagesPerConnection = Math.min(
		limits.messagesPerConnection,
		announced > 0 ? announced : Number.POSITIVE_INFINITY,
	);
	const ours = [
		formatCounted(connections, 'connection'),
		`${formatCounted(messagesPerConnection, 'message')} each`,
		...rates.map(describeRate),
	].join(', ');
	if (provider === null) return plain(`${ours}; this is no provider that mailshot knows`);
	const sources = sourcesOf(provider).flatMap(({ says, url }): ShownLine[] => [
		...plain(`${says}:`),
		{ text: url, kind: 'whole' },
	]);
	return [...plain(ours), ...sources, ...plain(provider.advice)];
}

/** One for each figure: what the provider says, and where. */
export function sourcesOf({ name, connections, messagesPerConnection, rates }: Provider): readonly Source[] {
	return [connections, messagesPerConnection, ...rates].flatMap((limit) =>
		limit === null ? [] : [{ says: `${name} ${limit.source.says}`, url: limit.source.url }],
	);
}
