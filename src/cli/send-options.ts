/** From flags and settings to what `send` works with: every value checked, every default applied. */
import { basename } from 'node:path';
import type { SafetyLimits } from '../delivery/deliver-options.ts';
import type { Rate } from '../delivery/pace/rate.ts';
import { defaultRetrySchedule, type RetrySchedule } from '../delivery/retry/retry-schedule.ts';
import type { Selection } from '../results/selection.ts';
import { UsageError } from '../support/errors.ts';
import {
	type CountRange,
	parseAssignments,
	parseDuration,
	parseInterval,
	parseRange,
	parseRuntime,
	parseText,
	parseWhole,
} from './flag-values.ts';
import { parseSelection } from './parse-selection.ts';
import { type SecretGiven, secretGiven } from './secrets/campaign-secret.ts';
import { parseCountLimit, parseDomainRates, parseRates, parseRetry, parseShare } from './settings/limit-values.ts';
import type { SettingFlags } from './settings/open-settings.ts';
import { checked, type Given } from './settings/origin.ts';
import { parseDeadline } from './settings/parse-deadline.ts';
import { parseServers, type ServerOptions } from './settings/server-options.ts';
import type { SettingName } from './settings/setting-names.ts';
import type { Settings } from './settings/settings.ts';
import { parseUnsubscribeMailto, parseUnsubscribeUrl, parseVerp } from './unsubscribe-flags.ts';

/** The flags as commander hands them over: texts and switches, nothing checked. Those that can also be set elsewhere are SettingFlags. */
export interface SendFlags extends SettingFlags {
	readonly template?: string;
	readonly partials?: string;
	readonly emailColumn?: string;
	readonly delimiter?: string;
	readonly encoding?: string;
	readonly key?: string;
	readonly limit?: string;
	readonly only?: string;
	readonly resend?: readonly string[];
	readonly dsn?: boolean;
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
	readonly sandbox?: boolean;
	/** False for --no-color. */
	readonly color?: boolean;
}

export interface SendOptions {
	readonly list: { readonly path: string; readonly displayName: string; readonly isStdin: boolean };
	readonly template: string;
	/** Folder of the partials; null for the one beside the template. */
	readonly partials: string | null;
	/** In the order in which they are tried; empty when none is named. */
	readonly servers: readonly ServerOptions[];
	readonly from: string | null;
	readonly subject: string | null;
	/** Template text. */
	readonly unsubscribeUrl: string | null;
	readonly unsubscribeMailto: string | null;
	/** Address that the envelope senders are made from; null: it is the From address. */
	readonly verp: string | null;
	readonly dsn: boolean;
	readonly campaignSecret: SecretGiven;
	/** Where no server and no provider says otherwise. */
	readonly connections: number;
	readonly messagesPerConnection: number;
	/** Of each server that has none of its own, and of the sandbox. */
	readonly rates: readonly Rate[];
	/** By domain: lower case, A-label. */
	readonly domainRates: ReadonlyMap<string, Rate>;
	readonly retry: RetrySchedule;
	readonly safety: SafetyLimits;
	/** How long the run waits for servers that are away, or for a quota. */
	readonly maxWaitMs: number;
	/** Null for none. */
	readonly maxRuntimeMs: number | null;
	/** Wall clock, milliseconds since 1970; null for none. */
	readonly deadlineAt: number | null;
	/** Where the dialogue is written to; null for nowhere. */
	readonly tracePath: string | null;
	/** Rows of a connection that may be marked and not settled. */
	readonly window: number;
	/** How long what is under way may take after the first signal. */
	readonly graceMs: number;
	readonly emailColumn: string | null;
	readonly delimiter: string | null;
	readonly encoding: string | null;
	readonly keyColumn: string | null;
	/** Suppression lists; who bounces hard is written into the first. Empty: none. */
	readonly suppress: readonly string[];
	/** Rules for refusals that are asked before ours. */
	readonly bounceRules: string | null;
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
	/** About settings: variables that are none. */
	readonly warnings: readonly string[];
}

const defaultProgressMs = 30_000;
const defaultGraceMs = 20_000;
const defaultWindow = 2;
// So many messages of each connection may have to be looked up by hand after a crash.
const maxWindow = 100;

const defaultMaxWaitMs = 3_600_000;
const defaultSafety: SafetyLimits = { maxBounceRate: 0.2, maxFailures: Number.POSITIVE_INFINITY };

