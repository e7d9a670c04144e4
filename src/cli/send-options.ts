/** From flags and MAILSHOT_ variables to what `send` works with: every value checked, every default applied. */
import { basename } from 'node:path';
import type { Selection } from '../results/selection.ts';
import { UsageError } from '../support/errors.ts';
import { findSetting, flagOnly, type SettingName } from './find-setting.ts';
import {
	type CountRange,
	type Given,
	parseAssignments,
	parseChoice,
	parseDuration,
	parseInterval,
	parseRange,
	parseText,
	parseWhole,
} from './flag-values.ts';
import { parseSelection } from './parse-selection.ts';
import { parseSmtpUrl, type SmtpUrl } from './smtp-url.ts';
import type { Environment } from './surroundings.ts';

/** The flags as commander hands them over: texts and switches, nothing checked. */
export interface SendFlags {
	readonly template?: string;
	readonly smtp?: string;
	readonly user?: string;
	readonly tls?: string;
	readonly tlsCa?: string;
	readonly from?: string;
	readonly subject?: string;
	readonly concurrency?: string;
	readonly messagesPerConnection?: string;
	readonly window?: string;
	readonly grace?: string;
	readonly emailColumn?: string;
	readonly delimiter?: string;
	readonly encoding?: string;
	readonly key?: string;
	readonly limit?: string;
	readonly only?: string;
	readonly resend?: readonly string[];
	readonly resendUnknown?: boolean;
	readonly templateChanged?: boolean;
	readonly unsafeFs?: boolean;
	readonly set?: readonly string[];
	readonly tag?: readonly string[];
	readonly campaign?: string;
	readonly log?: string;
	readonly dryRun?: boolean;
	readonly yes?: boolean;
	readonly expect?: string;
	readonly json?: boolean;
	readonly quiet?: boolean;
	readonly verbose?: boolean;
	readonly progress?: string;
	readonly sandbox?: boolean;
	/** False for --no-color. */
	readonly color?: boolean;
}

export const tlsChoices = ['auto', 'implicit', 'starttls', 'off'] as const;

export interface SendOptions {
	readonly list: { readonly path: string; readonly displayName: string; readonly isStdin: boolean };
	readonly template: string;
	readonly smtp: { readonly url: SmtpUrl; readonly origin: string } | null;
	/** '' when neither flag nor variable names one; the one in the URL is in `smtp`. */
	readonly user: string;
	/** Null: not in the environment. */
	readonly password: string | null;
	readonly tls: (typeof tlsChoices)[number];
	/** Path, or null. */
	readonly tlsCa: string | null;
	readonly from: string | null;
	readonly subject: string | null;
	readonly connections: number;
	readonly messagesPerConnection: number;
	/** Rows of a connection that may be marked and not settled. */
	readonly window: number;
	/** How long what is under way may take after the first signal. */
	readonly graceMs: number;
	readonly emailColumn: string | null;
	readonly delimiter: string | null;
	readonly encoding: string | null;
	readonly keyColumn: string | null;
	/** Infinity when there is none. */
	readonly limit: number;
	readonly selection: Selection;
	readonly mayChangeMessage: boolean;
	readonly allowsNetworkFiles: boolean;
	readonly set: ReadonlyMap<string, string>;
	readonly tags: ReadonlyMap<string, string>;
	readonly campaign: string;
	readonly log: string;
	/** A rehearsal without --log: the log of an earlier one makes room. */
	readonly replacesLog: boolean;
	readonly mode: 'send' | 'dry_run' | 'sandbox';
	readonly isConfirmed: boolean;
	readonly expect: CountRange | null;
	/** What is written while it runs and after: for people, for programs, or only what is wrong. */
	readonly output: 'text' | 'json' | 'quiet';
	readonly isVerbose: boolean;
	/** Interval of plain lines in milliseconds; null for none. */
	readonly progressMs: number | null;
	readonly color: boolean;
}

const defaultProgressMs = 30_000;
const defaultGraceMs = 20_000;
const defaultWindow = 2;
// So many messages of each connection may have to be looked up by hand after a crash.
const maxWindow = 100;

