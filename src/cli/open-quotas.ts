/** Where it is kept what an account has spent of its hourly and daily limits. */
import { join } from 'node:path';
import { FileQuotaLedger, type QuotaLedger } from '../delivery/pace/quota-ledger.ts';
import type { Rate } from '../delivery/pace/rate.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import { nodeFileSystem } from '../support/file-system.ts';
import { stateDirectory } from './state-directory.ts';
import type { Environment } from './surroundings.ts';

const hourMs = 3_600_000;

/** Null when no rate is of an hour or longer: nobody gets around a shorter one by starting again. */
export function openQuotas(
	{ settings, rates }: { readonly settings: ServerSettings; readonly rates: readonly Rate[] },
	{ env, random }: { readonly env: Environment; readonly random: () => number },
): QuotaLedger | null {
	if (rates.every(({ periodMs }) => periodMs < hourMs)) return null;
	const account = `${settings.auth?.user ?? ''}@${serverName(settings)}`;
	return new FileQuotaLedger({ directory: quotaDirectory(env), account, files: nodeFileSystem, random });
}

/** `$XDG_STATE_HOME/mailshot/quota`, `~/.local/state/mailshot/quota` where that is not set. */
export function quotaDirectory(env: Environment): string {
	return join(stateDirectory(env), 'quota');
}
