/** Who leaves a message behind must not win: the whole run ends there. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { writeFileIn } from '../helpers/list-builder.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import type { Arena } from './arena.ts';
import { mailshot } from './contenders.ts';
import { nodemailerPool, scriptPeer } from './peers.ts';
import { race } from './race.ts';
import { type Server, startCountingSink } from './servers.ts';
import { type Entry, weigh } from './weigh.ts';
import { prepareWorkload } from './workload.ts';

test('a race passes when every contender has every message accepted', async (t) => {
	const arena = await arenaFor(t);
	const laps = await race([mailshot(arena, 20), nodemailerPool(arena, 20)], quietly);
	assert.deepEqual(
		laps.map(({ counts }) => counts?.accepted),
		[20, 20],
	);
});

test('a contender whose log lacks a message fails the race', async (t) => {
	const arena = await arenaFor(t);
	const forgetful = peer(arena, "fs.writeFileSync(log, line.repeat(19) + line.replace('accepted', 'failed'))");
	await assert.rejects(race([forgetful(arena, 20)], quietly), /19 of 20 messages accepted/);
});

test('a contender whose log has a message that the server never saw fails the race and the weighing', async (t) => {
	const arena = await arenaFor(t);
	const lying = peer(arena, 'fs.writeFileSync(log, line.repeat(20))');
	await assert.rejects(race([lying(arena, 20)], quietly), /the server took 0 of 20 messages/);
	await assert.rejects(weigh({ ...arena, ...quietly, scale: 0.001 }, lying), /the server took 0 of 20 messages/);
});

test('a contender that ends with an error fails the race with what it said', async (t) => {
	const arena = await arenaFor(t);
	const broken = peer(arena, "console.error('no such thing'); process.exit(3)");
	await assert.rejects(race([broken(arena, 20)], quietly), /ended with 3:\nno such thing/);
});

const quietly = { rounds: 1, say: () => {} };

async function arenaFor(t: TestContext): Promise<Arena> {
	const directory = temporaryDirectory(t);
	const server: Server = await startCountingSink();
	t.after(() => server.stop());
	return { directory, workload: prepareWorkload(directory), server, connections: 2 };
}

/** A peer that has `log`, the path of its log, and `line`, an accepted line. */
function peer({ directory }: Arena, code: string): Entry {
	const head = `const fs = require('node:fs'); const log = process.argv[6]; const line = '{"status":"accepted"}\\n';`;
	const script = writeFileIn(directory, 'peer.cjs', `${head}\n${code}\n`);
	const command = [process.execPath, script] as const;
	return (arena, messages) => scriptPeer(arena, messages, { name: 'peer', command, flags: [] });
}
