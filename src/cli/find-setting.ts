/** Where a setting comes from: the flag, else the environment (design.md §6). */
import type { Given } from './flag-values.ts';
import type { Environment } from './surroundings.ts';

/** What may stand in the environment. Everything else belongs to one run, so it is a flag only. */
const settingVariables = {
	smtp: 'MAILSHOT_SMTP_URL',
	user: 'MAILSHOT_SMTP_USER',
	tls: 'MAILSHOT_TLS',
	tlsCa: 'MAILSHOT_TLS_CA',
	from: 'MAILSHOT_FROM',
	subject: 'MAILSHOT_SUBJECT',
	concurrency: 'MAILSHOT_CONCURRENCY',
	messagesPerConnection: 'MAILSHOT_MESSAGES_PER_CONNECTION',
	window: 'MAILSHOT_WINDOW',
	grace: 'MAILSHOT_GRACE',
	progress: 'MAILSHOT_PROGRESS',
} as const;

export type SettingName = keyof typeof settingVariables;

/** The flag when it is given, else its variable, else null. */
export function findSetting(flag: SettingName, value: string | undefined, env: Environment): Given | null {
	if (value !== undefined) return { text: value, origin: flagName(flag) };
	const variable = settingVariables[flag];
	const text = env[variable];
	// An empty variable is how a shell script says "not set".
	return text === undefined || text === '' ? null : { text, origin: variable };
}

function flagName(flag: string): string {
	return `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** For what belongs to one run. */
export function flagOnly(origin: string, text: string | undefined): Given | null {
	return text === undefined ? null : { text, origin };
}
