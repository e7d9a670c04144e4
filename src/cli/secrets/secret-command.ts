/** Runs a program that prints a secret: `pass show smtp/news`, `oama access news@acme.example`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import type { Clock } from '../../support/clock.ts';
import { type ExitCode, RunError } from '../../support/errors.ts';
import type { Given } from '../settings/origin.ts';
import type { Environment } from '../surroundings.ts';
import { firstLine } from './secret-file.ts';

export interface CommandContext {
	readonly env: Environment;
	readonly clock: Clock;
	/** Ends the program with all it started. */
	readonly signal: AbortSignal;
	/** How the run ends when there is no secret to be had. */
	readonly exitCode: ExitCode;
}

const timeoutMs = 60_000;
// A helper that it left running may hold its output open.
const graceMs = 1_000;
const maxBytes = 65_536;

/**
 * The first line that the command prints. No message quotes the command or its output, since either may hold the secret; what it says on
 * standard error is shown as it comes.
 */
export async function readSecretCommand(given: Given, context: CommandContext): Promise<string> {
	const { env, signal, exitCode } = context;
	if (signal.aborted) throw signal.reason;
	const terminal = openTerminal();
	try {
		// A group of its own, so that all of it can be ended.
		const child = spawn('/bin/sh', ['-c', given.text], {
			stdio: [terminal ?? 'ignore', 'pipe', 'inherit'],
			env: withoutOurs(env),
			detached: true,
		});
		return firstLine(await outputOf(child, given.origin, context), `what ${given.origin} printed`);
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		throw new RunError(exitCode, error.message, { hint: error.hint, cause: error });
	} finally {
		if (terminal !== null) closeSync(terminal);
	}
}

function outputOf(child: ChildProcess, origin: string, { clock, signal, exitCode }: CommandContext): Promise<string> {
	const { stdout } = child;
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let length = 0;
		const settle = (finish: () => void): void => {
			deadline.cancel();
			grace?.cancel();
			signal.removeEventListener('abort', abort);
			stdout?.destroy();
			finish();
		};
		const fail = (problem: string, hint = ''): void =>
			settle(() => reject(new RunError(exitCode, `${origin} ${problem}`, { hint })));
		const abort = (): void => {
			killGroup(child);
			settle(() => reject(signal.reason));
		};
		const ended = (code: number | null, killedBy: NodeJS.Signals | null): void => {
			if (killedBy !== null) return fail(`was ended by ${killedBy}`);
			if (code !== 0) return fail(`ended with exit code ${code}, so what it printed is not used`, tryIt);
			settle(() => resolve(Buffer.concat(chunks).toString('utf8')));
		};
		let grace: { cancel(): void } | null = null;
		const deadline = clock.after(timeoutMs, () => {
			killGroup(child);
			fail(`did not end within ${timeoutMs / 1_000} seconds, and was killed`, tryIt);
		});
		signal.addEventListener('abort', abort, { once: true });
		child.once('error', (error) => fail(`cannot be run: ${error.message}`));
		child.once('exit', (code, killedBy) => {
			grace = clock.after(graceMs, () => ended(code, killedBy));
		});
		child.once('close', ended);
		stdout?.on('data', (chunk: Buffer) => {
			length += chunk.length;
			if (length <= maxBytes) return chunks.push(chunk);
			killGroup(child);
			return fail('printed more than a secret can be');
		});
	});
}

const tryIt = 'Run it by hand: its first line has to be the secret, and nothing else.';

/** Every variable of ours is for us: among them are other secrets. */
function withoutOurs(env: Environment): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MAILSHOT_')));
}

/** For programs that ask for a passphrase; null when nobody is there. */
function openTerminal(): number | null {
	try {
		return openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY);
	} catch {
		// ENXIO, ENOENT or EACCES: there is none that we could use.
		return null;
	}
}

function killGroup({ pid }: ChildProcess): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// ESRCH: all of it has ended by itself.
	}
}
