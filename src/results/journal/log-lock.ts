/** One run at a time holds a log, from before its first append to after its last. */
import { basename, dirname } from 'node:path';
import type { Clock } from '../../support/clock.ts';
import type { RunError } from '../../support/errors.ts';
import { type FileFacts, type FileSystem, nodeFileSystem } from '../../support/file-system.ts';
import {
	cannotLock,
	type FoundLockFile,
	LockFile,
	noFolder,
	readLockFile,
	removeGuard,
	removeStale,
} from './lock-file.ts';
import { encodeHolder, type HolderState, type LockHolder, parseHolder, stateOfHolder } from './lock-holder.ts';
import { askLockSocket, type BoundSocket, bindLockSocket, lockSocketName } from './lock-socket.ts';
import { logInUse } from './log-in-use.ts';
import type { ProcessIdentity } from './process-identity.ts';

export interface LogLockOptions {
	readonly identity: ProcessIdentity;
	readonly clock: Clock;
	readonly files?: FileSystem;
	/** False: the lock file alone, as where there are none. */
	readonly hasAbstractSockets?: boolean;
}

/** A lock file without a whole holder may be one that is being written at this moment. */
const writtenWithinMs = 500;
/** Each attempt that fails saw another process come or go. */
const mostAttempts = 100;
const betweenAttemptsMs = 10;
/** After so many the process that removes a stale file is taken for dead itself. */
const patientAttempts = 50;

/**
 * On Linux the lock is an abstract socket named after device and inode of the log's folder and the log's base name, so that all paths to a log are one
 * lock, and the kernel frees it at the moment its holder dies. `<log>.lock` says who it is. Where there are no such sockets, that file is the lock, as long
 * as the process it names lives.
 *
 * What it cannot see: containers have network and pid namespaces of their own. From a container of another host name the file speaks, and is obeyed until
 * somebody removes it; two with the same host name and folder, but neither sockets nor pids in common, may take the lock from one another. Nothing is sent
 * twice then, either: the journal's fence stops whoever finds octets in the journal that are not its own. The lock is for manners.
 */
export class LogLock {
	readonly #socket: BoundSocket;
	readonly #file: LockFile;
	#isHeld = true;

	/**
	 * RunError 75 when another run holds it (process, host, since when), 73 when the lock file cannot be written or the name is taken by something else.
	 * Nothing but the lock file is written.
	 */
	static async acquire(logPath: string, options: LogLockOptions): Promise<LogLock> {
		const attempt = new Attempt(logPath, options);
		const socket = await attempt.bindSocket();
		try {
			return new LogLock(socket, await attempt.makeFile(socket));
		} catch (error) {
			releaseSocket(socket);
			throw error;
		}
	}

	/** What `acquire` would throw because another run holds the log; null when none does. Writes nothing. */
	static look(logPath: string, options: LogLockOptions): Promise<RunError | null> {
		return new Attempt(logPath, options).look();
	}

	private constructor(socket: BoundSocket, file: LockFile) {
		this.#socket = socket;
		this.#file = file;
	}

