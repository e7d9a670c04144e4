/** A file system whose faults a test orders: short writes, a full disk, an fsync that fails. All else is the real one. */
import { type FileSystem, nodeFileSystem } from '../../src/results/file-system.ts';

export interface Faults {
	/** Largest number of bytes that one write takes. */
	shortWrites?: number;
	/** Bytes that fit until ENOSPC. */
	room?: number;
	writeError?: string;
	syncError?: string;
	fsyncError?: string;
	/** Hold back the callback of fdatasync until `finishSyncs`. */
	holdSyncs?: boolean;
}

export function systemError(code: string, text: string): Error {
	return Object.assign(new Error(`${code}: ${text}, write`), { code });
}

export class FaultyFileSystem implements FileSystem {
	faults: Faults;
	readonly calls: string[] = [];
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
		if (writeError !== undefined) throw systemError(writeError, 'write failed');
		if (room === 0) throw systemError('ENOSPC', 'no space left on device');
		const length = Math.min(shortWrites, room ?? Number.POSITIVE_INFINITY, bytes.length - offset);
		if (room !== undefined) this.faults.room = room - length;
		return nodeFileSystem.write(descriptor, bytes.subarray(0, offset + length), offset);
	}

	fdatasync(descriptor: number, done: (error: Error | null) => void): void {
		this.calls.push('fdatasync');
		const { holdSyncs } = this.faults;
		const finish = () => {
			const { syncError } = this.faults;
			if (syncError === undefined) nodeFileSystem.fdatasync(descriptor, done);
			else done(systemError(syncError, 'i/o error'));
		};
		if (holdSyncs === true) this.#held.push(finish);
		else setImmediate(finish);
	}

	finishSyncs(): void {
		for (const finish of this.#held.splice(0)) finish();
	}

	fsync(descriptor: number): void {
		this.calls.push('fsync');
		if (this.faults.fsyncError !== undefined) throw systemError(this.faults.fsyncError, 'i/o error');
		nodeFileSystem.fsync(descriptor);
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
	}

	count(call: string): number {
		return this.calls.filter((name) => name === call).length;
	}
}
