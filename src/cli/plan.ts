/** What is about to happen, on one screen, before the question (reference/ecosystem.md §2.4). */
import type { CompiledMessage } from '../message/compile-message.ts';
import type { RecipientList } from '../recipients/open-list.ts';
import { type Survey, suppressedRows } from '../recipients/survey-list.ts';
import type { Status } from '../results/result.ts';
import { resentCounts, type Selection } from '../results/selection.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import { cleanText } from '../support/clean-text.ts';
import { formatCount } from './format.ts';
import type { Paint } from './paint.ts';
import { describePace, describeRetries, type PlannedTime, paceLines, stopLines } from './plan-pace.ts';
import { describeParts, explainParts, listPartials } from './plan-parts.ts';
import type { PlannedServer } from './plan-server.ts';
import { isLoopback } from './smtp-url.ts';
import { fitText, joinFitting, textWidth, wrapText } from './text-width.ts';
import type { PlanLine } from './unsubscribe-plan.ts';
import { delimiterWord, errorTypeWords } from './words.ts';

export interface Plan {
	readonly campaign: string;
	readonly message: Pick<CompiledMessage, 'from' | 'subject' | 'parts' | 'partials' | 'warnings'>;
	/** Header fields as the first recipient gets them, decoded; null when there is no recipient, or no message for it. */
	readonly example: { readonly from: string; readonly subject: string; readonly line: number } | null;
	/** How people leave, where bounces go. */
	readonly waysBack: readonly PlanLine[];
	/** Servers in the order in which they are tried; `nobody`: a dry run. */
	readonly destination: readonly PlannedServer[] | 'sandbox' | 'nobody';
	readonly time: PlannedTime;
	readonly list: Pick<RecipientList, 'displayName' | 'encoding' | 'delimiter'>;
	readonly survey: Survey;
	/** How the rows that are passed over ended in earlier runs. */
	readonly earlier: Readonly<Record<Status, number>>;
	readonly selection: Selection;
	/** Messages of this run: recipients, or --limit. */
	readonly toSend: number;
	readonly log: string;
	/** It is there already: this run goes on with it. */
	readonly logExists: boolean;
	readonly replacesLog: boolean;
	/** How each part is made, too. */
	readonly isVerbose: boolean;
}

/** Columns before a value: `  From       `. */
const indent = 13;
const shownProblems = 5;

/** Lines of at most `width` columns; begins and ends with an empty one. */
export function renderPlan(plan: Plan, look: { readonly width: number; readonly paint: Paint }): string {
	const { width, paint } = look;
	const line = (label: string, value: string) => `${`  ${label}`.padEnd(indent)}${fitText(value, width - indent)}`;
	const block = (label: string, values: readonly string[]) =>
		values.map((value, at) => line(at === 0 ? label : '', value));
	const { message, survey, list } = plan;
	return [
		'',
		`  ${paint('bold', fitText(cleanText(plan.campaign), width - 2))}`,
		'',
		line('From', cleanText(plan.example?.from ?? message.from)),
		line('Subject', cleanText(message.subject)),
		...exampleLines(plan, width),
		...plan.waysBack.map(({ label, value }) => line(label, value)),
		...block('Parts', plan.isVerbose ? explainParts(message.parts, width - indent) : [describeParts(message.parts)]),
		...(plan.isVerbose && message.partials.length > 0
			? [line('Partials', listPartials(message.partials, width - indent))]
			: []),
		...block('Server', describeServers(plan.destination)),
		...block('Pace', [...paceLines(plan.time, plan, width - indent), ...presetLines(plan.destination, width - indent)]),
		...(plan.destination === 'nobody'
			? []
			: [line('Retries', describeRetries(plan.time)), ...block('Stops', stopLines(plan.time, width - indent))]),
		'',
		line(
			'Rows',
			`${formatCount(survey.rows)} in ${cleanText(list.displayName)} (${list.encoding}, ${delimiterWord(list.delimiter)})`,
		),
		...rowLines(plan, width),
		line('Domains', describeDomains(survey, width - indent)),
		...warningLines(message.warnings, look),
		'',
		line('Log', `${cleanText(plan.log)}${logNote(plan)}`),
		'',
		'',
	].join('\n');
}

function exampleLines({ example, message, list }: Plan, width: number): string[] {
	// A subject without {{...}} is its own example.
	if (example === null || example.subject === message.subject) return [];
	const place = `(${cleanText(list.displayName)} line ${example.line})`;
	const room = width - indent - textWidth(place) - 3;
	const subject = fitText(`→ "${cleanText(example.subject)}"`, room);
	return [`${' '.repeat(indent)}${subject}   ${place}`];
}

function describeServers(servers: Plan['destination']): string[] {
	if (servers === 'nobody') return ['none: a dry run renders and sends nothing'];
	if (servers === 'sandbox') return ['the sandbox inside mailshot: nothing is delivered'];
	const [first] = servers;
	return servers.flatMap((server) => {
		const said = describeServer(server.settings);
		if (server === first || first === undefined) return [said];
		const pace = describePace(server);
		return [`then ${said}`, ...(pace === describePace(first) ? [] : [`     ${pace}`])];
	});
}

/** Why it is slower than was asked for. */
function presetLines(servers: Plan['destination'], width: number): string[] {
	if (typeof servers === 'string') return [];
	return servers.flatMap(({ lines }) => lines.flatMap((text) => wrapText(cleanText(text), width)));
}

