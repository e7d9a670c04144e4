/** `mailshot config`: every setting and where it came from, and the servers with what holds for them. No secret is shown. */
import { applyPreset } from '../delivery/providers/apply-preset.ts';
import { findProvider, providerById } from '../delivery/providers/providers.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes } from '../support/errors.ts';
import { describePace } from './plan-pace.ts';
import { parseSendOptions } from './send-options.ts';
import { openSettings, type SettingFlags } from './settings/open-settings.ts';
import { placeOf } from './settings/origin.ts';
import { type ServerOptions, showUrl } from './settings/server-options.ts';
import { type SettingName, secretNames, settingNames, settingTable } from './settings/setting-names.ts';
import type { Settings } from './settings/settings.ts';
import type { Surroundings } from './surroundings.ts';
import { padText, textWidth } from './text-width.ts';

export interface ConfigFlags extends SettingFlags {
	readonly json?: boolean;
}

interface ShownSetting {
	/** As in mailshot.yaml. */
	readonly name: string;
	readonly value: string;
	/** `mailshot.yaml:3:7`, `MAILSHOT_RATE`, `--rate`, `default`. */
	readonly from: string;
}

interface ShownServer {
	/** URL without its password, or the name of the provider. */
	readonly server: string;
	readonly from: string;
	readonly user: string;
	/** Which way leads to the password or token: `password_file`; '' when none was given. */
	readonly secret: string;
	readonly secret_from: string;
	readonly tls: string;
	/** For people; '' when it is nobody's we know. */
	readonly provider: string;
	readonly connections: number;
	readonly messages_per_connection: number;
	readonly rates: readonly { readonly count: number; readonly period_ms: number; readonly burst: number }[];
	readonly pace: string;
	/** What the provider allows less of than was asked for, and what should be known of it. */
	readonly notes: readonly string[];
}

/** Throws what `send` would throw for a setting that cannot be obeyed. */
export async function configCommand(flags: ConfigFlags, surroundings: Surroundings): Promise<ExitCode> {
	const { env, stdout, stderr, clock } = surroundings;
	const settings = await openSettings(flags, { env, directory: '' });
	const options = parseSendOptions('list.csv', { ...flags, template: 'news.hbs' }, { settings, now: clock.now() });
	const shown = settingNames.map((name) => showSetting(name, settings, options.servers));
	const servers = options.servers.map(showServer);
	const files = settings.files.map((path) => cleanText(path));
	if (flags.json === true) {
		const { warnings } = settings;
		stdout.write(`${JSON.stringify({ v: 1, type: 'config', files, warnings, settings: shown, servers })}\n`);
		return exitCodes.done;
	}
	for (const warning of settings.warnings) stderr.write(`warning: ${warning}\n`);
	stdout.write(render(shown, servers, files));
	return exitCodes.done;
}

function showSetting(name: SettingName, settings: Settings, servers: readonly ServerOptions[]): ShownSetting {
	const { key, isSecret, fallback } = settingTable[name];
	if (name === 'smtp') {
		const named = servers.filter(({ url }) => url !== null);
		const from = placeOf(named[0]?.origin ?? 'default');
		return { name: key, value: named.map(nameOf).join(' ') || 'none', from };
	}
	const givens = settings.findAll(name);
	const [first] = givens;
	if (first === undefined) return { name: key, value: fallback === '' ? 'none' : fallback, from: 'default' };
	const value = isSecret ? '(set)' : givens.map(({ text }) => cleanText(text)).join(', ');
	return { name: key, value, from: placeOf(first.origin) };
}

function showServer(options: ServerOptions): ShownServer {
	const { url, origin, user, secret, tls } = options;
	const provider = options.provider === '' ? findProvider(url?.host ?? '') : providerById(options.provider);
	const { connections, messagesPerConnection, rates, lines } = applyPreset({ provider, wanted: options });
	const way = secretNames.find((name) => secret[name] !== null);
	return {
		server: nameOf(options),
		from: placeOf(origin),
		user: cleanText(user === '' ? (url?.user ?? '') : user),
		secret: way === undefined ? '' : settingTable[way].key,
		secret_from: way === undefined ? '' : placeOf(secret[way]?.origin ?? ''),
		tls,
		provider: provider?.name ?? '',
		connections,
		messages_per_connection: messagesPerConnection,
		rates: rates.map(({ count, periodMs, burst }) => ({ count, period_ms: periodMs, burst })),
		pace: describePace({ connections, messagesPerConnection, rates }),
		notes: [...lines, ...(provider === null || provider.advice === '' ? [] : [provider.advice])],
	};
}

function nameOf({ url, provider }: ServerOptions): string {
	return cleanText(url === null ? provider : showUrl(url));
}

/** Nothing is cut: a value that does not fit makes its line longer. */
function render(settings: readonly ShownSetting[], servers: readonly ShownServer[], files: readonly string[]): string {
	const nameWidth = Math.max(...settings.map(({ name }) => name.length));
	const fitting = settings.map(({ value }) => textWidth(value)).filter((width) => width <= widestValue);
	const valueWidth = Math.max(0, ...fitting);
	const lines = settings.map(
		({ name, value, from }) => `  ${name.padEnd(nameWidth)}  ${padText(value, valueWidth)}  ${from}`,
	);
	const read = files.length === 0 ? 'no file' : files.join(', ');
	return [...lines, '', `  Read: ${read}`, ...servers.flatMap(serverLines), ''].join('\n');
}

const widestValue = 36;

function serverLines(server: ShownServer, at: number): string[] {
	const { user, secret, provider, messages_per_connection: messages } = server;
	const fact = (label: string, value: string) => `       ${label.padEnd(10)}${value}`;
	const password = secret === '' ? 'asked for, or from systemd' : `${secret} (${server.secret_from})`;
	return [
		'',
		`  ${at === 0 ? 'Server' : 'then'} ${server.server}  ${server.from}`,
		...(user === '' ? [fact('login', 'none')] : [fact('login', user), fact('secret', password)]),
		fact('tls', server.tls),
		...(provider === '' ? [] : [fact('provider', provider)]),
		fact('pace', `${server.pace}, up to ${messages} messages each`),
		...server.notes.map((note) => fact('', cleanText(note))),
	];
}
