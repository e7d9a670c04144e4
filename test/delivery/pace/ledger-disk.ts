/** A directory in memory for quota ledgers: before each call a test may do what it likes, run another process or kill the one that called. */
import { constants } from 'node:fs';
import { basename } from 'node:path';
import type { DirectorySystem, FileFacts } from '../../../src/support/file-system.ts';

interface Inode {
	readonly number: number;
	readonly path: string;
	bytes: Buffer;
	length: number;
	synced: number;
}

export interface DiskHooks {
	/** Throws to kill the caller. */
	before?: (call: string) => void;
	/** Octets that a write takes of those it was given. */
	writes?: (length: number) => number;
}

export function systemError(code: string, text = 'trouble'): Error {
	return Object.assign(new Error(`${code}: ${text}, write`), { code });
}

/** The process that made a call is no more: nothing it does counts from here on. */
export class Killed extends Error {}

export class LedgerDisk implements DirectorySystem {
	readonly #names = new Map<string, Inode>();
	readonly #open = new Map<number, Inode>();
	hooks: DiskHooks = {};
	#lastNumber = 10;
	isThere = false;
	calls = 0;

	get names(): readonly string[] {
		return [...this.#names.keys()].map((path) => basename(path)).sort();
	}

	get text(): string {
		return [...this.#names.values()].map(({ bytes, length }) => bytes.toString('latin1', 0, length)).join('');
	}

	get openFiles(): number {
		return this.#open.size;
	}

	/** Every octet that was handed over is on disk. */
	get isSynced(): boolean {
		return [...this.#names.values()].every(({ length, synced }) => synced === length);
	}

	/** Appends to the first file, whoever wrote it. */
	scribble(text: string): void {
		const [inode] = [...this.#names.values()].slice(-1);
		if (inode !== undefined) add(inode, Buffer.from(text, 'latin1'));
	}

	open(path: string, flags: number, _mode: number): number {
		this.#before('open');
		if ((flags & constants.O_DIRECTORY) !== 0) return this.#opened(newInode(0, path));
		if (!this.isThere) throw systemError('ENOENT');
		let inode = this.#names.get(path);
		if (inode === undefined) {
			if ((flags & constants.O_CREAT) === 0) throw systemError('ENOENT');
			inode = newInode(++this.#lastNumber, path);
			this.#names.set(path, inode);
		}
		return this.#opened(inode);
	}

	write(descriptor: number, bytes: Uint8Array, offset: number): number {
		this.#before('write');
		const count = this.hooks.writes?.(bytes.length - offset) ?? bytes.length - offset;
		add(this.#of(descriptor), bytes.subarray(offset, offset + count));
		return count;
	}

	read(descriptor: number, into: Uint8Array, position: number): number {
		this.#before('read');
		const { bytes, length } = this.#of(descriptor);
		return position >= length ? 0 : bytes.copy(into, 0, position, Math.min(length, position + into.length));
	}

	fstat(descriptor: number): FileFacts {
		this.#before('fstat');
		const { number, length } = this.#of(descriptor);
		return { kind: 'file', sizeBytes: length, device: 1n, inode: BigInt(number), links: 1 };
	}

	fsync(descriptor: number): void {
		this.#before('fsync');
		const inode = this.#of(descriptor);
		inode.synced = inode.length;
	}

	close(descriptor: number): void {
		this.#open.delete(descriptor);
	}

	readdir(_path: string): readonly string[] {
		this.#before('readdir');
		if (!this.isThere) throw systemError('ENOENT');
		return this.names;
	}

	mkdir(_path: string, _mode: number): void {
		this.isThere = true;
	}

	unlink(path: string): void {
		if (!this.#names.delete(path)) throw systemError('ENOENT');
	}

	fdatasync(): void {
		throw new Error('a ledger waits for its disk');
	}

	lstat(): FileFacts | null {
		throw new Error('not asked for');
	}

	statfs(): number {
		throw new Error('not asked for');
	}

	ftruncate(): void {
		throw new Error('a ledger only grows');
	}

	rename(): void {
		throw new Error('a ledger only grows');
	}

	#before(call: string): void {
		this.calls += 1;
		this.hooks.before?.(call);
	}

	#opened(inode: Inode): number {
		this.#lastNumber += 1;
		this.#open.set(this.#lastNumber, inode);
		return this.#lastNumber;
	}

	#of(descriptor: number): Inode {
		const inode = this.#open.get(descriptor);
		if (inode === undefined) throw systemError('EBADF');
		return inode;
	}
}

function newInode(number: number, path: string): Inode {
	return { number, path, bytes: Buffer.alloc(4_096), length: 0, synced: 0 };
}

function add(inode: Inode, bytes: Uint8Array): void {
	if (inode.length + bytes.length > inode.bytes.length) {
		inode.bytes = Buffer.concat([inode.bytes, Buffer.alloc(inode.bytes.length + bytes.length)]);
	}
	inode.bytes.set(bytes, inode.length);
	inode.length += bytes.length;
}
