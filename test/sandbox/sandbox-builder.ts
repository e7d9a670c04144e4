/** Starts sandboxes with defaults, keeps what they tell, and closes them after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { SandboxEvent } from '../../src/sandbox/sandbox-event.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { RawClient } from './raw-client.ts';

export interface Rehearsal {
	readonly sandbox: Sandbox;
	readonly events: readonly SandboxEvent[];
	connect(): Promise<RawClient>;
}

export async function rehearsal(t: TestContext, options: Partial<SandboxOptions> = {}): Promise<Rehearsal> {
	const events: SandboxEvent[] = [];
	const sandbox = await startSandbox({
		host: '127.0.0.1',
		port: 0,
		tls: 'none',
		auth: null,
		save: null,
		maxMessageBytes: 1_000_000,
		clock: systemClock,
		onEvent: (event) => events.push(event),
		...options,
	});
	const clients: RawClient[] = [];
	t.after(async () => {
		for (const client of clients) client.break();
		await sandbox.close();
	});
	const connect = async () => {
		const client = await RawClient.connect(sandbox.port);
		clients.push(client);
		return client;
	};
	return { sandbox, events, connect };
}

/** A directory that is gone after the test. */
export function temporaryDirectory(t: TestContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'mailshot-sandbox-'));
	t.after(() => rmSync(directory, { recursive: true, force: true }));
	return directory;
}

/** Time stands still until a test lets the timers fire. */
export function stoppedClock() {
	const waiting: { readonly delayMs: number; readonly callback: () => void }[] = [];
	let wake: () => void = () => {};
	const clock: Clock = {
		...systemClock,
		after(delayMs, callback) {
			const timer = { delayMs, callback };
			waiting.push(timer);
			wake();
			return { cancel: () => void (waiting.includes(timer) && waiting.splice(waiting.indexOf(timer), 1)) };
		},
	};
	const nextTimer = async () => {
		while (waiting.length === 0) {
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
		return waiting.shift();
	};
	return { clock, nextTimer, waiting };
}
