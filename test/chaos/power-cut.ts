/** A simulated power cut: files are cut back to anywhere after what was synced last, with or without rubbish behind it. */
import {
	appendFileSync,
	closeSync,
	existsSync,
	ftruncateSync,
	openSync,
	readFileSync,
	statSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SeededRandom } from './seeded-random.ts';

/** What sync-recorder.mjs writes. */
type Sync =
	| { readonly type: 'file' | 'cut'; readonly inode: string; readonly size: number }
	| { readonly type: 'directory'; readonly directory: string; readonly names: readonly string[] };

/** For the environment of the mailer. */
export function recordSyncs(directory: string): Readonly<Record<string, string>> {
	return {
		NODE_OPTIONS: `--import ${new URL('./sync-recorder.mjs', import.meta.url).href}`,
		MAILSHOT_TEST_SYNCS: syncsPath(directory),
	};
}

/** The process must be gone. Each file is cut for itself, as the kernel wrote back the one or the other first. Says what it did. */
export function cutPower(paths: readonly string[], random: SeededRandom): string[] {
	return paths.filter((path) => existsSync(path)).map((path) => `${basename(path)}: ${cut(path, random)}`);
}

function cut(path: string, random: SeededRandom): string {
	const syncs = readSyncs(dirname(path));
	const inode = String(statSync(path, { bigint: true }).ino);
	const { size } = statSync(path);
	const durable = Math.min(durableSize(syncs, inode), size);
	if (!isNamed(syncs, path) && random.next() < 0.5) {
		unlinkSync(path);
		return 'gone, its directory was never synced';
	}
	// Often nothing behind the last sync survives: the hardest case.
	const length = random.next() < 0.4 ? durable : random.whole(durable, size);
	const end = random.next() < 0.5 ? length : random.whole(length, size);
	const rubbish = random.next() < 0.5 ? Buffer.alloc(end - length) : random.bytes(end - length);
	const file = openSync(path, 'r+');
	ftruncateSync(file, length);
	if (rubbish.length > 0) writeSync(file, rubbish, 0, rubbish.length, length);
	closeSync(file);
	// What is there after a power cut is durable.
	appendFileSync(syncsPath(dirname(path)), `${JSON.stringify({ type: 'file', inode, size: end } satisfies Sync)}\n`);
	return `${size} octets, ${durable} durable, ${length} kept, ${rubbish.length} of rubbish`;
}

function syncsPath(directory: string): string {
	return join(directory, 'syncs.jsonl');
}

function readSyncs(directory: string): Sync[] {
	const path = syncsPath(directory);
	if (!existsSync(path)) return [];
	const lines = readFileSync(path, 'utf8').split('\n');
	// The mailer may have been killed while it wrote the last one: then it was not told of that sync, either.
	return lines.slice(0, -1).map((line): Sync => JSON.parse(line));
}

function durableSize(syncs: readonly Sync[], inode: string): number {
	let size = 0;
	for (const sync of syncs) {
		if (sync.type === 'directory' || sync.inode !== inode) continue;
		size = sync.type === 'cut' ? Math.min(size, sync.size) : Math.max(size, sync.size);
	}
	return size;
}

/** Whether the name of the file was made durable, too. */
function isNamed(syncs: readonly Sync[], path: string): boolean {
	return syncs.some((sync) => sync.type === 'directory' && sync.names.includes(basename(path)));
}
