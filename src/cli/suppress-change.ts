/** `mailshot suppress add` and `remove`. */
import { appendSuppressions } from '../recipients/suppression/append-suppressions.ts';
import { findSuppressions, type PlacedEntry } from '../recipients/suppression/read-suppressions.ts';
import { removeSuppressions } from '../recipients/suppression/remove-suppressions.ts';
import {
	hashedKey,
	type SuppressionEntry,
	suppressionDate,
	unnamedReason,
} from '../recipients/suppression/suppression-entry.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes } from '../support/errors.ts';
import { parseText } from './flag-values.ts';
import { formatCounted } from './format.ts';
import { type ListFlags, suppressionLists } from './suppress-files.ts';
import { entriesFor, keysNamed, ownEntries } from './suppress-who.ts';
import type { Surroundings } from './surroundings.ts';

export interface ChangeFlags extends ListFlags {
	readonly reason?: string;
	readonly source?: string;
	readonly hashed?: boolean;
	readonly json?: boolean;
}

/** 0 also when all of them were on the list already. */
export async function addCommand(
	who: readonly string[],
	flags: ChangeFlags,
	surroundings: Surroundings,
): Promise<ExitCode> {
	const { clock, env, randomBytes, stdout } = surroundings;
	const [path] = await suppressionLists(flags, env);
	const reason = wordOf(flags.reason, '--reason') || unnamedReason;
	const source = wordOf(flags.source, '--source');
	const date = suppressionDate(clock.now());
	const keys = await keysNamed(who, surroundings);
	const entries = keys.map((key): SuppressionEntry => ({ key: writtenKey(key, flags), reason, date, source }));
	const added = appendSuppressions(path, entries, { seed: randomBytes(16) });
	const already = keys.length - added.length;
	if (flags.json === true) {
		const object = { v: 1, type: 'suppress', list: path, added: added.map(({ key }) => key), already };
		stdout.write(`${JSON.stringify(object)}\n`);
		return exitCodes.done;
	}
	const parts = [
		...(added.length > 0 || already === 0 ? [`${added.length} added to ${cleanText(path)}`] : []),
		...(already > 0 ? [`${already} on ${cleanText(path)} already`] : []),
	];
	stdout.write(`${parts.join(', ')}\n`);
	return exitCodes.done;
}

/** Of a flag; '' when it is not given. */
export function wordOf(text: string | undefined, origin: string): string {
	return text === undefined ? '' : parseText({ text, origin });
}

/** As it is to stand in the list. */
export function writtenKey(key: string, { hashed }: { readonly hashed?: boolean }): string {
	return hashed === true && key.includes('@') && !key.startsWith('@') ? hashedKey(key) : key;
}

/** 3 when somebody is still suppressed, by a domain that was not named. */
export async function removeCommand(
	who: readonly string[],
	flags: ChangeFlags,
	surroundings: Surroundings,
): Promise<ExitCode> {
	const { clock, env, stdout } = surroundings;
	const paths = await suppressionLists(flags, env);
	const keys = await keysNamed(who, surroundings);
	// What is wrong with the lists is said before one of them is changed.
	findSuppressions(paths, new Set());
	const wanted = new Set(keys.flatMap(ownEntries));
	const removed = new Set<string>();
	const changed: string[] = [];
	for (const path of paths) {
		const found = removeSuppressions(path, wanted, clock.now());
		if (found.size > 0) changed.push(path);
		for (const key of found) removed.add(key);
	}
	const left = findSuppressions(paths, new Set(keys.flatMap(entriesFor)));
	const gone = keys.filter((key) => ownEntries(key).some((entry) => removed.has(entry)));
	const coveredBy = keys.flatMap((key) =>
		left
			.filter((entry) => entriesFor(key).includes(entry.key))
			.slice(0, 1)
			.map((entry) => ({ key, entry })),
	);
	if (flags.json === true) {
		const still = coveredBy.map(({ key, entry }) => ({ address: key, ...shownEntry(entry) }));
		const absent = keys.filter((key) => !gone.includes(key));
		stdout.write(
			`${JSON.stringify({ v: 1, type: 'suppress', lists: changed, removed: gone, absent, still_suppressed: still })}\n`,
		);
	} else {
		const from = changed.length === 0 ? '' : ` from ${changed.map((path) => cleanText(path)).join(', ')}`;
		const absent = keys.length - gone.length;
		stdout.write(
			`${formatCounted(gone.length, 'entry', 'entries')} removed${from}${absent > 0 ? `, ${absent} not found` : ''}\n`,
		);
		for (const { key, entry } of coveredBy) {
			stdout.write(
				`${cleanText(key)} is still suppressed by ${cleanText(entry.key)} (${cleanText(entry.file)}:${entry.line})\n`,
			);
		}
	}
	return coveredBy.length > 0 ? exitCodes.someNotAccepted : exitCodes.done;
}

/** As JSON lines have it. */
export function shownEntry({ key, reason, date, source, file, line }: PlacedEntry) {
	return { entry: key, reason: reason === '' ? unnamedReason : reason, date, source, file, line };
}