/** Throws UsageError, or RunError 78 for what stands in a file, for the first thing that cannot be obeyed. `now` is the wall clock. */
export function parseSendOptions(
	list: string,
	flags: SendFlags,
	{ settings, now }: { readonly settings: Settings; readonly now: number },
): SendOptions {
	const find = <Value>(name: SettingName, parse: (given: Given) => Value) => read(settings.find(name), parse);
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
		partials: read(flagOnly('--partials', flags.partials), parseText),
		servers: parseServers(settings),
		from: find('from', parseText),
		subject: find('subject', parseText),
		unsubscribeUrl: find('unsubscribeUrl', parseUnsubscribeUrl),
		unsubscribeMailto: find('unsubscribeMailto', parseUnsubscribeMailto),
		verp: find('verp', parseVerp),
		dsn: flags.dsn === true,
		campaignSecret: secretGiven(settings),
		connections: find('concurrency', (it) => parseWhole(it, { min: 1, max: 200 })) ?? 10,
		messagesPerConnection: find('messagesPerConnection', (it) => parseWhole(it, { min: 1, max })) ?? 1000,
		...parsePatience(flags, settings),
		safety: {
			maxBounceRate: find('maxBounceRate', parseShare) ?? defaultSafety.maxBounceRate,
			maxFailures: find('maxFailures', parseCountLimit) ?? defaultSafety.maxFailures,
		},
		maxWaitMs: find('maxWait', parseDuration) ?? defaultMaxWaitMs,
		maxRuntimeMs: find('maxRuntime', parseRuntime),
		deadlineAt: find('deadline', (it) => parseDeadline(it, { now })),
		tracePath: find('trace', parseText),
		window: find('window', (it) => parseWhole(it, { min: 1, max: maxWindow })) ?? defaultWindow,
		graceMs: find('grace', parseDuration) ?? defaultGraceMs,
		emailColumn: read(flagOnly('--email-column', flags.emailColumn), parseText),
		delimiter: read(flagOnly('--delimiter', flags.delimiter), ({ text }) => text),
		encoding: read(flagOnly('--encoding', flags.encoding), parseText),
		keyColumn: read(flagOnly('--key', flags.key), parseText),
		suppress: settings.findAll('suppress').map((it) => checked(it, parseText)),
		bounceRules: find('bounceRules', parseText),
		limit: read(flagOnly('--limit', flags.limit), (it) => parseWhole(it, { min: 1, max })) ?? Number.POSITIVE_INFINITY,
		selection: parseSelection(flags),
		mayChangeMessage: flags.templateChanged === true,
		allowsNetworkFiles: flags.unsafeFs === true,
		set: parseAssignments((flags.set ?? []).map((text) => ({ text, origin: '--set' }))),
		tags: parseAssignments((flags.tag ?? []).map((text) => ({ text, origin: '--tag' }))),
		campaign,
		...chooseLog(list, template, flags),
		isConfirmed: flags.yes === true,
		expect: read(flagOnly('--expect', flags.expect), parseRange),
		output: chooseOutput(flags),
		isVerbose: flags.verbose === true,
		progressMs: parseProgress(settings.find('progress')),
		color: flags.color !== false,
		warnings: settings.warnings,
	};
}

/** A rehearsal is not to wait as the real servers make one wait: there, what paces counts only when it is typed. */
function parsePatience(flags: SendFlags, settings: Settings): Pick<SendOptions, 'rates' | 'domainRates' | 'retry'> {
	const isRehearsal = flags.sandbox === true;
	// What is wrong is said in the rehearsal, too.
	const whole = parsePace(settings);
	if (!isRehearsal) return { ...whole, retry: whole.retry ?? defaultRetrySchedule };
	const typed = parsePace(settings.flagsOnly);
	return { ...typed, retry: typed.retry ?? { delaysMs: [] } };
}

function parsePace(settings: Settings) {
	return {
		rates: parseRates(settings.findAll('rate')),
		domainRates: parseDomainRates(settings.findAll('domainRate')),
		retry: read(settings.find('retry'), parseRetry),
	};
}

function flagOnly(origin: string, text: string | undefined): Given | null {
	return text === undefined ? null : { text, origin };
}

function read<Value>(given: Given | null, parse: (given: Given) => Value): Value | null {
	return given === null ? null : checked(given, parse);
}

function parseProgress(given: Given | null): number | null {
	return given === null ? defaultProgressMs : checked(given, parseInterval);
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
