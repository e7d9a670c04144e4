/** Runs one command line and gives its exit code: the one catch for all that goes wrong. */
import { randomBytes } from 'node:crypto';
import { CommanderError } from 'commander';
import { systemClock } from '../support/clock.ts';
import { UsageError } from '../support/errors.ts';
import { shellWord } from '../support/shell-word.ts';
import { openControllingTerminal } from './controlling-terminal.ts';
import { paintFor } from './paint.ts';
import { exitCodeOf, renderError, renderErrorJson } from './print-error.ts';
import { makeProgram, shortHelp } from './program.ts';
import type { Signals, Surroundings } from './surroundings.ts';

export interface ProcessParts extends Signals, Pick<Surroundings, 'env' | 'stdin' | 'stdout' | 'stderr'> {}

/** `args` without node and script. Never rejects. */
export async function runProgram(args: readonly string[], process: ProcessParts): Promise<number> {
	const { stdin, stdout, stderr, env } = process;
	if (args.length === 0) {
		stdout.write(shortHelp);
		return 0;
	}
	const surroundings: Surroundings = {
		command: ['mailshot', ...args.map(shellWord)].join(' '),
		env,
		stdin,
		stdout,
		stderr,
		clock: systemClock,
		randomBytes,
		signals: process,
		openTerminal: openControllingTerminal,
	};
	let exitCode = 0;
	try {
		const program = makeProgram(surroundings, (code) => {
			exitCode = code;
		});
		await program.parseAsync([...args], { from: 'user' });
		return exitCode;
	} catch (error) {
		const shown = fromCommander(error, args);
		if (shown === null) return 0;
		exitCode = exitCodeOf(shown);
		const paint = paintFor(stderr, { env, color: !args.includes('--no-color') });
		stderr.write(args.includes('--json') ? renderErrorJson(shown, exitCode) : renderError(shown, paint));
		return exitCode;
	}
}

/** Null for what commander throws after it printed help or version. */
function fromCommander(error: unknown, args: readonly string[]): unknown {
	if (!(error instanceof CommanderError)) return error;
	if (error.exitCode === 0) return null;
	// `mailshot help nothing` is answered with the help of everything, as an error.
	if (error.code === 'commander.help') {
		// So is a bare `mailshot log`.
		const [group = ''] = args;
		return innerCommands.has(group)
			? new UsageError(`${group} is followed by a command`, { hint: `mailshot ${group} --help` })
			: new UsageError('there is no such command', { hint: 'mailshot --help' });
	}
	const [message = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
	const help = ['mailshot', ...commandIn(args), '--help'].join(' ');
	return new UsageError(message, { hint: [suggestion, help].filter((line) => line !== '').join('\n'), cause: error });
}

/** Commands that are followed by another one. */
const innerCommands: ReadonlyMap<string, readonly string[]> = new Map([
	['log', ['unknown', 'resolve', 'verify', 'repair']],
	['suppress', ['add', 'remove', 'why', 'list', 'import', 'export']],
	['unsubscribe', ['verify']],
]);
const otherCommands: readonly string[] = ['send', 'bounces', 'explain', 'demo', 'sandbox', 'probe', 'config'];

/** `send`, or `log resolve`: what was meant, as far as it was said. */
function commandIn(args: readonly string[]): string[] {
	const at = args.findIndex((arg) => innerCommands.has(arg) || otherCommands.includes(arg));
	if (at === -1) return [];
	const known = innerCommands.get(args[at] ?? '') ?? [];
	const inner = args.slice(at + 1).find((arg) => known.includes(arg));
	return inner === undefined ? args.slice(at, at + 1) : [...args.slice(at, at + 1), inner];
}
