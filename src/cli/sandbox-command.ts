/** `mailshot sandbox`: the mail server that delivers nothing, until Ctrl-C. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxEvent } from '../sandbox/sandbox-event.ts';
import { type Sandbox, startSandbox } from '../sandbox/start-sandbox.ts';
import { serverName } from '../smtp/server-settings.ts';
import { exitCodes, UsageError } from '../support/errors.ts';
import { shellWord } from '../support/shell-word.ts';
import { parseChoice, parseWhole } from './flag-values.ts';
import { formatBytes, formatCounted } from './format.ts';
import { StopSignals } from './stop-signals.ts';
import type { Surroundings } from './surroundings.ts';

export interface SandboxFlags {
	readonly port?: string;
	/** True for a bare --tls. */
	readonly tls?: string | boolean;
	readonly auth?: string;
	readonly save?: string;
	readonly json?: boolean;
}

const maxMessageBytes = 50 * 1024 * 1024;
const defaultPort = 2525;

/** Ends with 0 at the first Ctrl-C: that is how it is meant to end. */
export async function sandboxCommand(flags: SandboxFlags, surroundings: Surroundings): Promise<number> {
	const { stdout, stderr, clock, signals } = surroundings;
	const isJson = flags.json === true;
	const port = flags.port === undefined ? defaultPort : parsePort(flags.port);
	const tls = parseTls(flags.tls);
	const auth = parseLogin(flags.auth);
	const stopSignals = new StopSignals(signals);
	try {
		const sandbox = await startSandbox({
			host: '127.0.0.1',
			port,
			tls,
			auth,
			save: flags.save ?? null,
			maxMessageBytes,
			clock,
			onEvent: (event) => stdout.write(renderEvent(event, { at: clock.now(), isJson })),
		});
		const certificate = sandbox.certificatePem === null ? null : keepCertificate(sandbox.certificatePem);
		const certificatePath = certificate?.path ?? '';
		if (isJson) stdout.write(renderListening(sandbox, { at: clock.now(), tls, certificatePath }));
		else stderr.write(renderStart(sandbox, { tls, user: auth?.user ?? '', certificatePath }));
		await stopped(stopSignals.stop);
		await sandbox.close();
		certificate?.remove();
		const { accepted, refused } = sandbox.counts;
		if (!isJson)
			stderr.write(`\n  ${formatCounted(accepted, 'message')} taken, ${refused} refused. Nothing was delivered.\n`);
		return exitCodes.done;
	} finally {
		stopSignals.release();
	}
}

function parsePort(text: string): number {
	return parseWhole({ text, origin: '--port' }, { min: 0, max: 65_535 });
}

function parseTls(value: string | boolean | undefined): 'none' | 'starttls' | 'implicit' {
	if (value === undefined || value === false) return 'none';
	if (value === true) return 'starttls';
	return parseChoice({ text: value, origin: '--tls' }, ['starttls', 'implicit']);
}

function parseLogin(text: string | undefined): { readonly user: string; readonly password: string } | null {
	if (text === undefined) return null;
	const colon = text.indexOf(':');
	if (colon > 0 && colon < text.length - 1) return { user: text.slice(0, colon), password: text.slice(colon + 1) };
	throw new UsageError('--auth is not user:password', { hint: 'mailshot sandbox --auth news:secret' });
}

/** Clients have to trust it, and it is made anew at each start: a file in a folder of our own, for --tls-ca. */
function keepCertificate(pem: string): { readonly path: string; remove(): void } {
	const folder = mkdtempSync(join(tmpdir(), 'mailshot-sandbox-'));
	const path = join(folder, 'certificate.pem');
	writeFileSync(path, pem, { mode: 0o600 });
	return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function renderStart(
	{ host, port }: Sandbox,
	options: { readonly tls: 'none' | 'starttls' | 'implicit'; readonly user: string; readonly certificatePath: string },
): string {
	const { tls, user, certificatePath } = options;
	const scheme = tls === 'implicit' ? 'smtps' : 'smtp';
	const login = user === '' ? '' : `${encodeURIComponent(user)}@`;
	const flags = [
		`--smtp ${shellWord(`${scheme}://${login}${serverName({ host, port })}`)}`,
		...(certificatePath === '' ? [] : [`--tls-ca ${shellWord(certificatePath)}`]),
	];
	return [
		'',
		`  A mail server on ${serverName({ host, port })} that takes everything and delivers nothing. Ctrl-C ends it.`,
		`    mailshot send list.csv -t news.hbs ${flags.join(' ')}`,
		'',
		'',
	].join('\n');
}

/** For programs, the first line: with --port 0 nobody else can know where it listens. */
function renderListening(
	{ host, port }: Sandbox,
	options: { readonly at: number; readonly tls: string; readonly certificatePath: string },
): string {
	const { at, tls, certificatePath: certificate } = options;
	const timestamp = new Date(at).toISOString();
	return `${JSON.stringify({ v: 1, timestamp, kind: 'listening', host, port, tls, certificate })}\n`;
}

/** The text of events is cleaned already. */
export function renderEvent(
	event: SandboxEvent,
	{ at, isJson }: { readonly at: number; readonly isJson: boolean },
): string {
	const time = new Date(at).toISOString();
	if (isJson) return `${JSON.stringify({ v: 1, timestamp: time, ...event })}\n`;
	return `${time.slice(11, 19)}  ${describeEvent(event)}\n`;
}

function describeEvent(event: SandboxEvent): string {
	switch (event.kind) {
		case 'message': {
			const saved = event.path === '' ? '' : `  ${event.path}`;
			return `#${event.number}  ${event.to}  ${formatBytes(event.sizeBytes)}  ${event.subject}${saved}`;
		}
		case 'refused':
			return `refused  ${event.to === '' ? event.stage : event.to}  ${event.reply}`;
		case 'closed':
			return `closed by the ${event.by} at ${event.stage}  ${event.to}`.trimEnd();
	}
}

function stopped(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener('abort', () => resolve(), { once: true });
	});
}
