/** The two errors that are meant for people; every other Error is a bug (stack, exit 1). */

/** How a run ends, as scripts see it (design.md §6). `bug` is what an unexpected exception gets. */
export const exitCodes = {
	done: 0,
	bug: 1,
	usage: 2,
	someNotAccepted: 3,
	stoppedBySafetyLimit: 4,
	workLeft: 5,
	badInput: 65,
	missingInput: 66,
	serverUnreachable: 69,
	cannotWriteLog: 73,
	logChanged: 74,
	logInUse: 75,
	loginRefused: 77,
	badConfiguration: 78,
	hangup: 129,
	interrupted: 130,
	terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command line cannot be obeyed as typed: exit 2. `hint` is what to type instead, shown on lines of its own. */
export class UsageError extends Error {
	override readonly name = 'UsageError';
	readonly exitCode: ExitCode = exitCodes.usage;
	readonly hint: string;

	constructor(message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
		super(message, { cause: options.cause });
		this.hint = options.hint ?? '';
	}
}

/** The run cannot start or go on; carries its exit code. What happened to one recipient is a value, never this. */
export class RunError extends Error {
	override readonly name = 'RunError';
	readonly exitCode: ExitCode;
	readonly hint: string;

	constructor(exitCode: ExitCode, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
		super(message, { cause: options.cause });
		this.exitCode = exitCode;
		this.hint = options.hint ?? '';
	}
}
