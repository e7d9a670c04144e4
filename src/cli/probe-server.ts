/** Finds out about a mail server whatever can be known without sending a message. */

import type { Capabilities } from '../smtp/capabilities.ts';
import { dial } from '../smtp/dial.ts';
import type { DialFailure } from '../smtp/dial-failure.ts';
import { measureRoundTrips, type RoundTrips } from '../smtp/round-trip.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';
import { authMechanisms } from '../smtp/sign-in.ts';
import type { TlsFacts } from '../smtp/tls-facts.ts';
import type { DialogueTrace } from '../smtp/trace.ts';
import type { Clock } from '../support/clock.ts';
import { DialogueTimes, type DialTimes } from './dialogue-times.ts';
import { type HostAddress, hostAddresses, type NameService } from './host-addresses.ts';

export interface Probe {
	readonly settings: ServerSettings;
	readonly addresses: readonly HostAddress[];
	/** As far as it came. */
	readonly times: DialTimes;
	readonly tls: TlsFacts | null;
	readonly outcome:
		| {
				readonly kind: 'open';
				readonly capabilities: Capabilities;
				readonly mechanisms: readonly string[];
				readonly roundTrips: RoundTrips;
		  }
		| { readonly kind: 'failed'; readonly failure: DialFailure };
}

export interface ProbeContext {
	readonly clock: Clock;
	readonly names: NameService;
	/** Ends it at once; probeServer then rejects with its reason. */
	readonly signal: AbortSignal;
	/** Hears the dialogue, too; null when nobody asked. */
	readonly trace: DialogueTrace | null;
}

/** RFC 5321 gives a greeting five minutes. Somebody sits here and waits. */
export const probeDeadlineMs = 60_000;

/** Never sends MAIL. Connects once. */
export async function probeServer(settings: ServerSettings, context: ProbeContext): Promise<Probe> {
	const { clock, names, signal, trace } = context;
	const patience = new AbortController();
	const giveUp = () => patience.abort();
	const deadline = clock.after(probeDeadlineMs, giveUp);
	signal.addEventListener('abort', giveUp, { once: true });
	if (signal.aborted) giveUp();
	try {
		const dialogue = new DialogueTimes(clock, trace);
		const looking = hostAddresses(settings.host, { names, clock });
		const dialled = await dial(settings, { clock, signal: patience.signal, trace: dialogue });
		deadline.cancel();
		const outcome: Probe['outcome'] =
			dialled.kind === 'failed'
				? { kind: 'failed', failure: dialled }
				: {
						kind: 'open',
						capabilities: dialled.capabilities,
						mechanisms: authMechanisms(dialled.capabilities.lines),
						roundTrips: await measureRoundTrips(dialled.socket, {
							clock,
							trace,
							signal: patience.signal,
							pipelining: dialled.capabilities.pipelining,
						}),
					};
		signal.throwIfAborted();
		return { settings, times: dialogue.times, addresses: await looking, tls: dialled.tls, outcome };
	} finally {
		deadline.cancel();
		signal.removeEventListener('abort', giveUp);
	}
}
