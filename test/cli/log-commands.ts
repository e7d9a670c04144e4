/** The commands of `mailshot log` in this process, and what they leave in the files. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { repairCommand, unknownCommand, verifyCommand } from '../../src/cli/log-command.ts';
import { type ResolveFlags, resolveCommand } from '../../src/cli/resolve-command.ts';
import { KeyTable } from '../../src/recipients/key-table.ts';
import { statusOfState } from '../../src/results/journal/key-state.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

export function surroundings(stdin = '') {
	return {
		stdin: Readable.from([Buffer.from(stdin)]),
		stdout: new FakeOutput(),
		stderr: new FakeOutput(),
		clock: new TestClock(),
		randomBytes: (count: number) => Buffer.alloc(count, 7),
	};
}

export async function unknownIn(logPath: string, flags: { readonly json?: boolean } = {}) {
	const context = surroundings();
	const code = await unknownCommand(logPath, flags, context);
	return { code, lines: context.stdout.text.split('\n').slice(0, -1), stderr: context.stderr.text };
}

export async function resolve(
	logPath: string,
	recipients: readonly string[],
	flags: ResolveFlags & { readonly stdin?: string },
) {
	const context = surroundings(flags.stdin);
	const code = await resolveCommand({ file: logPath, recipients }, flags, context);
	return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

export async function refusal(attempt: Promise<unknown>): Promise<{ exitCode: number; message: string; hint: string }> {
	const error: unknown = await attempt.then(
		() => null,
		(reason: unknown) => reason,
	);
	assert.ok(error !== null, 'it was not refused');
	const { exitCode, message, hint } = Object(error);
	return { exitCode, message, hint };
}

export async function verify(logPath: string) {
	const context = surroundings();
	const code = await verifyCommand(logPath, context);
	return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

export async function statusIn(logPath: string, key: string) {
	const keys = new KeyTable(Buffer.alloc(16, 1));
	const opened = await openCampaign(logPath, { keys, locals: new KeyTable(Buffer.alloc(16, 2)) });
	assert.equal(opened.kind, 'existing');
	keys.seek(key);
	return statusOfState(keys.value);
}

export function rowsOf(logPath: string): Record<string, unknown>[] {
	return readFileSync(logPath, 'utf8')
		.split('\n')
		.slice(0, -1)
		.map((line) => JSON.parse(line));
}

export function filesOf(logPath: string): string[] {
	const digest = (name: string) =>
		createHash('sha256')
			.update(readFileSync(join(dirname(logPath), name)))
			.digest('hex');
	return readdirSync(dirname(logPath)).map((name) => `${name} ${digest(name)}`);
}

export const past = [
	{ address: 'Anna@example.com', ending: 'accepted' },
	{ address: 'Bob@example.com', ending: 'unknown' },
	{ address: 'carl@example.com', ending: 'bounced' },
	{ address: 'dora@example.com', ending: 'deferred' },
	{ address: 'eve@example.com', ending: 'unknown' },
] as const;

export async function repair(logPath: string) {
	const context = surroundings();
	const code = await repairCommand(logPath, {}, context);
	return { code, stdout: context.stdout.text };
}
