/** `log resolve`: what somebody found in the server's log about recipients who are unknown (design.md §5). All of them, or nothing at all. */
import { cleanText } from '../../support/clean-text.ts';
import type { Clock } from '../../support/clock.ts';
import { UsageError } from '../../support/errors.ts';
import { shellWord } from '../../support/shell-word.ts';
import type { CampaignLog } from '../campaign-log.ts';
import { type RunFacts, runColumns } from '../log-columns.ts';
import type { Status } from '../result.ts';
import { addressOf, type UnknownRecipient } from './list-unknown.ts';
import { resolvedColumns } from './rebuild-row.ts';

export type Resolution = 'accepted' | 'not_sent';

export interface ChooseOptions {
	readonly logPath: string;
	/** The key of a text that is an address; null when it is none. */
	readonly keyOfAddress: (text: string) => string | null;
	/** What the journal knows of a key; null: nothing. */
	readonly statusOf: (key: string) => Status | null;
}

const namedProblems = 10;

/** The recipients that are meant, each once; a text may be a key or an address. UsageError that names those who are not unknown. */
export function chooseUnknown(
	wanted: readonly string[],
	unknown: ReadonlyMap<string, UnknownRecipient>,
	options: ChooseOptions,
): UnknownRecipient[] {
	const { logPath, keyOfAddress } = options;
	const byAddress = groupByAddress(unknown, keyOfAddress);
	const chosen = new Set<UnknownRecipient>();
	const problems: string[] = [];
	for (const text of new Set(wanted)) {
		const address = keyOfAddress(text);
		const own = unknown.get(text) ?? unknown.get(text.normalize('NFC'));
		const meant = own === undefined ? (byAddress.get(address ?? text) ?? []) : [own];
		const [first] = meant;
		if (first !== undefined && meant.length === 1) chosen.add(first);
		else problems.push(`${cleanText(text, 320)}: ${problemOf(text, { address, meant, options })}`);
	}
	if (problems.length === 0) return [...chosen];
	throw new UsageError(
		`${problems.length} of ${new Set(wanted).size} cannot be resolved, so nothing was written:\n${shownProblems(problems)}`,
		{ hint: `Who is unknown:\n  mailshot log unknown ${shellWord(logPath)}` },
	);
}

/** Puts them into the queues of the log, records and rows; `close` of the log makes them durable. */
export function resolveUnknown(
	chosen: readonly UnknownRecipient[],
	status: Resolution,
	{ log, run, clock }: { readonly log: CampaignLog; readonly run: RunFacts; readonly clock: Clock },
): void {
	const at = clock.now();
	for (const { record, mark, messageId } of chosen) {
		const { key } = record;
		const found = { key, to: mark?.to ?? '', status, row: mark?.row ?? 0, line: mark?.line ?? 0, at };
		log.resolve(found, resolvedColumns(found, messageId) + runColumns(run));
	}
}

/** With --key, two keys may have one address. */
function groupByAddress(
	unknown: ReadonlyMap<string, UnknownRecipient>,
	keyOfAddress: ChooseOptions['keyOfAddress'],
): ReadonlyMap<string, readonly UnknownRecipient[]> {
	const groups = new Map<string, UnknownRecipient[]>();
	for (const recipient of unknown.values()) {
		const text = addressOf(recipient);
		const address = keyOfAddress(text) ?? text;
		const group = groups.get(address);
		if (group === undefined) groups.set(address, [recipient]);
		else group.push(recipient);
	}
	return groups;
}

function problemOf(
	text: string,
	found: {
		readonly address: string | null;
		readonly meant: readonly UnknownRecipient[];
		readonly options: ChooseOptions;
	},
): string {
	const { address, meant, options } = found;
	if (meant.length > 1) {
		const keys = meant.slice(0, 3).map(({ record }) => cleanText(record.key, 100));
		return `stands for ${meant.length} unknown recipients (${keys.join(', ')}${meant.length > 3 ? ' ...' : ''}); name the key`;
	}
	const status = options.statusOf(text) ?? (address === null ? null : options.statusOf(address));
	return status === null ? 'this log knows no such recipient' : `is not unknown but ${status}`;
}

function shownProblems(problems: readonly string[]): string {
	const more = problems.length - namedProblems;
	const shown = problems.slice(0, namedProblems).map((problem) => `  ${problem}`);
	return [...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
