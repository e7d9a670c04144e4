/** `mailshot suppress import`: takes over what other services, or logs of mailshot, know of people who are not to be written to. */
import { classify } from '../bounces/classify.ts';
import { replyFromText } from '../bounces/reply-from-text.ts';
import { appendSuppressions } from '../recipients/suppression/append-suppressions.ts';
import { type ReadExport, readExport } from '../recipients/suppression/read-export.ts';
import { services } from '../recipients/suppression/service-exports.ts';
import type { SuppressionEntry } from '../recipients/suppression/suppression-entry.ts';
import { isOurLog } from '../results/journal/our-log.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes } from '../support/errors.ts';
import { nodeFileSystem } from '../support/file-system.ts';
import { parseChoice } from './flag-values.ts';
import { formatCount, formatCounted } from './format.ts';
import { assertLogExists, logPathOf } from './log-command.ts';
import { wordOf, writtenKey } from './suppress-change.ts';
import { type ListFlags, suppressionLists } from './suppress-files.ts';
import { bouncesOfLog } from './suppress-from-log.ts';
import type { Surroundings } from './surroundings.ts';

export interface ImportFlags extends ListFlags {
	readonly from?: string;
	readonly reason?: string;
	readonly source?: string;
	readonly hashed?: boolean;
	readonly json?: boolean;
}

interface Found {
	/** The service, or `log`. */
	readonly from: string;
	readonly entries: readonly SuppressionEntry[];
	readonly problems: readonly string[];
	/** Refused by their server for what is not about them. */
	readonly notTheirs: number;
}

const shownProblems = 20;

/** 3 when lines were left out that are no entries: whoever stands in them is not suppressed. */
export async function importCommand(
	paths: readonly string[],
	flags: ImportFlags,
	surroundings: Surroundings,
): Promise<ExitCode> {
	const { env, randomBytes, stdout, stderr } = surroundings;
	const [list] = await suppressionLists(flags, env);
	const from = parseChoice({ text: flags.from ?? 'auto', origin: '--from' }, ['auto', 'log', ...services]);
	const reason = wordOf(flags.reason, '--reason');
	const source = wordOf(flags.source, '--source');
	let hasProblems = false;
	for (const path of paths) {
		const found = await readOne(path, from);
		const entries = found.entries.map((entry) => ({
			...entry,
			key: writtenKey(entry.key, flags),
			reason: reason || entry.reason,
			source: source || entry.source,
		}));
		const added = appendSuppressions(list, entries, { seed: randomBytes(16) });
		hasProblems ||= found.problems.length > 0;
		const counts = { added: added.length, already: entries.length - added.length, left_out: found.problems.length };
		if (flags.json === true) {
			const problems = found.problems.slice(0, shownProblems);
			const facts = { file: path, from: found.from, ...counts, not_about_the_address: found.notTheirs, problems };
			stdout.write(`${JSON.stringify({ v: 1, type: 'suppress_import', list, ...facts })}\n`);
			continue;
		}
		stdout.write(`${cleanText(path)} (${found.from}): ${describe(counts, found.notTheirs)}\n`);
		for (const problem of found.problems.slice(0, shownProblems)) stderr.write(`${cleanText(problem)}\n`);
		const more = found.problems.length - shownProblems;
		if (more > 0) stderr.write(`and ${formatCount(more)} more\n`);
	}
	return hasProblems ? exitCodes.someNotAccepted : exitCodes.done;
}

function describe(
	counts: { readonly added: number; readonly already: number; readonly left_out: number },
	notTheirs: number,
): string {
	const parts = [`${formatCount(counts.added)} added`];
	if (counts.already > 0) parts.push(`${formatCount(counts.already)} on the list already`);
	if (notTheirs > 0) parts.push(`${formatCount(notTheirs)} left out: refused for what is not about the address`);
	if (counts.left_out > 0) parts.push(`${formatCounted(counts.left_out, 'line')} left out`);
	return parts.join(', ');
}

async function readOne(path: string, from: 'auto' | 'log' | (typeof services)[number]): Promise<Found> {
	if (from === 'log' || (from === 'auto' && isLog(path))) {
		const logPath = logPathOf(path);
		assertLogExists(logPath);
		const { entries, heldBack } = bouncesOfLog(logPath, { isWanted: () => true });
		return { from: 'log', entries, problems: [], notTheirs: heldBack };
	}
	return judged(await readExport(path, from === 'auto' ? null : from));
}

function isLog(path: string): boolean {
	return /\.jsonl$/.test(path) && isOurLog(path, nodeFileSystem);
}

/** SendGrid keeps what the server said: its blocks, which say nothing about the address, look like its bounces. */
function judged({ service, entries, problems }: ReadExport): Found {
	const kept: SuppressionEntry[] = [];
	for (const { reply, ...entry } of entries) {
		const refusal =
			reply === '' ? null : classify({ reply: replyFromText(reply), stage: 'rcpt', via: 'mx', provider: '' });
		if (refusal?.type === 'block') continue;
		kept.push(refusal?.type === 'soft' ? { ...entry, reason: 'soft' } : entry);
	}
	return { from: service, entries: kept, problems, notTheirs: entries.length - kept.length };
}
