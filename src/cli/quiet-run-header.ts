/** The header of a run that writes to a log and sends nothing: what a message, a key and a server are stays as the last run had it. */
import type { RunRecord } from '../results/journal/journal-record.ts';
import type { ProcessIdentity } from '../results/journal/process-identity.ts';
import type { Clock } from '../support/clock.ts';
import { packageVersion } from './package-file.ts';

export function quietRunHeader(
	lastRun: RunRecord,
	{ runId, identity, clock }: { readonly runId: string; readonly identity: ProcessIdentity; readonly clock: Clock },
): Omit<RunRecord, 'type' | 'v' | 'run'> {
	const { pid, pidStarted, bootId, host } = identity;
	return {
		run_id: runId,
		campaign_id: lastRun.campaign_id,
		campaign: lastRun.campaign,
		tags: lastRun.tags,
		tool: `mailshot ${packageVersion()}`,
		started_at: new Date(clock.now()).toISOString(),
		pid,
		pid_started: pidStarted,
		boot_id: bootId,
		host,
		key_rule: lastRun.key_rule,
		message: lastRun.message,
		rehearsal: lastRun.rehearsal,
		server_address: lastRun.server_address,
		server_port: lastRun.server_port,
		connections: lastRun.connections,
		resend: '',
		verp: lastRun.verp,
		window: lastRun.window,
	};
}
