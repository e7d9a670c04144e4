/** How an error looks on standard error: what happened, where it came from, and the command that fixes it. */
import { RunError, UsageError } from '../support/errors.ts';
import type { Paint } from './paint.ts';

/** The text ends in a line feed. What is neither UsageError nor RunError is a bug, and comes with its stack. */
export function renderError(error: unknown, paint: Paint): string {
	if (error instanceof UsageError || error instanceof RunError) {
		const hint = error.hint === '' ? '' : `${error.hint.replace(/^(?=.)/gm, '  ')}\n`;
		return `${paint('red', 'error:')} ${error.message}\n${hint}`;
	}
	const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return [
		`${paint('red', 'error:')} a bug in mailshot stopped it`,
		stack.replace(/^/gm, '  '),
		'  Please report it, with these lines, the command that was typed, and what mailshot --version says.',
		'',
	].join('\n');
}

/** One JSON object and a line feed, for --json. */
export function renderErrorJson(error: unknown, exitCode: number): string {
	const message = error instanceof Error ? error.message : String(error);
	const hint = error instanceof UsageError || error instanceof RunError ? error.hint : '';
	return `${JSON.stringify({ v: 1, type: 'error', exit_code: exitCode, message, hint })}\n`;
}

/** 2, the code that a RunError carries, or 1 for a bug. */
export function exitCodeOf(error: unknown): number {
	return error instanceof UsageError || error instanceof RunError ? error.exitCode : 1;
}
