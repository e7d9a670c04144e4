/** Which suppression lists a command works with, and what can be known about them before it begins. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { unwritable } from '../recipients/suppression/append-suppressions.ts';
import { noSuchList } from '../recipients/suppression/suppression-list.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError, UsageError } from '../support/errors.ts';
import { parseText } from './flag-values.ts';
import { openSettings } from './settings/open-settings.ts';
import { checked } from './settings/origin.ts';
import type { Environment } from './surroundings.ts';

export interface ListFlags {
	/** --list, or the setting `suppress`. */
	readonly list?: readonly string[];
	readonly suppress?: readonly string[];
	readonly config?: string;
	readonly envFile?: string;
}

/** `--list`, or what `send` would take; UsageError when nobody names one. */
export async function suppressionLists(
	{ list: named = [], suppress = [], config, envFile }: ListFlags,
	env: Environment,
): Promise<readonly [string, ...string[]]> {
	const list = [...named, ...suppress];
	const settings = await openSettings(
		{
			...(list.length === 0 ? {} : { suppress: list }),
			...(config === undefined ? {} : { config }),
			...(envFile === undefined ? {} : { envFile }),
		},
		{ env, directory: '' },
	);
	const [first, ...others] = settings.findAll('suppress').map((given) => {
		if (list.length > 0 && given.text === '') throw new UsageError('--list is empty');
		return checked(given, parseText);
	});
	if (first !== undefined) return [first, ...others];
	throw new UsageError('which list? No suppression list is named', {
		hint: '--list suppress.csv, or "suppress: suppress.csv" in mailshot.yaml, or MAILSHOT_SUPPRESS',
	});
}

/** Before a server is asked for or a password. RunError 66; the first one may be new. */
export function assertSuppressionLists(paths: readonly string[]): void {
	for (const [at, path] of paths.entries()) {
		const facts = statSync(path, { throwIfNoEntry: false });
		if (facts === undefined && at > 0) throw noSuchList(path);
		if (facts?.isDirectory() === true) {
			throw new RunError(exitCodes.missingInput, `the suppression list ${cleanText(path)} is a directory`);
		}
	}
}

/** RunError 73: known before anything is sent rather than after. */
export function assertListWritable(path: string): void {
	try {
		const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
		accessSync(isThere ? path : dirname(path), constants.W_OK);
	} catch (cause) {
		throw unwritable(path, cause);
	}
}
