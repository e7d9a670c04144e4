/** Probes a server as the command does, and keeps what it says. */
import { type ProbeFlags, showProbe } from '../../src/cli/probe-command.ts';
import { noSecretSource } from '../../src/cli/secrets/secret-source.ts';
import type { ServerOptions } from '../../src/cli/settings/server-options.ts';
import type { ServerSettings } from '../../src/smtp/server-settings.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { RunError } from '../../src/support/errors.ts';
import { FakeOutput } from './fake-output.ts';

export interface ShownProbe {
	readonly stdout: string;
	/** Null when the server let us in. */
	readonly error: RunError | null;
}

export async function probeIt(
	server: Partial<ServerSettings> & Pick<ServerSettings, 'port'>,
	options: {
		readonly flags?: Partial<ProbeFlags>;
		readonly provider?: string;
		readonly clock?: Clock;
		readonly columns?: number;
		readonly signal?: AbortSignal;
	} = {},
): Promise<ShownProbe> {
	const settings: ServerSettings = {
		host: '127.0.0.1',
		tls: 'off',
		auth: null,
		tlsCa: null,
		tlsFingerprint: '',
		clientName: 'client.example',
		...server,
	};
	const serverOptions: ServerOptions = {
		url: null,
		origin: '--smtp',
		provider: options.provider ?? '',
		user: '',
		secret: noSecretSource,
		tls: 'auto',
		tlsCa: null,
		tlsFingerprint: '',
		connections: null,
		messagesPerConnection: null,
		rates: [],
	};
	const stdout = new FakeOutput(options.columns === undefined ? {} : { columns: options.columns });
	const surroundings = {
		env: {},
		stdout,
		stderr: new FakeOutput(),
		clock: options.clock ?? systemClock,
		signal: options.signal ?? new AbortController().signal,
		names: { addresses: async () => ['192.0.2.10', '2001:db8::10'], names: async () => ['mail.acme.example'] },
	};
	try {
		await showProbe({ options: serverOptions, settings }, options.flags ?? {}, surroundings);
		return { stdout: stdout.text, error: null };
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		return { stdout: stdout.text, error };
	}
}
