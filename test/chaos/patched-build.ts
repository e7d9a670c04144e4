/** The program, built from a copy of the source with patches applied: without its lock, or with a guard taken out. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../helpers/temporary-directory.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** `patches`: names of files in this folder. Gives the path of the program; throws when one no longer applies or the result no longer compiles. */
export function buildPatched(cleanup: Cleanup, patches: readonly string[]): string {
	const copy = mkdtempSync(join(tmpdir(), 'mailshot-patched-'));
	cleanup.after(() => rmSync(copy, { recursive: true, force: true }));
	for (const name of ['src', 'bin', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
		cpSync(join(repository, name), join(copy, name), { recursive: true });
	}
	symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
	for (const patch of patches) {
		const path = fileURLToPath(new URL(`./${patch}`, import.meta.url));
		run('git', ['apply', '--whitespace=nowarn', path], { copy, what: `${patch} no longer applies to src` });
	}
	const tsc = join(repository, 'node_modules/.bin/tsc');
	run(tsc, ['-p', 'tsconfig.build.json'], { copy, what: `src with ${patches.join(', ')} no longer compiles` });
	return join(copy, 'bin/mailshot.js');
}

function run(
	program: string,
	args: readonly string[],
	{ copy, what }: { readonly copy: string; readonly what: string },
): void {
	try {
		// The copy lies in no repository, and is not to be taken for a part of one.
		const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
		execFileSync(program, args, { cwd: copy, env, stdio: 'pipe' });
	} catch (error) {
		const said =
			error instanceof Error && 'stdout' in error && 'stderr' in error ? `${error.stdout}${error.stderr}` : '';
		throw new Error(`${what}:\n${said}`, { cause: error });
	}
}
