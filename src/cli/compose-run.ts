/** From what was asked for and the servers that were found to the run of a campaign. */
import type { Classify } from '../bounces/classify.ts';
import type { ServerPlan } from '../delivery/deliver-options.ts';
import { withTokensHeard } from '../smtp/server-settings.ts';
import type { Destination } from './destination.ts';
import { openQuotas } from './open-quotas.ts';
import type { PlannedServer } from './plan-server.ts';
import type { CampaignRun } from './run-campaign.ts';
import type { SendOptions } from './send-options.ts';
import type { Surroundings } from './surroundings.ts';
import type { TraceFile } from './trace-file.ts';

export interface RunParts {
	readonly destination: Destination;
	/** As the plan showed them; empty for the sandbox. */
	readonly servers: readonly PlannedServer[];
	/** What a refusal means. */
	readonly classify: Classify;
	readonly trace: Pick<TraceFile, 'connection' | 'conceal'> | null;
	/** Monotonic: when the command began. */
	readonly startedAtMs: number;
	readonly openView: CampaignRun['openView'];
}

export function composeRun(options: SendOptions, parts: RunParts, surroundings: Surroundings): CampaignRun {
	const { destination, servers, classify, trace, startedAtMs, openView } = parts;
	const { domainRates, retry, safety, maxWaitMs, maxRuntimeMs, deadlineAt } = options;
	const random = () => surroundings.randomBytes(4).readUInt32LE() / 2 ** 32;
	const { env } = surroundings;
	const [first = sandboxPlan(options, destination), ...others] = servers.map((server) => ({
		...server,
		settings: withTokensHeard(server.settings, (token, user) => trace?.conceal(token, [user])),
		quotas: openQuotas(server, { env, random }),
	}));
	return {
		name: options.campaign,
		template: options.template,
		command: options.replacesLog ? '' : surroundings.command,
		tags: options.tags,
		limit: options.limit,
		servers: [first, ...others],
		serverName: destination.name,
		delivery: { domainRates, retry, safety, classify, maxWaitMs, trace: trace?.connection.bind(trace) ?? null },
		timeLimits: { maxRuntimeMs, deadlineAt, startedAtMs },
		window: options.window,
		// What the sandbox refuses says nothing about anybody.
		suppress: options.mode === 'send' ? options.suppress : [],
		graceMs: options.graceMs,
		openView,
	};
}

/** A rehearsal keeps the pace that was asked for, and counts for nobody's quota. */
function sandboxPlan({ connections, messagesPerConnection, rates }: SendOptions, { servers }: Destination): ServerPlan {
	return { settings: servers[0], provider: '', connections, messagesPerConnection, rates, quotas: null };
}
