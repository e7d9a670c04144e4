/** Runs mailshot on a terminal of its own, with util-linux's script(1): for the question, the progress bar and Ctrl-C. */
import { spawn } from 'node:child_process';
import { cleanEnvironment, mailshotProgram } from './run-mailshot.ts';

export interface Terminal {
	/** Everything that was written to the screen so far, escape codes included. */
	screen(): string;
	/** Types it; `\r` is Return, `\u0003` Ctrl-C. */
	type(keys: string): void;
	/** Resolves once the screen has shown `text`; rejects when the program ends before. */
	shows(text: string | RegExp): Promise<void>;
	/** Exit code. */
	readonly finished: Promise<number | null>;
}

/** Starts `mailshot ARGS` on an xterm of 80 columns. */
export function startInTerminal(
	args: readonly string[],
	options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Terminal {
	const quoted = [process.execPath, mailshotProgram, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
	const command = `stty cols 80 rows 40; exec ${quoted.join(' ')}`;
	const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
		cwd: options.cwd,
		env: { ...cleanEnvironment(options.cwd), TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env },
		stdio: ['pipe', 'pipe', 'inherit'],
		detached: true,
	});
	const net = setTimeout(() => child.kill('SIGKILL'), 60_000);
	let written = '';
	child.stdout.setEncoding('utf8');
	child.stdout.on('data', (text: string) => {
		written += text;
	});
	const finished = new Promise<number | null>((resolve) => {
		child.once('close', (code) => {
			clearTimeout(net);
			resolve(code);
		});
	});
	return {
		screen: () => written,
		type: (keys) => {
			child.stdin.write(keys);
		},
		shows: (text) =>
			new Promise((resolve, reject) => {
				const look = () => {
					if (typeof text === 'string' ? written.includes(text) : text.test(written)) resolve();
				};
				child.stdout.on('data', look);
				child.once('close', () => reject(new Error(`ended without showing ${text}:\n${written}`)));
				look();
			}),
		finished,
	};
}
