/** `mailshot log resolve`: somebody looked into the server's log, and says what became of recipients who were unknown. */
import { parseAddress } from '../recipients/parse-address.ts';
import { recipientKey } from '../recipients/recipient-key.ts';
import { CampaignLog } from '../results/campaign-log.ts';
import { statusOfState } from '../results/journal/key-state.ts';
import { listUnknown } from '../results/journal/list-unknown.ts';
import { chooseUnknown, type Resolution, resolveUnknown } from '../results/journal/resolve-unknown.ts';
import { makeRunId } from '../results/run-id.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError, UsageError } from '../support/errors.ts';
import { nodeFileSystem } from '../support/file-system.ts';
import { shellWord } from '../support/shell-word.ts';
import { formatCounted } from './format.ts';
import { type HeldLog, holdLog } from './hold-log.ts';
import { assertLogExists, logPathOf, stillUnknown } from './log-command.ts';
import { quietRunHeader } from './quiet-run-header.ts';
import type { Surroundings } from './surroundings.ts';

export interface ResolveFlags {
	readonly accepted?: boolean;
	readonly notSent?: boolean;
	readonly unsafeFs?: boolean;
}

type Existing = Extract<HeldLog['opened'], { kind: 'existing' }>;

/** All of them, or nothing is written: UsageError that names who is not unknown; RunError 66, 73, 74, 75 as for a run. */
export async function resolveCommand(
	args: { readonly file: string; readonly recipients: readonly string[] },
	flags: ResolveFlags,
	surroundings: Pick<Surroundings, 'stdin' | 'stderr' | 'clock' | 'randomBytes'>,
): Promise<number> {
	const logPath = logPathOf(args.file);
	const status = parseResolution(flags, { logPath, recipients: args.recipients });
	assertLogExists(logPath);
	const wanted = await readWanted(args.recipients, { stdin: surroundings.stdin, logPath, flag: flagOf[status] });
	const held = await holdLog(
		logPath,
		{ purpose: 'send', allowsNetworkFiles: flags.unsafeFs === true },
		{ ...surroundings, signal: new AbortController().signal, onRecords: () => {} },
	);
	try {
		const { opened } = held;
		if (opened.kind === 'new') {
			throw new RunError(exitCodes.missingInput, `nothing was sent yet in ${cleanText(logPath)}: nobody is unknown`);
		}
		await resolve(wanted, status, { held, opened, surroundings });
		return exitCodes.done;
	} finally {
		held.release();
	}
}

async function resolve(
	wanted: readonly string[],
	status: Resolution,
	context: {
		readonly held: HeldLog;
		readonly opened: Existing;
		readonly surroundings: Pick<Surroundings, 'stderr' | 'clock' | 'randomBytes'>;
	},
): Promise<void> {
	const { held, opened } = context;
	const { stderr, clock, randomBytes } = context.surroundings;
	const { keys, path: logPath } = held;
	const unknown = listUnknown(opened.reading, { files: nodeFileSystem, keys, now: clock.now() });
	const chosen = chooseUnknown(wanted, unknown, {
		logPath,
		keyOfAddress,
		statusOf: (key) => {
			if (!keys.has(key)) return null;
			keys.seek(key);
			return statusOfState(keys.value);
		},
	});
	const { lastRun } = opened.reading;
	const runId = makeRunId(clock, randomBytes);
	const log = await CampaignLog.begin({
		logPath,
		opened,
		keys,
		locals: held.locals,
		clock,
		run: quietRunHeader(lastRun, { runId, identity: held.identity, clock }),
	});
	const run = { runId, campaign: lastRun.campaign, tags: new Map(Object.entries(lastRun.tags)) };
	resolveUnknown(chosen, status, { log, run, clock });
	await log.close();
	if (log.error !== null) throw log.error;
	for (const notice of log.notices) stderr.write(`${notice}\n`);
	stderr.write(renderResolved(chosen.length, status) + stillUnknown(unknown.size - chosen.length, logPath));
}

function renderResolved(count: number, status: Resolution): string {
	if (status === 'accepted') {
		const are = formatCounted(count, 'recipient is', 'recipients are');
		return `${are} accepted now; the next run passes them over.\n`;
	}
	const are = formatCounted(count, 'recipient counts', 'recipients count');
	return `${are} as not sent now; the same send command sends to them again.\n`;
}

const flagOf: Readonly<Record<Resolution, string>> = { accepted: '--accepted', not_sent: '--not-sent' };

function parseResolution(
	{ accepted = false, notSent = false }: ResolveFlags,
	typed: { readonly logPath: string; readonly recipients: readonly string[] },
): Resolution {
	if (accepted !== notSent) return accepted ? 'accepted' : 'not_sent';
	throw new UsageError(
		accepted
			? '--accepted and --not-sent contradict each other'
			: 'what became of them? --accepted or --not-sent is missing',
		{
			hint: Object.values(flagOf)
				.map((flag) => commandLine(typed.logPath, flag, typed.recipients))
				.join('\n'),
		},
	);
}

function commandLine(logPath: string, flag: string, recipients: readonly string[]): string {
	const whom = recipients.length === 0 ? ['ADDRESS...'] : recipients.map(shellWord);
	return `mailshot log resolve ${[shellWord(logPath), flag, ...whom].join(' ')}`;
}

/** `-` stands for the lines of standard input. UsageError when there is nobody. */
async function readWanted(
	recipients: readonly string[],
	{ stdin, logPath, flag }: { readonly stdin: Surroundings['stdin']; readonly logPath: string; readonly flag: string },
): Promise<readonly string[]> {
	const fromInput = recipients.includes('-') ? await readLines(stdin) : [];
	const named = recipients.filter((text) => text !== '-').map((text) => text.trim());
	const wanted = [...named, ...fromInput].filter((text) => text !== '');
	if (wanted.length > 0) return wanted;
	throw new UsageError('nobody is named', {
		hint: `Who is unknown, and what became of them:\n  mailshot log unknown ${shellWord(logPath)}\n  ${commandLine(logPath, flag, [])}`,
	});
}

async function readLines(stdin: Surroundings['stdin']): Promise<readonly string[]> {
	const chunks: Buffer[] = [];
	for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
	const text = Buffer.concat(chunks)
		.toString('utf8')
		.replace(/^\ufeff/, '');
	return text.split(/\r?\n/).map((line) => line.trim());
}

function keyOfAddress(text: string): string | null {
	const parsed = parseAddress(text);
	return 'address' in parsed ? recipientKey(parsed.address) : null;
}
