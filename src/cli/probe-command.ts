/** `mailshot probe smtp.acme.example`: what a mail server offers, how far away it is, and how it would be used. Sends no message. */
import { dialError } from '../delivery/dial-error.ts';
import { providerById } from '../delivery/providers/providers.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import { type ExitCode, exitCodes, RunError } from '../support/errors.ts';
import { chooseServer } from './choose-server.ts';
import type { ControllingTerminal } from './controlling-terminal.ts';
import { type NameService, systemNames } from './host-addresses.ts';
import { canAnimate, paintFor } from './paint.ts';
import { planServer } from './plan-server.ts';
import { probeJson } from './probe-json.ts';
import { renderProbe } from './probe-report.ts';
import { type Probe, probeDeadlineMs, probeServer } from './probe-server.ts';
import { probeTarget } from './probe-target.ts';
import { openSettings } from './settings/open-settings.ts';
import { parseServers, type ServerOptions } from './settings/server-options.ts';
import { StopSignals } from './stop-signals.ts';
import type { Surroundings } from './surroundings.ts';
import { layoutWidth } from './text-width.ts';
import { nodeTraceDisk } from './trace-disk.ts';
import { TraceFile } from './trace-file.ts';
import { startWaiting } from './waiting.ts';

export interface ProbeFlags {
	readonly user?: string;
	readonly passwordFile?: string;
	readonly passwordCommand?: string;
	readonly oauthTokenCommand?: string;
	readonly oauthRefresh?: string;
	readonly tls?: string;
	readonly tlsCa?: string;
	readonly tlsFingerprint?: string;
	readonly trace?: string;
	readonly json?: boolean;
	readonly color?: boolean;
}

/** 0 when the server let us in; throws RunError 69 or 77, after it has shown what was found out, when it did not. */
export async function probeCommand(target: string, flags: ProbeFlags, surroundings: Surroundings): Promise<ExitCode> {
	const { env, clock, stderr, signals, openTerminal } = surroundings;
	const options = await readTarget(target, flags, surroundings);
	const stopSignals = new StopSignals(signals);
	const signal = stopSignals.stop;
	const terminals: ControllingTerminal[] = [];
	const askPassword = (question: string): Promise<string> | null => {
		const terminal = openTerminal();
		if (terminal === null) return null;
		terminals.push(terminal);
		terminal.write(question);
		return terminal.readLine({ hidden: true, signal });
	};
	const warn = (text: string) => void stderr.write(`warning: ${text}\n`);
	try {
		const settings = await chooseServer(options, { env, clock, signal, askPassword, warn });
		return await showProbe({ options, settings }, flags, { ...surroundings, signal, names: systemNames });
	} finally {
		for (const terminal of terminals) terminal.close();
		stopSignals.release();
	}
}

/** The server that is named, with what is set for it. Nobody signs in whom nobody named here: a login in the environment is for another server. */
async function readTarget(target: string, flags: ProbeFlags, { env }: Surroundings): Promise<ServerOptions> {
	const { url, provider } = await probeTarget(target);
	const settings = await openSettings({ ...flags, smtp: [url] }, { env, directory: '' });
	const [server] = parseServers(settings);
	if (server === undefined) throw new Error('a server was named, and none came of it');
	return { ...server, user: flags.user ?? '', provider };
}

/** The rest of the command, once it is known where to go and who signs in. */
export async function showProbe(
	{ options, settings }: { readonly options: ServerOptions; readonly settings: ServerSettings },
	flags: Pick<ProbeFlags, 'trace' | 'json' | 'color'>,
	surroundings: Pick<Surroundings, 'env' | 'stdout' | 'stderr' | 'clock'> & {
		readonly names: NameService;
		readonly signal: AbortSignal;
	},
): Promise<ExitCode> {
	const { env, stdout, clock } = surroundings;
	const probe = await watched(settings, flags, surroundings);
	const limits = planServer(options, settings);
	const error = failureOf(probe);
	const report = { probe, provider: providerById(limits.provider), limits, now: clock.now() };
	const paint = paintFor(stdout, { env, color: flags.color !== false });
	if (flags.json === true) stdout.write(`${probeJson(report, error?.message ?? '')}\n`);
	else stdout.write(renderProbe(report, { width: layoutWidth(stdout), paint }));
	if (error !== null) throw error;
	return exitCodes.done;
}

async function watched(
	settings: ServerSettings,
	flags: Pick<ProbeFlags, 'trace' | 'color'>,
	{
		env,
		stderr,
		clock,
		names,
		signal,
	}: Pick<Surroundings, 'env' | 'stderr' | 'clock'> & { readonly names: NameService; readonly signal: AbortSignal },
): Promise<Probe> {
	const onTrouble = (warning: string) => void stderr.write(`warning: ${warning}\n`);
	const file = flags.trace === undefined ? null : new TraceFile(flags.trace, { disk: nodeTraceDisk, clock, onTrouble });
	const waiting = await startWaiting(`Asking ${serverName(settings)}`, stderr, {
		isAnimated: canAnimate(stderr, env),
		isColored: flags.color !== false,
	});
	try {
		return await probeServer(settings, { clock, names, signal, trace: file?.connection(1, settings) ?? null });
	} finally {
		waiting.stop();
		await file?.close();
	}
}

function failureOf({ settings, outcome }: Probe): RunError | null {
	if (outcome.kind === 'open') return null;
	const { failure } = outcome;
	if (failure.cause !== 'dropped') return dialError(settings, failure);
	const message = `${serverName(settings)} did not let us in within ${probeDeadlineMs / 1_000} s (${failure.message})`;
	return new RunError(exitCodes.serverUnreachable, message, {
		hint: 'Port 465 speaks TLS from the first byte: try smtps://. Otherwise this may be no mail server.',
	});
}
