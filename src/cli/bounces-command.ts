/** `mailshot bounces SOURCE...`: reads mail that came back and events of relays, and says who, why, and what to do. Changes nothing but what --log and --suppress name. */
import { eventFormats } from '../bounces/events/event-formats.ts';
import type { RecipientReport } from '../bounces/returned/returned-mail.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes, UsageError } from '../support/errors.ts';
import { bouncesJson } from './bounces-json.ts';
import { type LogCounts, type MatchedReading, matchWithLog, withoutLog } from './bounces-log.ts';
import { BouncesProgress } from './bounces-progress.ts';
import { type Reading, type ReadingOptions, readReturned } from './bounces-reading.ts';
import { renderBouncesSummary } from './bounces-summary.ts';
import { BouncesTally } from './bounces-tally.ts';
import { parseChoice } from './flag-values.ts';
import { canAnimate, paintFor } from './paint.ts';
import { readBounceRules } from './read-bounce-rules.ts';
import { acceptedSecrets, secretGiven } from './secrets/campaign-secret.ts';
import { openSettings } from './settings/open-settings.ts';
import { waitForRoom } from './steady-output.ts';
import type { Surroundings } from './surroundings.ts';
import { layoutWidth } from './text-width.ts';

export interface BouncesFlags {
	readonly json?: boolean;
	readonly format?: string;
	readonly bounceRules?: string;
	readonly config?: string;
	readonly envFile?: string;
	readonly quiet?: boolean;
	readonly color?: boolean;
	readonly log?: string;
	readonly suppress?: readonly string[];
}

/** 0 when everything was read, 65 when something was not. Throws RunError 66 when a source does not exist, UsageError for flags. */
export async function bouncesCommand(
	sources: readonly string[],
	flags: BouncesFlags,
	surroundings: Pick<Surroundings, 'command' | 'env' | 'stdin' | 'stdout' | 'stderr' | 'clock' | 'randomBytes'>,
): Promise<ExitCode> {
	const { command, env, stdin, stdout, stderr, clock } = surroundings;
	const isJson = flags.json === true;
	const isQuiet = flags.quiet === true;
	if (isJson && isQuiet) throw new UsageError('--json and --quiet exclude each other');
	const { log: logFile, suppress: lists = [] } = flags;
	if (logFile === '' || lists.includes('')) {
		throw new UsageError(`${logFile === '' ? '--log' : '--suppress'} is empty`, {
			hint: 'mailshot bounces ... --log results.jsonl --suppress suppressed.csv',
		});
	}
	if (logFile === undefined && lists.length > 0) {
		throw new UsageError(
			'--suppress needs --log: only who was written to is suppressed, and only a log knows who that was',
			{
				hint: 'mailshot bounces ... --log results.jsonl --suppress suppressed.csv',
			},
		);
	}
	const classify = await readBounceRules(flags.bounceRules);
	const options: ReadingOptions = { stdin, classify, ...parseFormat(flags.format) };
	const isTyped = sources.includes('-') && stdin.isTTY === true;
	if (isTyped) stderr.write('Reading standard input; Ctrl-D ends it.\n');
	const isColored = flags.color !== false;
	const tally = new BouncesTally();
	const progress = new BouncesProgress({
		stderr,
		clock,
		// A line that moves would be among what is typed, or printed.
		isAnimated: canAnimate(stderr, env) && !isTyped && !(isJson && stdout.isTTY === true),
		isColored,
		isQuiet,
	});
	const counts: LogCounts | null = logFile === undefined ? null : { matched: 0, strangers: 0, added: 0, suppressed: 0 };
	const readings = readReturned(sources, options);
	const matched =
		logFile === undefined || counts === null
			? withoutLog(readings)
			: matchWithLog(readings, { file: logFile, lists, counts, secrets: await secretsOf(flags, env) }, surroundings);
	try {
		await readAll(matched, { tally, progress, stdout: isJson ? stdout : null, readsToTheEnd: counts !== null });
	} finally {
		progress.end();
	}
	if (!isJson && !isQuiet) {
		const look = { width: layoutWidth(stdout), paint: paintFor(stdout, { env, color: isColored }) };
		const again = sources.includes('-') ? '' : command;
		stdout.write(renderBouncesSummary({ tally, seconds: progress.seconds, command: again, log: counts }, look));
	}
	return tally.notRead === 0 ? exitCodes.done : exitCodes.badInput;
}

