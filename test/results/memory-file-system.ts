/**
 * A disk in memory that remembers every operation, so that a test can have it back as a crash after any of them would leave it.
 *
 * After a kill, what was handed to the kernel is there. After a power cut, a file has what its last finished sync covered, and behind that anything
 * between nothing and what was written, torn anywhere, or NULs in its place; a name that was never synced may be missing.
 */
import type { FileFacts, FileSystem } from '../../src/support/file-system.ts';
import { systemError } from './faulty-file-system.ts';

interface Inode {
	readonly number: number;
	readonly isDirectory: boolean;
	content: Buffer;
	links: number;
}

interface Operation {
	readonly what: string;
	/** Names and contents after it; contents are never changed in place. */
	readonly names: ReadonlyMap<string, number>;
	readonly contents: ReadonlyMap<number, Buffer>;
	/** How much of each file a finished sync covers, and the names that a sync of the directory does. */
	readonly durable: ReadonlyMap<number, number>;
	readonly durableNames: ReadonlySet<string>;
}

export interface PowerCut {
	/** 0 to 1: what becomes of the octets of `path` that no sync covers. */
	readonly random: (path: string) => number;
}

const oCreat = 0o100;
const oExcl = 0o200;
const oTrunc = 0o1000;

export class MemoryFileSystem implements FileSystem {
	readonly operations: Operation[] = [];
	readonly #inodes = new Map<number, Inode>();
	readonly #names = new Map<string, number>();
	readonly #descriptors = new Map<number, Inode>();
	readonly #durable = new Map<number, number>();
	readonly #durableNames = new Set<string>();
	#lastDescriptor = 2;
	#lastInode = 0;
	#found = this.#state('empty');

