/** `mailshot suppress why`, `list` and `export`: what stands on the lists. Changes nothing. */
import { findSuppressions, forEachSuppression, type PlacedEntry } from '../recipients/suppression/read-suppressions.ts';
import { formatSuppression, unnamedReason } from '../recipients/suppression/suppression-entry.ts';
import { SuppressionList } from '../recipients/suppression/suppression-list.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes } from '../support/errors.ts';
import { parseChoice } from './flag-values.ts';
import { formatCounted } from './format.ts';
import { shownEntry, wordOf, writtenKey } from './suppress-change.ts';
import { type ListFlags, suppressionLists } from './suppress-files.ts';
import { entriesFor, keysNamed } from './suppress-who.ts';
import type { Output, Surroundings } from './surroundings.ts';

export interface LookFlags extends ListFlags {
	readonly reason?: string;
	readonly format?: string;
	readonly json?: boolean;
}

/** 0 when all of them are suppressed, 3 when somebody is not. */
export async function whyCommand(
	who: readonly string[],
	flags: LookFlags,
	surroundings: Surroundings,
): Promise<ExitCode> {
	const { env, stdout } = surroundings;
	const paths = await suppressionLists(flags, env);
	const keys = await keysNamed(who, surroundings);
	const wanted = new Map(keys.map((key) => [key, new Set(entriesFor(key))]));
	const found = findSuppressions(paths, new Set([...wanted.values()].flatMap((entries) => [...entries])));
	let areAllSuppressed = true;
	for (const [key, entries] of wanted) {
		const reasons = found.filter((entry) => entries.has(entry.key));
		areAllSuppressed &&= reasons.length > 0;
		stdout.write(flags.json === true ? whyJson(key, reasons) : whyText(key, reasons));
	}
	return areAllSuppressed ? exitCodes.done : exitCodes.someNotAccepted;
}

function whyJson(key: string, reasons: readonly PlacedEntry[]): string {
	const [first] = reasons;
	const shown = { v: 1, address: key, suppressed: first !== undefined };
	const none = { entry: '', reason: '', date: '', source: '', file: '', line: 0 };
	return `${JSON.stringify({ ...shown, ...(first === undefined ? none : shownEntry(first)), entries: reasons.map(shownEntry) })}\n`;
}

function whyText(key: string, reasons: readonly PlacedEntry[]): string {
	if (reasons.length === 0) return `${cleanText(key)} is not suppressed\n`;
	return reasons
		.map((entry) => {
			const { reason, date, source, file, line } = shownEntry(entry);
			const by = entry.key === key ? '' : `by ${entry.key}`;
			const facts = [reason, date, source, by].filter((fact) => fact !== '').map((fact) => cleanText(fact));
			return `${cleanText(key)}: ${facts.join(', ')} (${cleanText(file)}:${line})\n`;
		})
		.join('');
}

export async function listCommand(flags: LookFlags, { env, randomBytes, stdout }: Surroundings): Promise<ExitCode> {
	const paths = await suppressionLists(flags, env);
	assertReadable(paths, randomBytes);
	const asText = (entry: PlacedEntry) => formatSuppression(entry);
	const asJson = (entry: PlacedEntry) => `${JSON.stringify({ v: 1, ...shownEntry(entry) })}\n`;
	writeEntries(paths, wordOf(flags.reason, '--reason'), { stdout, format: flags.json === true ? asJson : asText });
	return exitCodes.done;
}

const formats = ['plain', 'csv', 'sendgrid', 'hashed'] as const;

export async function exportCommand(flags: LookFlags, surroundings: Surroundings): Promise<ExitCode> {
	const { env, randomBytes, stdout, stderr } = surroundings;
	const format = parseChoice({ text: flags.format ?? 'csv', origin: '--format' }, formats);
	const paths = await suppressionLists(flags, env);
	assertReadable(paths, randomBytes);
	const isHashed = format === 'hashed';
	if (format === 'csv') stdout.write('address,reason,date,source\n');
	if (format === 'sendgrid') stdout.write('email\n');
	let left = 0;
	const asAddress = (entry: PlacedEntry) => {
		if (!entry.key.startsWith('@') && entry.key.includes('@')) return `${entry.key}\n`;
		left += 1;
		return '';
	};
	const asLine = (entry: PlacedEntry) =>
		formatSuppression(
			isHashed
				? { ...entry, key: writtenKey(entry.key, { hashed: true }), source: '' }
				: {
						...entry,
						reason: harmless(entry.reason || unnamedReason),
						date: harmless(entry.date),
						source: harmless(entry.source),
					},
		);
	const hasOnlyAddresses = format === 'plain' || format === 'sendgrid';
	writeEntries(paths, wordOf(flags.reason, '--reason'), { stdout, format: hasOnlyAddresses ? asAddress : asLine });
	if (left > 0) {
		stderr.write(`${formatCounted(left, 'entry', 'entries')} left out: ${format} knows no domains and hashes\n`);
	}
	return exitCodes.done;
}

/** A spreadsheet takes =, +, - and @ at the beginning of a cell for a formula. Addresses stay as they are: they have to be found again. */
function harmless(text: string): string {
	return /^[=+\-@\t]/.test(text) ? `'${text}` : text;
}

function assertReadable(paths: readonly string[], randomBytes: Surroundings['randomBytes']): void {
	SuppressionList.read(paths, { seed: randomBytes(16) });
}

const entriesPerWrite = 1000;

function writeEntries(
	paths: readonly string[],
	reason: string,
	{ stdout, format }: { readonly stdout: Output; readonly format: (entry: PlacedEntry) => string },
): void {
	let lines: string[] = [];
	const flush = () => {
		if (lines.length > 0) stdout.write(lines.join(''));
		lines = [];
	};
	for (const path of paths) {
		forEachSuppression(path, (entry) => {
			if (reason !== '' && (entry.reason || unnamedReason) !== reason) return;
			lines.push(format(entry));
			if (lines.length === entriesPerWrite) flush();
		});
	}
	flush();
}
