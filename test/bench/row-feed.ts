/** A list that is no file: a process of its own makes the rows and writes them to a pipe, as an export from a database does. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** One row in so many has the address of an earlier one. */
const duplicateEvery = 1000;

/** Of row `n`, from 1. */
export function addressOfRow(n: number): string {
	return `user${isDuplicate(n) ? n - duplicateEvery / 2 : n}@example.com`;
}

export function isDuplicate(n: number): boolean {
	return n % duplicateEvery === 0;
}

export function duplicatesAmong(rows: number): number {
	return Math.floor(rows / duplicateEvery);
}

/** Gives `use` the path of a pipe (in `directory`) that the rows come out of, once. Throws when the process that makes them did not get rid of all. */
export async function withRowFeed<T>(
	directory: string,
	rows: number,
	{ use }: { readonly use: (pipe: string) => Promise<T> },
): Promise<T> {
	const pipe = join(directory, 'rows.pipe');
	execFileSync('mkfifo', ['-m', '600', pipe]);
	const script = fileURLToPath(new URL('generate-rows.ts', import.meta.url));
	const child = spawn(process.execPath, ['--import', 'tsx', script, `${rows}`, pipe], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const said = text(child.stderr);
	const ended = once(child, 'close');
	try {
		await Promise.race([once(child.stdout, 'data'), ended]);
		const result = await use(pipe);
		const [code] = await ended;
		if (code !== 0) throw new Error(`the process that makes ${rows} rows ended with ${code}:\n${await said}`);
		return result;
	} finally {
		// Where nobody read the pipe to its end.
		child.kill();
		rmSync(pipe, { force: true });
	}
}
