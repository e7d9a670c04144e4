/** Standard input into a private file: a list is read twice, and a pipe only once. */
import { createWriteStream, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exitCodes, RunError } from '../support/errors.ts';

export interface SpooledInput {
	readonly path: string;
	/** Deletes the file and its folder. Safe to call twice. */
	remove(): void;
}

/** Writes `input` to its end into a new 0600 file in a new 0700 folder under `directory`. RunError 73 when it cannot be written; nothing is left behind then. Rejects with the reason of the signal. */
export async function spoolInput(
	input: NodeJS.ReadableStream,
	directory: string,
	options: { readonly signal?: AbortSignal } = {},
): Promise<SpooledInput> {
	const folder = await makeFolder(directory);
	const remove = (): void => rmSync(folder, { recursive: true, force: true });
	try {
		const path = join(folder, 'list.csv');
		await pipeline(input, createWriteStream(path, { flags: 'wx', mode: 0o600 }), options);
		return { path, remove };
	} catch (error) {
		remove();
		if (options.signal?.aborted === true) throw options.signal.reason;
		throw cannotSpool(directory, error);
	}
}

async function makeFolder(directory: string): Promise<string> {
	try {
		return await mkdtemp(join(directory, 'mailshot-'));
	} catch (error) {
		throw cannotSpool(directory, error);
	}
}

function cannotSpool(directory: string, cause: unknown): RunError {
	const why = cause instanceof Error ? cause.message : String(cause);
	return new RunError(exitCodes.cannotWriteLog, `standard input cannot be kept in ${directory}: ${why}`, {
		cause,
		hint: 'Set TMPDIR to a folder with room for it, or save the list as a file and name that.',
	});
}
