/**
 * `--trace FILE`: what was said on each connection, one line each, without secrets and without contents.
 *
 *     2026-11-22T10:00:00.123Z #3 C: MAIL FROM:<news@acme.example> SIZE=5587
 *     2026-11-22T10:00:00.171Z #3 S: 250 2.1.0 Ok
 *     2026-11-22T10:00:00.172Z #3 *: closed
 *
 * It must not change what it watches: nothing here waits, nothing throws, and a disk that is full ends the trace and not the run.
 */
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import type { DialogueTrace } from '../smtp/trace.ts';
import type { Clock } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, errorCode } from '../support/file-system.ts';
import { SecretCover } from './secret-cover.ts';
import { type TraceDisk, traceFlags } from './trace-disk.ts';
import { TracedDialogue } from './traced-dialogue.ts';

export interface TraceFileOptions {
	readonly disk: TraceDisk;
	readonly clock: Clock;
	/** The trace came to an end before the run did: one line for people, at most once. */
	readonly onTrouble: (warning: string) => void;
}

// When the disk is slower than the dialogue, lines are left out rather than kept in memory.
const mostWaiting = 16 * 1024 * 1024;
const closeDeadlineMs = 5_000;

const firstLine = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:mailshot trace\b|#\d+ )/;

export class TraceFile {
	readonly #path: string;
	readonly #disk: TraceDisk;
	readonly #clock: Clock;
	readonly #onTrouble: (warning: string) => void;
	readonly #mask = new SecretCover();
	readonly #descriptor: number;
	#waiting = '';
	#leftOut = 0;
	#isWriting = false;
	#isEnded = false;
	#drained: () => void = () => {};

	/** Opens it for appending, or makes it (0600). RunError 73 when it is a link, not ours alone, or no trace. */
	constructor(path: string, { disk, clock, onTrouble }: TraceFileOptions) {
		this.#path = path;
		this.#disk = disk;
		this.#clock = clock;
		this.#onTrouble = onTrouble;
		this.#descriptor = openTrace(path, disk);
		this.#append('mailshot trace: the dialogue without contents, secrets masked');
	}

	/** Hides a secret that belongs to no server's settings: an access token, for example. */
	conceal(secret: string, users: readonly string[] = []): void {
		this.#mask.add(secret, users);
	}

	/** The dialogue of one connection. The password in the settings is hidden from now on, on all of them. */
	connection(number: number, server: ServerSettings): DialogueTrace {
		const { auth } = server;
		if (auth?.kind === 'password') this.#mask.add(auth.password, [auth.user]);
		const dialogue = new TracedDialogue(this.#mask, (text) => this.#append(`#${number} ${text}`));
		dialogue.note(serverName(server));
		return dialogue;
	}

	/** Resolves when everything is in the file, or when that takes too long. */
	close(): Promise<void> {
		return new Promise((resolve) => {
			const deadline = this.#clock.after(closeDeadlineMs, () => this.#drained());
			this.#drained = () => {
				this.#drained = () => {};
				deadline.cancel();
				if (!this.#isEnded) this.#end();
				resolve();
			};
			if (!this.#isWriting) this.#drained();
		});
	}

	#append(text: string): void {
		if (this.#isEnded) return;
		if (this.#waiting.length > mostWaiting) {
			this.#leftOut += 1;
			return;
		}
		this.#tellWhatIsMissing();
		this.#waiting += this.#stamped(text);
		if (!this.#isWriting) this.#writeWaiting();
	}

	#tellWhatIsMissing(): void {
		if (this.#leftOut === 0) return;
		this.#waiting += this.#stamped(`${this.#leftOut} lines are missing here: the disk was slower than the dialogue`);
		this.#leftOut = 0;
	}

	#stamped(text: string): string {
		return `${new Date(this.#clock.now()).toISOString()} ${text}\n`;
	}

	#writeWaiting(): void {
		const bytes = Buffer.from(this.#waiting, 'utf8');
		this.#waiting = '';
		this.#isWriting = true;
		this.#write(bytes);
	}

	#write(bytes: Buffer): void {
		this.#disk.write(this.#descriptor, bytes, (error, written) => {
			if (this.#isEnded) return;
			if (error !== null) return this.#fail(error);
			if (written < bytes.length) return this.#write(bytes.subarray(written));
			this.#isWriting = false;
			if (this.#waiting === '') this.#tellWhatIsMissing();
			if (this.#waiting !== '') this.#writeWaiting();
			else this.#drained();
		});
	}

	#fail(error: Error): void {
		this.#end();
		this.#onTrouble(`--trace ${this.#path} ends here: ${describeFileError(error)}; the run goes on`);
		this.#drained();
	}

	#end(): void {
		this.#isEnded = true;
		this.#isWriting = false;
		this.#waiting = '';
		this.#disk.close(this.#descriptor);
	}
}

function openTrace(path: string, disk: TraceDisk): number {
	const descriptor = openForAppending(path, disk);
	try {
		const problem = whyNoTrace(descriptor, disk);
		if (problem === '') return descriptor;
		throw new RunError(exitCodes.cannotWriteLog, `--trace ${path}: ${problem}`, {
			hint: 'A trace holds addresses and what servers say: it goes into a file of its own. Name a new one.',
		});
	} catch (error) {
		disk.close(descriptor);
		throw error instanceof RunError ? error : cannotOpen(path, error);
	}
}

function openForAppending(path: string, disk: TraceDisk): number {
	try {
		return disk.open(path, traceFlags, 0o600);
	} catch (error) {
		throw cannotOpen(path, error);
	}
}

function cannotOpen(path: string, cause: unknown): RunError {
	const isLink = errorCode(cause) === 'ELOOP';
	const problem = isLink ? 'it is a symbolic link, and links are not followed' : describeFileError(cause);
	return new RunError(exitCodes.cannotWriteLog, `--trace ${path}: ${problem}`, {
		hint: isLink ? 'Name the file itself.' : 'Check the folder and who may write there.',
		cause,
	});
}

function whyNoTrace(descriptor: number, disk: TraceDisk): string {
	const { isFile, isOurs, mode, sizeBytes } = disk.facts(descriptor);
	if (!isFile) return 'that is no regular file';
	if (!isOurs) return 'that file belongs to somebody else';
	if ((mode & 0o077) !== 0) return 'others may read or write that file';
	if (sizeBytes === 0 || firstLine.test(disk.beginning(descriptor))) return '';
	return 'that file exists and is no trace';
}
