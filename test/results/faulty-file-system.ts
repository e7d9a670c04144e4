/** A file system whose faults a test orders: short writes, a full disk, an fsync that fails. All else is the real one. */
import { type FileFacts, type FileSystem, nodeFileSystem } from '../../src/support/file-system.ts';

export interface Faults {
	/** Largest number of bytes that one write takes. */
	shortWrites?: number;
	/** Bytes that fit until ENOSPC. */
	room?: number;
	/** Bytes more that fit when the ballast was thrown overboard. */
	roomOfBallast?: number;
	writeError?: string;
	syncError?: string;
	fsyncError?: string;
	/** The n-th call of this name, counted from 1, fails with this code; `isLasting`: and all after it. */
	failAt?: {
		readonly call: 'write' | 'fdatasync' | 'fsync';
		readonly number: number;
		readonly code: string;
		readonly isLasting?: boolean;
	};
	/** Hold back the callback of fdatasync until `finishSyncs`. */
	holdSyncs?: boolean;
}

export function systemError(code: string, text: string): Error {
	return Object.assign(new Error(`${code}: ${text}, write`), { code });
}

export class FaultyFileSystem implements FileSystem {
	faults: Faults;
	readonly calls: string[] = [];
	/** Calls of fdatasync that have called back. */
	finishedSyncs = 0;
	readonly #held: (() => void)[] = [];

	constructor(faults: Faults = {}) {
		this.faults = faults;
	}

	open(path: string, flags: number, mode: number): number {
		this.calls.push('open');
		return nodeFileSystem.open(path, flags, mode);
	}

	write(descriptor: number, bytes: Uint8Array, offset: number): number {
		this.calls.push('write');
		const { shortWrites = Number.POSITIVE_INFINITY, room, writeError } = this.faults;
		if (this.#isDue('write')) throw systemError(this.faults.failAt?.code ?? '', 'write failed');
		if (writeError !== undefined) throw systemError(writeError, 'write failed');
		if (room === 0) throw systemError('ENOSPC', 'no space left on device');
		const length = Math.min(shortWrites, room ?? Number.POSITIVE_INFINITY, bytes.length - offset);
		if (room !== undefined) this.faults.room = room - length;
		return nodeFileSystem.write(descriptor, bytes.subarray(0, offset + length), offset);
	}

	fdatasync(descriptor: number, done: (error: Error | null) => void): void {
		this.calls.push('fdatasync');
		const { holdSyncs } = this.faults;
		const ordered = this.#isDue('fdatasync') ? this.faults.failAt?.code : undefined;
		const finish = () => {
			const syncError = ordered ?? this.faults.syncError;
			const finished = (error: Error | null) => {
				this.finishedSyncs += 1;
				done(error);
			};
			if (syncError === undefined) nodeFileSystem.fdatasync(descriptor, finished);
			else finished(systemError(syncError, 'i/o error'));
		};
		if (holdSyncs === true) this.#held.push(finish);
		else setImmediate(finish);
	}

	finishSyncs(): void {
		for (const finish of this.#held.splice(0)) finish();
	}

	fsync(descriptor: number): void {
		this.calls.push('fsync');
		if (this.#isDue('fsync')) throw systemError(this.faults.failAt?.code ?? '', 'i/o error');
		if (this.faults.fsyncError !== undefined) throw systemError(this.faults.fsyncError, 'i/o error');
		nodeFileSystem.fsync(descriptor);
	}

	read(descriptor: number, into: Uint8Array, position: number): number {
		this.calls.push('read');
		return nodeFileSystem.read(descriptor, into, position);
	}

	fstat(descriptor: number): FileFacts {
		this.calls.push('fstat');
		return nodeFileSystem.fstat(descriptor);
	}

	lstat(path: string): FileFacts | null {
		this.calls.push('lstat');
		return nodeFileSystem.lstat(path);
	}

	statfs(path: string): number {
		this.calls.push('statfs');
		return nodeFileSystem.statfs(path);
	}

	ftruncate(descriptor: number, length: number): void {
		this.calls.push('ftruncate');
		nodeFileSystem.ftruncate(descriptor, length);
	}

	close(descriptor: number): void {
		this.calls.push('close');
		nodeFileSystem.close(descriptor);
	}

	rename(from: string, to: string): void {
		this.calls.push('rename');
		nodeFileSystem.rename(from, to);
	}

	unlink(path: string): void {
		this.calls.push('unlink');
		nodeFileSystem.unlink(path);
		const { room, roomOfBallast = 0 } = this.faults;
		if (room !== undefined && path.endsWith('.ballast')) this.faults.room = room + roomOfBallast;
	}

	#isDue(call: string): boolean {
		const { failAt } = this.faults;
		if (failAt === undefined || failAt.call !== call) return false;
		const number = this.count(call);
		return number === failAt.number || (failAt.isLasting === true && number > failAt.number);
	}

	count(call: string): number {
		return this.calls.filter((name) => name === call).length;
	}
}
