/** The mail servers of a run, in the order in which they are tried, each with who signs in and what holds for it. */

import type { Rate } from '../../delivery/pace/rate.ts';
import { providerById, providers } from '../../delivery/providers/providers.ts';
import { UsageError } from '../../support/errors.ts';
import { nearest } from '../../support/nearest.ts';
import { parseChoice, parseText, parseWhole } from '../flag-values.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import { parseSmtpUrl, type SmtpUrl } from '../smtp-url.ts';
import { parseRates } from './limit-values.ts';
import { checked, type Given, said, typed } from './origin.ts';
import type { ResolvedServer, Settings } from './settings.ts';

export const tlsChoices = ['auto', 'implicit', 'starttls', 'off'] as const;

export interface ServerOptions {
	/** Null: only the provider is named, whose server is known. */
	readonly url: SmtpUrl | null;
	/** Where it was named, for messages: `--smtp`, `smtp: in mailshot.yaml:3:7`. */
	readonly origin: string;
	/** `ses`, `ses:eu-west-1`; '' when none is named: then the name of the server tells. */
	readonly provider: string;
	/** '' when no setting names one; the one in the URL is in `url`. */
	readonly user: string;
	/** At most one of its fields is set. The password in `url` is in here, too. */
	readonly secret: SecretSource;
	readonly tls: (typeof tlsChoices)[number];
	/** Path, or null. */
	readonly tlsCa: string | null;
	/** 64 hex digits in lower case; '' for none. */
	readonly tlsFingerprint: string;
	/** Null: nobody said, so that provider or default decides. */
	readonly connections: number | null;
	readonly messagesPerConnection: number | null;
	/** All that was said about its pace, for it alone or for all; empty: the provider decides. */
	readonly rates: readonly Rate[];
}

/** Throws UsageError or RunError 78 for the first thing that cannot be obeyed. Empty when no server is named. */
export function parseServers(settings: Settings): readonly ServerOptions[] {
	const { servers } = settings;
	const parsed = servers.map(parseServer);
	// What is wrong is said in a rehearsal and by `mailshot config`, too.
	if (servers.length === 0) parseServer(settings.unnamedServer);
	refuseSharedSecret(servers, parsed);
	return parsed;
}

function parseServer(server: ResolvedServer): ServerOptions {
	const find = (name: Parameters<ResolvedServer['find']>[0]): Given | null => server.find(name)[0] ?? null;
	const { secret } = server;
	const secretOf = (name: (typeof secretFields)[number]) => (secret?.name === name ? secret.given : null);
	return {
		url: server.url === null ? null : checked(server.url, parseServerUrl),
		origin: server.origin,
		provider: read(find('provider'), parseProvider) ?? '',
		user: read(find('user'), parseText) ?? '',
		secret: {
			passwordFile: secretOf('passwordFile'),
			passwordCommand: secretOf('passwordCommand'),
			password: secretOf('password'),
			oauthTokenCommand: secretOf('oauthTokenCommand'),
			oauthRefresh: secretOf('oauthRefresh'),
		},
		tls: read(find('tls'), (given) => parseChoice(given, tlsChoices)) ?? 'auto',
		tlsCa: read(find('tlsCa'), parseText),
		tlsFingerprint: read(find('tlsFingerprint'), parseFingerprint) ?? '',
		connections: read(find('concurrency'), (given) => parseWhole(given, { min: 1, max: 200 })),
		messagesPerConnection: read(find('messagesPerConnection'), (given) =>
			parseWhole(given, { min: 1, max: Number.MAX_SAFE_INTEGER }),
		),
		rates: parseRates(server.find('rate')),
	};
}

const secretFields = ['passwordFile', 'passwordCommand', 'password', 'oauthTokenCommand', 'oauthRefresh'] as const;

function parseServerUrl(given: Given): SmtpUrl {
	const url = parseSmtpUrl(given);
	if (url.password === null || given.origin !== '--smtp') return url;
	throw new UsageError(
		'the password in --smtp can be read by everybody on this machine, and is in your shell history',
		{
			hint: [
				'Take it out of the URL and put it into the environment, or leave it out to be asked:',
				`  MAILSHOT_SMTP_PASSWORD=... mailshot send ... --smtp ${showUrl(url)}`,
				'(MAILSHOT_SMTP_URL and a configuration file may hold it, too.)',
				'Change the password if others use this machine.',
			].join('\n'),
		},
	);
}

/** What is thrown where a server is needed. */
export function noServer(): UsageError {
	return new UsageError(
		'which mail server? There is no --smtp, no MAILSHOT_SMTP_URL, and no smtp: in a mailshot.yaml',
		{
			hint: [
				'  mailshot send ... --smtp smtp://news@smtp.acme.example   your mail server',
				'  mailshot send ... --sandbox                              a rehearsal: a server inside mailshot that delivers nothing',
				'  mailshot send ... --dry-run                              render everything, send nothing',
			].join('\n'),
		},
	);
}

/** Without its password. */
export function showUrl({ scheme, user, host, port }: SmtpUrl): string {
	const bracketed = host.includes(':') ? `[${host}]` : host;
	const login = user === '' ? '' : `${encodeURIComponent(user)}@`;
	return `${scheme}://${login}${bracketed}${port === null ? '' : `:${port}`}`;
}

function parseProvider(given: Given): string {
	const text = parseText(given);
	if (providerById(text) !== null) return text;
	const ids = providers.map(({ id }) => id);
	const meant = nearest(text.split(':', 1)[0] ?? '', ids);
	const known = `Known are ${ids.join(', ')}. Any other server is named by its URL alone, smtp://...`;
	throw new UsageError(`${said(given)} is no provider that mailshot knows`, {
		hint: meant === null ? known : `Did you mean ${typed(given.origin, meant)}?\n${known}`,
	});
}

/** As openssl prints it (`sha256 Fingerprint=AB:CD:...`), or the digits alone. */
function parseFingerprint(given: Given): string {
	const digits = given.text
		.replace(/^\s*sha-?256(?:\s+fingerprint)?\s*[=:]\s*/i, '')
		.replace(/[:\s]/g, '')
		.toLowerCase();
	if (/^[0-9a-f]{64}$/.test(digits)) return digits;
	throw new UsageError(`${said(given)} is no SHA-256 fingerprint, which has 64 hex digits`, {
		hint: 'openssl x509 -in certificate.pem -noout -fingerprint -sha256   prints it',
	});
}

/** One password for two logins would show it to a server that it is not for. */
function refuseSharedSecret(resolved: readonly ResolvedServer[], parsed: readonly ServerOptions[]): void {
	const users = new Map<Given, string>();
	for (const [index, { secret }] of resolved.entries()) {
		const server = parsed[index];
		if (secret === null || server === undefined) continue;
		const user = server.user === '' ? (server.url?.user ?? '') : server.user;
		const other = users.get(secret.given);
		if (user === '') continue;
		if (other !== undefined && other !== user) {
			checked(secret.given, (given) => refuseShared(given, [other, user]));
		}
		users.set(secret.given, user);
	}
}

function refuseShared({ origin }: Given, [first, second]: readonly [string, string]): never {
	throw new UsageError(`${origin} would be shown to two logins, "${first}" and "${second}"`, {
		hint: [
			'Give each server its own, in a file for --config:',
			'  smtp:',
			`    - { url: "smtp://${first}@...", password_file: first.secret }`,
			`    - { url: "smtp://${second}@...", password_file: second.secret }`,
		].join('\n'),
	});
}

function read<Value>(given: Given | null, parse: (given: Given) => Value): Value | null {
	return given === null ? null : checked(given, parse);
}