/** `smtp.acme.example:587, STARTTLS, signing in as news` */
function describeServer(server: ServerSettings): string {
	const security = {
		implicit: 'TLS',
		starttls: 'STARTTLS',
		off: isLoopback(server.host) ? 'plain (this machine)' : 'plain, not encrypted',
	}[server.tls];
	const login = server.auth === null ? 'no login' : `signing in as ${cleanText(server.auth.user)}`;
	return `${serverName(server)}, ${security}, ${login}`;
}

function rowLines(plan: Plan, width: number): string[] {
	const { survey, toSend, list, earlier, selection } = plan;
	const { recipients, duplicates, malformed, malformedByReason, problems } = survey;
	const passedOver = survey.passedOver.reduce((sum, count) => sum + count, 0);
	const suppressed = suppressedRows(survey);
	const counts = [toSend, duplicates, malformed, passedOver, suppressed].map(formatCount);
	const countWidth = Math.max(...counts.map((count) => count.length));
	const [sendCount = '', duplicateCount = '', malformedCount = '', passedOverCount = '', suppressedCount = ''] =
		counts.map((count) => count.padStart(countWidth));
	const noteIndent = indent + countWidth + 3;
	const lineOf = (label: string, count: string, note: string) =>
		`${`    ${label}`.padEnd(indent)}${count}   ${fitText(note, width - noteIndent)}`.trimEnd();
	const limited = toSend < recipients ? `of ${formatCount(recipients)} (--limit)` : '';
	const lines = [
		lineOf('to send', sendCount, [limited, ...resendNotes(plan)].filter((note) => note !== '').join(', ')),
	];
	if (passedOver > 0)
		lines.push(lineOf(selection.only === null ? 'settled' : 'not now', passedOverCount, earlierNote(earlier, survey)));
	if (duplicates > 0) lines.push(lineOf('skipped', duplicateCount, duplicates === 1 ? 'duplicate' : 'duplicates'));
	if (suppressed > 0) lines.push(lineOf('skipped', suppressedCount, suppressionNote(survey)));
	if (malformed === 0) return lines;
	const reasons = [...malformedByReason].sort(([, a], [, b]) => b - a);
	const note = reasons.map(([reason, count]) => `${formatCount(count)} ${errorTypeWords(reason)}`).join(' · ');
	lines.push(lineOf('bad', malformedCount, note));
	const shown = problems.slice(0, shownProblems);
	for (const problem of shown)
		lines.push(`${' '.repeat(indent)}${fitText(cleanText(problem.message), width - indent)}`);
	const more = malformed - shown.length;
	if (more > 0) lines.push(`${' '.repeat(indent)}and ${formatCount(more)} more in ${cleanText(list.displayName)}`);
	return lines;
}

/** Who gets it a second time has to be read before the question is answered: `40 of them again: accepted 38 · unknown 2`. */
function resendNotes({ selection, survey }: Plan): string[] {
	if (selection.resend.length === 0) return [];
	const counts = resentCounts(survey.sentTo);
	const words = (['accepted', 'bounced', 'unknown'] as const)
		.filter((status) => counts[status] > 0)
		.map((status) => `${status} ${formatCount(counts[status])}`);
	const total = counts.accepted + counts.bounced + counts.unknown;
	return [total === 0 ? 'nobody of them again' : `${formatCount(total)} of them again: ${words.join(' · ')}`];
}

/** `on a suppression list: hard 210 · unsubscribe 38` */
function suppressionNote({ suppressed }: Survey): string {
	const reasons = [...suppressed].sort(([, a], [, b]) => b - a);
	return `on a suppression list: ${reasons.map(([reason, count]) => `${reason} ${formatCount(count)}`).join(' · ')}`;
}

/** `by earlier runs: accepted 11,900 · bounced 100` */
function earlierNote(earlier: Plan['earlier'], { passedOver }: Survey): string {
	const words = (['accepted', 'bounced', 'unknown', 'deferred', 'failed'] as const)
		.filter((status) => earlier[status] > 0)
		.map((status) => `${status} ${formatCount(earlier[status])}`);
	const untouched = passedOver[0] ?? 0;
	if (untouched > 0) words.push(`not tried ${formatCount(untouched)}`);
	return `by earlier runs: ${words.join(' · ')}`;
}

function logNote({ replacesLog, logExists }: Plan): string {
	if (replacesLog) return ' (each rehearsal replaces it)';
	return logExists ? ' (goes on with it)' : '';
}

function describeDomains({ domains, domainCount }: Survey, width: number): string {
	if (domains.length === 0) return 'none';
	const shown = domains.slice(0, 5).map(({ domain, count }) => `${domain} ${formatCount(count)}`);
	const rest = (hidden: number) => {
		const more = hidden + domainCount - shown.length;
		return more > 0 ? `${formatCount(more)} more` : '';
	};
	return joinFitting(shown, width, { separator: ' · ', rest });
}

function warningLines(warnings: readonly string[], { width, paint }: { width: number; paint: Paint }): string[] {
	if (warnings.length === 0) return [];
	return ['', ...warnings.map((warning) => `  ${paint('yellow', '!')} ${fitText(cleanText(warning), width - 4)}`)];
}
