/** Runs the built program as a person, cron or CI would: a real process, its own directory, nothing of our environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface RunOptions {
	/** Working directory; use a temporary one. */
	readonly cwd: string;
	/** Added to a small clean environment. */
	readonly env?: Readonly<Record<string, string>>;
	/** What standard input holds. Without it, it is /dev/null. */
	readonly stdin?: string | Buffer;
	/** Only a net under a program that hangs: the test fails, it does not wait for this. */
	readonly timeoutMs?: number;
	/** Another program than bin/mailshot.js of this tree. */
	readonly program?: string;
}

export interface FinishedRun {
	/** Null when a signal ended it. */
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface RunningMailshot {
	readonly finished: Promise<FinishedRun>;
	kill(signal: NodeJS.Signals): void;
	/** Resolves once standard error contains `text`; rejects when the program ends before. */
	stderrContains(text: string): Promise<void>;
}

export const mailshotProgram = fileURLToPath(new URL('../../bin/mailshot.js', import.meta.url));

/** Runs `mailshot ARGS` to its end. */
export function runMailshot(args: readonly string[], options: RunOptions): Promise<FinishedRun> {
	return startMailshot(args, options).finished;
}

/** Starts `mailshot ARGS`, for tests that talk to it while it runs. */
export function startMailshot(args: readonly string[], options: RunOptions): RunningMailshot {
	const child = spawn(process.execPath, [options.program ?? mailshotProgram, ...args], {
		cwd: options.cwd,
		env: { ...cleanEnvironment(options.cwd), ...options.env },
		stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
		// A session of its own has no controlling terminal: the question could otherwise be asked on the developer's.
		detached: true,
	});
	// A program that ends without reading all its input closes the pipe: its exit code tells, not our EPIPE.
	child.stdin?.on('error', () => {});
	child.stdin?.end(options.stdin);
	return watch(child, options.timeoutMs ?? 120_000);
}

function watch(child: ChildProcess, timeoutMs: number): RunningMailshot {
	const stdout = collect(child.stdout);
	const stderr = collect(child.stderr);
	const net = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
	const finished = new Promise<FinishedRun>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code, signal) => {
			clearTimeout(net);
			resolve({ code, signal, stdout: stdout.text(), stderr: stderr.text() });
		});
	});
	return {
		finished,
		kill: (signal) => {
			child.kill(signal);
		},
		stderrContains: (text) =>
			new Promise((resolve, reject) => {
				const look = () => {
					if (stderr.text().includes(text)) resolve();
				};
				child.stderr?.on('data', look);
				child.once('close', () => reject(new Error(`ended without saying "${text}":\n${stderr.text()}`)));
				look();
			}),
	};
}

function collect(stream: NodeJS.ReadableStream | null): { text(): string } {
	const chunks: Buffer[] = [];
	stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
	return { text: () => Buffer.concat(chunks).toString('utf8') };
}

/** No MAILSHOT_ variable, no CI, no colour wish, no settings of the person who runs the tests. */
export function cleanEnvironment(home: string): Record<string, string> {
	const { PATH = '' } = process.env;
	return { PATH, HOME: home, XDG_CONFIG_HOME: home, LANG: 'C.UTF-8', TZ: 'UTC' };
}
