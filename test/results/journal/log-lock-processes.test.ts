/** The lock among real processes: killed ones, and several at the same instant. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeHolder } from '../../../src/results/journal/lock-holder.ts';
import { readProcessIdentity } from '../../../src/results/journal/process-identity.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const program = fileURLToPath(new URL('./hold-log-lock.ts', import.meta.url));
const kinds = process.platform === 'linux' ? ['sockets', 'file'] : ['file'];

interface Contender {
	/** The next line that it says. */
	says(): Promise<string>;
	go(): void;
	end(): Promise<void>;
	kill(): Promise<void>;
}

async function startContender(t: TestContext, logPath: string, kind: string): Promise<Contender> {
	const child = spawn(process.execPath, ['--import', 'tsx', program, logPath, kind], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	t.after(() => child.kill('SIGKILL'));
	const exited = once(child, 'exit').then(() => {});
	child.stdin.on('error', () => {});
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const says = async () => String((await lines.next()).value);
	assert.equal(await says(), 'ready');
	return {
		says,
		go: () => child.stdin.write('go\n'),
		end: () => {
			child.stdin.end();
			return exited;
		},
		kill: () => {
			child.kill('SIGKILL');
			return exited;
		},
	};
}

for (const kind of kinds) {
	test(`after kill -9 the log is free at once, though its lock file is still there (${kind})`, async (t) => {
		const logPath = join(temporaryDirectory(t), 'results.jsonl');
		const [first, second] = await Promise.all([startContender(t, logPath, kind), startContender(t, logPath, kind)]);
		first.go();
		assert.equal(await first.says(), 'held');
		await first.kill();
		assert.equal(existsSync(`${logPath}.lock`), true);
		second.go();
		assert.equal(await second.says(), 'held');
		await second.end();
		assert.equal(existsSync(`${logPath}.lock`), false);
	});

	test(`of six processes at the same instant, before a stale lock file, one gets the log (${kind})`, async (t) => {
		const logPath = join(temporaryDirectory(t), 'results.jsonl');
		const gone = { ...readProcessIdentity(), pid: 2 ** 22 + 1, sinceMs: 0 };
		writeFileSync(`${logPath}.lock`, encodeHolder(gone));
		const starts = Array.from({ length: 6 }, () => startContender(t, logPath, kind));
		const contenders = await Promise.all(starts);
		for (const contender of contenders) contender.go();
		const said = await Promise.all(contenders.map((contender) => contender.says()));
		const [held, refused] = [said.filter((line) => line === 'held'), said.filter((line) => line !== 'held')];
		assert.equal(held.length, 1, said.join('\n'));
		for (const line of refused) assert.match(line, /^75 another run holds the log .*: process \d+ on \S+, since /);
		await Promise.all(contenders.map((contender) => contender.end()));
	});
}
