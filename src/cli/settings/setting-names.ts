/** Every setting: one name as a flag, as a variable and in a file. What is not here belongs to one run, and is a flag only. */

export interface SettingFacts {
	/** In mailshot.yaml. */
	readonly key: string;
	readonly variable: string;
	/** A text, a path (in a file: relative to that file), several values (in a variable: separated by spaces), or several paths. */
	readonly kind: 'text' | 'path' | 'several' | 'paths';
	/** Never shown. */
	readonly isSecret: boolean;
	/** For people; '' when there is none. */
	readonly fallback: string;
}

/** In the order in which `mailshot config` shows them. */
export const settingTable = {
	smtp: setting('smtp', { variable: 'MAILSHOT_SMTP_URL', kind: 'several' }),
	provider: setting('provider', { fallback: 'known by the name of the server' }),
	user: setting('user', { variable: 'MAILSHOT_SMTP_USER' }),
	password: setting('password', { variable: 'MAILSHOT_SMTP_PASSWORD', isSecret: true }),
	passwordFile: setting('password_file', { kind: 'path' }),
	passwordCommand: setting('password_command', { isSecret: true }),
	oauthTokenCommand: setting('oauth_token_command', { isSecret: true }),
	oauthRefresh: setting('oauth_refresh', { kind: 'path' }),
	tls: setting('tls', { fallback: 'auto' }),
	tlsCa: setting('tls_ca', { kind: 'path', fallback: 'those of the system' }),
	tlsFingerprint: setting('tls_fingerprint'),
	from: setting('from', { fallback: 'as the template says' }),
	subject: setting('subject', { fallback: 'as the template says' }),
	unsubscribeUrl: setting('unsubscribe_url', { fallback: 'as the template says' }),
	unsubscribeMailto: setting('unsubscribe_mailto', { fallback: 'as the template says' }),
	verp: setting('verp', { fallback: 'none: bounces come to the sender' }),
	secret: setting('secret', { isSecret: true, fallback: 'made on first use' }),
	secretOld: setting('secret_old', { kind: 'several', isSecret: true }),
	suppress: setting('suppress', { kind: 'paths', fallback: 'none' }),
	bounceRules: setting('bounce_rules', { kind: 'path', fallback: 'those of mailshot' }),
	concurrency: setting('concurrency', { fallback: '10, or what the provider allows' }),
	messagesPerConnection: setting('messages_per_connection', { fallback: '1000, or what the provider allows' }),
	window: setting('window', { fallback: '2' }),
	rate: setting('rate', { kind: 'several', fallback: 'what the provider allows' }),
	domainRate: setting('domain_rate', { kind: 'several', fallback: 'none' }),
	retry: setting('retry', { fallback: '1m,5m,15m' }),
	maxBounceRate: setting('max_bounce_rate', { fallback: '20%' }),
	maxFailures: setting('max_failures', { fallback: 'none' }),
	maxWait: setting('max_wait', { fallback: '1h' }),
	maxRuntime: setting('max_runtime', { fallback: 'none' }),
	deadline: setting('deadline', { fallback: 'none' }),
	grace: setting('grace', { fallback: '20s' }),
	progress: setting('progress', { fallback: '30s' }),
	trace: setting('trace', { kind: 'path', fallback: 'none' }),
} as const;

export type SettingName = keyof typeof settingTable;

export const settingNames: readonly SettingName[] = namesOf(settingTable);

/** What no flag says: every user of the machine can read the command line. */
export const flaglessNames = ['password', 'secret', 'secretOld'] as const satisfies readonly SettingName[];

/** Ways to a password or a token: of one place only one may be given. */
export const secretNames = [
	'password',
	'passwordFile',
	'passwordCommand',
	'oauthTokenCommand',
	'oauthRefresh',
] as const satisfies readonly SettingName[];

/** What runs a program: not taken from a file that merely lies in the folder. */
export const commandNames: readonly SettingName[] = ['passwordCommand', 'oauthTokenCommand'];

/** What may stand in the map of one server, by its key there. */
export const serverSettings: ReadonlyMap<string, SettingName> = new Map<string, SettingName>([
	...(
		[
			'provider',
			'user',
			...secretNames,
			'tls',
			'tlsCa',
			'tlsFingerprint',
			'messagesPerConnection',
			'rate',
		] as const satisfies readonly SettingName[]
	).map((name): [string, SettingName] => [settingTable[name].key, name]),
	['connections', 'concurrency'],
]);

/** A file that holds one of them is for its owner alone. */
export function isFlagless(name: SettingName): name is (typeof flaglessNames)[number] {
	return flaglessNames.some((flagless) => flagless === name);
}

/** `tlsCa` -> `--tls-ca`. */
export function flagName(name: string): string {
	return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function setting(key: string, facts: Partial<Omit<SettingFacts, 'key'>> = {}): SettingFacts {
	return { key, variable: `MAILSHOT_${key.toUpperCase()}`, kind: 'text', isSecret: false, fallback: '', ...facts };
}

function namesOf<Name extends string>(table: Readonly<Record<Name, SettingFacts>>): readonly Name[] {
	const names: Name[] = [];
	for (const name in table) names.push(name);
	return names;
}