/** Throws UsageError for the first thing that cannot be obeyed. */
export function parseSendOptions(list: string, flags: SendFlags, env: Environment): SendOptions {
	const given = (flag: SettingName, value: string | undefined): Given | null => findSetting(flag, value, env);
	const template = flags.template;
	if (template === undefined) {
		throw new UsageError('which message? The template is missing', {
			hint: `mailshot send ${list} --template news.hbs`,
		});
	}
	if (template === '') throw new UsageError('--template is empty');
	if (list === '') throw new UsageError('the name of the list is empty');
	const isStdin = list === '-';
	const campaign =
		flags.campaign === undefined ? stem(template) : parseText({ text: flags.campaign, origin: '--campaign' });
	const max = Number.MAX_SAFE_INTEGER;
	return {
		list: { path: list, displayName: isStdin ? 'standard input' : list, isStdin },
		template,
		...parseServer(flags, env),
		from: maybe(given('from', flags.from), parseText),
		subject: maybe(given('subject', flags.subject), parseText),
		connections: maybe(given('concurrency', flags.concurrency), (it) => parseWhole(it, { min: 1, max: 200 })) ?? 10,
		messagesPerConnection:
			maybe(given('messagesPerConnection', flags.messagesPerConnection), (it) => parseWhole(it, { min: 1, max })) ??
			1000,
		window: maybe(given('window', flags.window), (it) => parseWhole(it, { min: 1, max: maxWindow })) ?? defaultWindow,
		graceMs: maybe(given('grace', flags.grace), parseDuration) ?? defaultGraceMs,
		emailColumn: maybe(flagOnly('--email-column', flags.emailColumn), parseText),
		delimiter: maybe(flagOnly('--delimiter', flags.delimiter), ({ text }) => text),
		encoding: maybe(flagOnly('--encoding', flags.encoding), parseText),
		keyColumn: maybe(flagOnly('--key', flags.key), parseText),
		limit: maybe(flagOnly('--limit', flags.limit), (it) => parseWhole(it, { min: 1, max })) ?? Number.POSITIVE_INFINITY,
		selection: parseSelection(flags),
		mayChangeMessage: flags.templateChanged === true,
		allowsNetworkFiles: flags.unsafeFs === true,
		set: parseAssignments((flags.set ?? []).map((text) => ({ text, origin: '--set' }))),
		tags: parseAssignments((flags.tag ?? []).map((text) => ({ text, origin: '--tag' }))),
		campaign,
		...chooseLog(list, template, flags),
		isConfirmed: flags.yes === true,
		expect: maybe(flagOnly('--expect', flags.expect), parseRange),
		output: chooseOutput(flags),
		isVerbose: flags.verbose === true,
		progressMs: parseProgress(given('progress', flags.progress)),
		color: flags.color !== false,
	};
}

type ServerOptions = Pick<SendOptions, 'smtp' | 'user' | 'password' | 'tls' | 'tlsCa'>;

function parseServer(flags: SendFlags, env: Environment): ServerOptions {
	const smtp = findSetting('smtp', flags.smtp, env);
	const url = smtp === null ? null : parseSmtpUrl(smtp);
	if (url !== null && url.password !== null && smtp?.origin === '--smtp') {
		throw new UsageError(
			'the password in --smtp can be read by everybody on this machine, and is in your shell history',
			{
				hint: [
					'Take it out of the URL and put it into the environment, or leave it out to be asked:',
					`  MAILSHOT_SMTP_PASSWORD=... mailshot send ... --smtp ${withoutPassword(url)}`,
					'(MAILSHOT_SMTP_URL may hold it, too.) Change the password if others use this machine.',
				].join('\n'),
			},
		);
	}
	const { MAILSHOT_SMTP_PASSWORD: password } = env;
	return {
		smtp: smtp === null || url === null ? null : { url, origin: smtp.origin },
		user: maybe(findSetting('user', flags.user, env), parseText) ?? '',
		password: password === undefined || password === '' ? null : password,
		tls: maybe(findSetting('tls', flags.tls, env), (it) => parseChoice(it, tlsChoices)) ?? 'auto',
		tlsCa: maybe(findSetting('tlsCa', flags.tlsCa, env), parseText),
	};
}

function withoutPassword({ scheme, user, host, port }: SmtpUrl): string {
	const bracketed = host.includes(':') ? `[${host}]` : host;
	return `${scheme}://${encodeURIComponent(user)}@${bracketed}${port === null ? '' : `:${port}`}`;
}

function maybe<Value>(given: Given | null, parse: (given: Given) => Value): Value | null {
	return given === null ? null : parse(given);
}

function parseProgress(given: Given | null): number | null {
	return given === null ? defaultProgressMs : parseInterval(given);
}

function chooseMode(flags: SendFlags): SendOptions['mode'] {
	if (flags.dryRun === true && flags.sandbox === true) {
		throw new UsageError('--dry-run and --sandbox exclude each other', {
			hint: '--dry-run renders only; --sandbox sends everything to a mail server inside mailshot',
		});
	}
	if (flags.sandbox === true && flags.smtp !== undefined) {
		throw new UsageError('--sandbox and --smtp exclude each other', {
			hint: '--sandbox sends to a mail server inside mailshot: leave --smtp out',
		});
	}
	if (flags.dryRun === true) return 'dry_run';
	return flags.sandbox === true ? 'sandbox' : 'send';
}

function chooseOutput(flags: SendFlags): SendOptions['output'] {
	if (flags.json === true && flags.quiet === true) throw new UsageError('--json and --quiet exclude each other');
	if (flags.json === true) return 'json';
	return flags.quiet === true ? 'quiet' : 'text';
}

/** `lists/list.csv` and `news.hbs`: `list.news.results.jsonl`, in the working directory; `list.news.sandbox.results.jsonl` for a rehearsal. */
function chooseLog(
	list: string,
	template: string,
	flags: SendFlags,
): Pick<SendOptions, 'log' | 'replacesLog' | 'mode'> {
	const mode = chooseMode(flags);
	if (flags.log === '-') {
		throw new UsageError('--log - (standard output) is not supported yet', { hint: '--log results.jsonl' });
	}
	if (flags.log !== undefined) {
		return { log: parseText({ text: flags.log, origin: '--log' }), replacesLog: false, mode };
	}
	// The real send comes after the rehearsal, and has to find its own name free.
	const isRehearsal = mode === 'sandbox';
	const names = [list === '-' ? 'stdin' : stem(list), stem(template), ...(isRehearsal ? ['sandbox'] : [])];
	return { log: `${names.join('.')}.results.jsonl`, replacesLog: isRehearsal, mode };
}

function stem(path: string): string {
	const name = basename(path);
	const dot = name.lastIndexOf('.');
	return dot > 0 ? name.slice(0, dot) : name;
}