	/** Anything that a test wants to find in the row of operations: a dot that went out. */
	note(what: string): void {
		this.operations.push(this.#state(what));
	}

	/** The disk after the first `count` operations, without their history. */
	afterCrash(count: number, cut: PowerCut | null = null): MemoryFileSystem {
		const disk = new MemoryFileSystem();
		const operation = this.operations[count - 1] ?? this.#found;
		for (const [path, number] of operation.names) {
			if (cut !== null && !operation.durableNames.has(path) && cut.random(path) < 0.5) continue;
			const content = operation.contents.get(number) ?? Buffer.alloc(0);
			disk.put(
				path,
				cut === null ? content : cutOff(content, operation.durable.get(number) ?? 0, () => cut.random(path)),
			);
		}
		return disk;
	}

	/** As afterCrash, but what the last of the operations wrote is there only up to somewhere. */
	afterTornWrite(count: number, random: () => number): MemoryFileSystem {
		const disk = this.afterCrash(count);
		const before = this.operations[count - 2] ?? this.#found;
		const after = this.operations[count - 1] ?? this.#found;
		for (const [path, number] of after.names) {
			const [was, is] = [before.contents.get(number)?.length ?? 0, after.contents.get(number) ?? Buffer.alloc(0)];
			if (is.length > was) disk.put(path, is.subarray(0, was + Math.floor(random() * (is.length - was))));
		}
		return disk;
	}

	put(path: string, content: Buffer): void {
		const inode = this.#make(path);
		inode.content = content;
		this.#durable.set(inode.number, content.length);
		this.#durableNames.add(path);
		this.#found = this.#state('as it was found');
	}

	text(path: string): string {
		return this.#named(path)?.content.toString('utf8') ?? '';
	}

	get paths(): readonly string[] {
		return [...this.#names.keys()];
	}

	open(path: string, flags: number, _mode: number): number {
		let inode = this.#named(path);
		if (inode !== undefined && (flags & oExcl) !== 0) throw systemError('EEXIST', 'file already exists');
		if (inode === undefined && (flags & oCreat) === 0) {
			if (path.includes('.')) throw systemError('ENOENT', 'no such file or directory');
			inode = { number: 0, isDirectory: true, content: Buffer.alloc(0), links: 1 };
		}
		if (inode === undefined) {
			inode = this.#make(path);
			this.note(`create ${path}`);
		}
		if ((flags & oTrunc) !== 0) inode.content = Buffer.alloc(0);
		this.#lastDescriptor += 1;
		this.#descriptors.set(this.#lastDescriptor, inode);
		return this.#lastDescriptor;
	}

	write(descriptor: number, bytes: Uint8Array, offset: number): number {
		const inode = this.#of(descriptor);
		inode.content = Buffer.concat([inode.content, bytes.subarray(offset)]);
		this.note(`write ${bytes.length - offset}`);
		return bytes.length - offset;
	}

	fdatasync(descriptor: number, done: (error: Error | null) => void): void {
		const inode = this.#of(descriptor);
		const { length } = inode.content;
		// Two turns, so that the world goes on meanwhile.
		setImmediate(() =>
			setImmediate(() => {
				this.#synced(inode, length);
				done(null);
			}),
		);
	}

	fsync(descriptor: number): void {
		const inode = this.#of(descriptor);
		if (inode.isDirectory) for (const name of this.#names.keys()) this.#durableNames.add(name);
		this.#synced(inode, inode.content.length);
	}

	read(descriptor: number, into: Uint8Array, position: number): number {
		return this.#of(descriptor).content.copy(into, 0, position, position + into.length);
	}

	fstat(descriptor: number): FileFacts {
		return factsOf(this.#of(descriptor));
	}

	lstat(path: string): FileFacts | null {
		const inode = this.#named(path);
		return inode === undefined ? null : factsOf(inode);
	}

	statfs(): number {
		return 0xef53;
	}

	ftruncate(descriptor: number, length: number): void {
		const inode = this.#of(descriptor);
		inode.content = inode.content.subarray(0, length);
		this.#durable.set(inode.number, Math.min(length, this.#durable.get(inode.number) ?? 0));
		this.note('truncate');
	}

	close(descriptor: number): void {
		this.#of(descriptor);
		this.#descriptors.delete(descriptor);
	}

	rename(from: string, to: string): void {
		const inode = this.#named(from);
		if (inode === undefined) throw systemError('ENOENT', 'no such file or directory');
		this.#names.delete(from);
		this.#names.set(to, inode.number);
		this.note('rename');
	}

	unlink(path: string): void {
		const inode = this.#named(path);
		if (inode === undefined) throw systemError('ENOENT', 'no such file or directory');
		inode.links -= 1;
		this.#names.delete(path);
		this.note(`unlink ${path}`);
	}

	get openFiles(): number {
		return this.#descriptors.size;
	}

	#state(what: string): Operation {
		return {
			what,
			names: new Map(this.#names),
			contents: new Map([...this.#inodes].map(([number, { content }]) => [number, content])),
			durable: new Map(this.#durable),
			durableNames: new Set(this.#durableNames),
		};
	}

	#make(path: string): Inode {
		this.#lastInode += 1;
		const inode = { number: this.#lastInode, isDirectory: false, content: Buffer.alloc(0), links: 1 };
		this.#inodes.set(inode.number, inode);
		this.#names.set(path, inode.number);
		return inode;
	}

	#named(path: string): Inode | undefined {
		return this.#inodes.get(this.#names.get(path) ?? -1);
	}

	#of(descriptor: number): Inode {
		const inode = this.#descriptors.get(descriptor);
		if (inode === undefined) throw systemError('EBADF', 'bad file descriptor');
		return inode;
	}

	#synced(inode: Inode, length: number): void {
		this.#durable.set(inode.number, Math.max(length, this.#durable.get(inode.number) ?? 0));
		this.note('sync');
	}
}

function factsOf(inode: Inode): FileFacts {
	return {
		kind: inode.isDirectory ? 'directory' : 'file',
		sizeBytes: inode.content.length,
		device: 1n,
		inode: BigInt(inode.number),
		links: inode.links,
	};
}

/** Behind the durable octets: all of them, none, up to somewhere, or NULs from somewhere on. */
function cutOff(content: Buffer, durable: number, random: () => number): Buffer {
	const kind = Math.floor(random() * 4);
	const place = durable + Math.floor(random() * (content.length - durable + 1));
	if (kind === 0) return content;
	if (kind === 1) return content.subarray(0, durable);
	if (kind === 2) return content.subarray(0, place);
	return Buffer.concat([content.subarray(0, place), Buffer.alloc(content.length - place)]);
}