/** Asked for when a token is to be checked, and not before: most logs need none. */
async function secretsOf(
	{ config, envFile }: Pick<BouncesFlags, 'config' | 'envFile'>,
	env: Surroundings['env'],
): Promise<() => readonly Buffer[]> {
	const files = { ...(config === undefined ? {} : { config }), ...(envFile === undefined ? {} : { envFile }) };
	const given = secretGiven(await openSettings(files, { env, directory: '' }));
	let found: readonly Buffer[] | null = null;
	return () => {
		found ??= acceptedSecrets(given, env);
		return found;
	};
}

function parseFormat(text: string | undefined): Pick<ReadingOptions, 'content' | 'formats'> {
	const ids = eventFormats.map(({ id }) => id);
	const choice = parseChoice({ text: text ?? 'auto', origin: '--format' }, ['auto', 'mail', ...ids]);
	if (choice === 'auto' || choice === 'mail') return { content: choice, formats: eventFormats };
	return { content: 'json', formats: eventFormats.filter(({ id }) => id === choice) };
}

interface Reader {
	readonly tally: BouncesTally;
	readonly progress: BouncesProgress;
	/** Where recipients are written as JSON; null for nowhere. */
	readonly stdout: Surroundings['stdout'] | null;
	/** Also when nobody reads the JSON any more: what is read goes into a log. */
	readonly readsToTheEnd: boolean;
}

/** To the end, or until nobody reads the JSON any more. */
async function readAll(readings: AsyncIterable<MatchedReading>, reader: Reader): Promise<void> {
	const { tally, progress, stdout, readsToTheEnd } = reader;
	const gone = new AbortController();
	const onError = (): void => gone.abort();
	stdout?.once?.('error', onError);
	for await (const { reading, matches, isProven } of readings) {
		switch (reading.kind) {
			case 'problem':
				tally.notRead += reading.count;
				progress.warn(`warning: ${cleanText(reading.file, longestPath)}: ${cleanText(reading.problem)}`);
				continue;
			case 'mail':
				tally.mails += 1;
				tally.addKind(reading.returned.kind);
				break;
			case 'event':
				tally.events += 1;
				tally.addKind(reading.event.report.kind);
				break;
		}
		progress.add();
		const messageId = messageIdOf(reading);
		for (const [index, report] of reportsOf(reading).entries()) {
			const match = matches[index] ?? null;
			tally.addReport(report);
			const found = match?.sent.messageId ?? messageId;
			stdout?.write(
				bouncesJson({ file: reading.file, report, messageId: found, isMatched: match !== null || isProven }),
			);
		}
		const room = stdout === null ? null : waitForRoom(stdout, gone.signal);
		if (room !== null) await room;
		if (gone.signal.aborted && !readsToTheEnd) break;
	}
	stdout?.off?.('error', onError);
}

const longestPath = 4096;

type Told = Exclude<Reading, { readonly kind: 'problem' }>;

function reportsOf(reading: Told): readonly RecipientReport[] {
	return reading.kind === 'mail' ? reading.returned.reports : [reading.event.report];
}

/** SES makes its Message-ID from the name it gave the message; where it tells only that, it is better than nothing. */
function messageIdOf(reading: Told): string {
	if (reading.kind === 'mail') return reading.returned.original.messageId;
	const { messageId, remoteId } = reading.event;
	return messageId === '' ? remoteId : messageId;
}