	/** At once; a second call does nothing more. */
	release(): void {
		if (!this.#isHeld) return;
		this.#isHeld = false;
		// In this order: who gets the socket next makes a file of its own.
		this.#file.remove();
		releaseSocket(this.#socket);
	}
}

class Attempt {
	readonly #logPath: string;
	readonly #lockPath: string;
	readonly #socketName: string;
	readonly #files: FileSystem;
	readonly #clock: Clock;
	readonly #holder: LockHolder;
	readonly #hasSockets: boolean;

	constructor(logPath: string, options: LogLockOptions) {
		const { identity, clock, files = nodeFileSystem, hasAbstractSockets = process.platform === 'linux' } = options;
		this.#logPath = logPath;
		this.#lockPath = `${logPath}.lock`;
		this.#files = files;
		this.#clock = clock;
		this.#holder = { ...identity, sinceMs: clock.now() };
		this.#hasSockets = hasAbstractSockets;
		this.#socketName = lockSocketName(this.#lookAtFolder(), basename(logPath));
	}

	async bindSocket(): Promise<BoundSocket> {
		if (!this.#hasSockets) return { kind: 'unavailable' };
		const socket = await bindLockSocket(this.#socketName, () => encodeHolder(this.#holder));
		if (socket.kind === 'taken') throw await this.#refuseForSocket();
		return socket;
	}

	async makeFile(socket: BoundSocket): Promise<LockFile> {
		const files = this.#files;
		let mayBeWritten = socket.kind !== 'held';
		for (let attempts = 1; attempts <= mostAttempts; attempts += 1) {
			const file = LockFile.create(this.#lockPath, this.#holder, { files });
			if (file !== null) return file;
			const found = readLockFile(this.#lockPath, { files });
			if (found.kind === 'holder') this.#obey(found.holder);
			if (found.kind === 'torn' && mayBeWritten) {
				mayBeWritten = false;
				await this.#wait(writtenWithinMs);
				continue;
			}
			if (
				removeStale(this.#lockPath, (again) => again.kind === found.kind && this.#isStale(again), {
					files,
					holder: this.#holder,
				}) === 'done'
			)
				continue;
			// Whoever is at it needs no time to speak of.
			if (attempts % patientAttempts === 0) removeGuard(this.#lockPath, { files });
			await this.#wait(betweenAttemptsMs);
		}
		throw this.#refuse(null, 'running');
	}

	#obey(holder: LockHolder): void {
		const state = stateOfHolder(holder, this.#holder);
		if (state !== 'gone') throw this.#refuse(holder, state);
	}

	#isStale(found: FoundLockFile): boolean {
		if (found.kind === 'holder') return stateOfHolder(found.holder, this.#holder) === 'gone';
		return found.kind === 'torn';
	}

	async look(): Promise<RunError | null> {
		const { holder, state } = this.#findInFile();
		if (holder !== null && state !== 'gone') return this.#refuse(holder, state);
		if (!this.#hasSockets) return null;
		const { isHeld, text } = await askLockSocket(this.#socketName, this.#clock);
		return isHeld ? this.#refuse(parseHolder(text), 'running') : null;
	}

	/** The file is asked first: a suspended process answers nothing. */
	async #refuseForSocket(): Promise<RunError> {
		const { holder, state } = this.#findInFile();
		if (state === 'running') return this.#refuse(holder, state);
		return this.#refuse(parseHolder((await askLockSocket(this.#socketName, this.#clock)).text), 'running');
	}

	#findInFile(): { readonly holder: LockHolder | null; readonly state: HolderState } {
		try {
			const found = readLockFile(this.#lockPath, { files: this.#files });
			if (found.kind === 'holder') return { holder: found.holder, state: stateOfHolder(found.holder, this.#holder) };
		} catch {
			// What is wrong with the file matters to those who want to write it.
		}
		return { holder: null, state: 'gone' };
	}

	#refuse(holder: LockHolder | null, state: 'running' | 'elsewhere'): RunError {
		return logInUse(this.#logPath, { holder, state, lockPath: this.#lockPath, now: this.#clock.now() });
	}

	/** Through a link, too (hence the dot): it is the folder that counts. */
	#lookAtFolder(): FileFacts {
		const folder = dirname(this.#logPath);
		try {
			const facts = this.#files.lstat(`${folder}/.`);
			if (facts !== null) return facts;
		} catch (error) {
			throw cannotLock(this.#lockPath, error, { files: this.#files });
		}
		throw noFolder(folder);
	}

	#wait(milliseconds: number): Promise<void> {
		return new Promise((resolve) => {
			this.#clock.after(milliseconds, () => resolve());
		});
	}
}

function releaseSocket(socket: BoundSocket): void {
	if (socket.kind === 'held') socket.release();
}
