/** Real processes on a real disk, killed with SIGKILL at any moment, never send more than the quota of an account. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FileQuotaLedger } from '../../../src/delivery/pace/quota-ledger.ts';
import { RunError } from '../../../src/support/errors.ts';
import { nodeFileSystem } from '../../../src/support/file-system.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { day } from './simulate-pace.ts';

const quota = 2_000;
const block = quota / 400;
const slackMs = 10_000;
const script = fileURLToPath(new URL('./spend-quota.ts', import.meta.url));
const noon = Date.UTC(2026, 10, 22, 12);

interface Sender {
	readonly wallMs: number;
	/** It stops by itself after so many messages. */
	readonly most?: number;
	/** It is killed when it has sent so many. */
	readonly killAfter?: number;
}

/** What it sent before it ended. */
async function send(directory: string, { wallMs, most, killAfter }: Sender): Promise<number> {
	const parameters = [directory, wallMs, quota, most ?? 'Infinity'].map(String);
	const child = spawn(process.execPath, ['--import', 'tsx', script, ...parameters], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = once(child, 'close');
	let sent = 0;
	createInterface({ input: child.stdout }).on('line', () => {
		sent += 1;
		if (sent === killAfter) child.kill('SIGKILL');
	});
	const [code, signal] = await ended;
	assert.ok(code === 0 || signal === 'SIGKILL', `ended with ${code ?? signal}`);
	return sent;
}

async function sendAll(directory: string, senders: readonly Sender[]): Promise<number> {
	const sent = await Promise.all(senders.map((sender) => send(directory, sender)));
	return sent.reduce((sum, count) => sum + count, 0);
}

test('five processes at once send exactly the quota, those after them nothing, and the next day as much again', async (t) => {
	const directory = join(temporaryDirectory(t), 'quotas');
	const five = (wallMs: number, most: number) => sendAll(directory, Array(5).fill({ wallMs, most }));
	assert.equal(await five(noon, 150), 750);
	assert.equal(await five(noon + 0.6 * day, quota), quota - 750);
	assert.equal(await send(directory, { wallMs: noon + 0.9 * day }), 0);
	assert.equal(await five(noon + day + slackMs + 1, quota), 750);
	for (const name of readdirSync(directory)) assert.equal(lstatSync(join(directory, name)).mode & 0o777, 0o600);
	assert.equal(lstatSync(directory).mode & 0o777, 0o700);
});

test('processes that are killed at any moment and begun again send no more than the quota, and lose a block each at most', async (t) => {
	const directory = temporaryDirectory(t);
	const killed = await sendAll(
		directory,
		[3, 40, 101, 150].map((killAfter) => ({ wallMs: noon, killAfter })),
	);
	const again = await sendAll(
		directory,
		[7, 77, 188, Number.POSITIVE_INFINITY].map((killAfter) => ({ wallMs: noon + 1, killAfter })),
	);
	const rest = await send(directory, { wallMs: noon + 2 });
	const sent = killed + again + rest;
	assert.ok(sent <= quota, `${sent} of ${quota}`);
	assert.ok(sent >= quota - 7 * block, `${sent} of ${quota}`);
});

test('a directory, a link or a pipe in place of the ledger stops the run and is not followed', (t) => {
	const directory = temporaryDirectory(t);
	const open = () =>
		new FileQuotaLedger({ directory, account: 'a', files: nodeFileSystem, random: () => 0.5 }).open(
			[{ count: 10, periodMs: day, burst: 1 }],
			() => noon,
		);
	assert.equal(open().readyAtMs(0), 0);
	const [name = ''] = readdirSync(directory);
	const path = join(directory, name);
	for (const [command, ...words] of [
		['mkdir', path],
		['ln', '-s', '/dev/null', path],
		['mkfifo', path],
	] as const) {
		nodeFileSystem.rename(path, join(directory, `before-${command}`));
		assert.equal(spawnSync(command, words).status, 0);
		assert.throws(
			() => open().readyAtMs(0),
			(error) => error instanceof RunError && error.exitCode === 73 && error.message.includes(path),
		);
	}
});
