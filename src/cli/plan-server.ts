/** How much of a server may be used: what was set for it, and what its provider allows. */
import type { ServerPlan } from '../delivery/deliver-options.ts';
import { type AppliedLimits, applyPreset } from '../delivery/providers/apply-preset.ts';
import { findProvider, providerById } from '../delivery/providers/providers.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';
import type { ServerOptions } from './settings/server-options.ts';

export interface PlannedServer extends Omit<ServerPlan, 'quotas'>, Pick<AppliedLimits, 'lines'> {}

export function planServer(options: ServerOptions, settings: ServerSettings): PlannedServer {
	const provider = options.provider === '' ? findProvider(settings.host) : providerById(options.provider);
	const limits = applyPreset({ provider, wanted: options });
	// Where nothing is published that could be kept, what is to be known of the account stands in its place.
	const isUnpaced = provider !== null && provider.advice !== '' && limits.rates.length === 0;
	const lines = isUnpaced ? [...limits.lines, provider.advice] : limits.lines;
	return { settings, provider: provider?.id ?? '', ...limits, lines };
}
