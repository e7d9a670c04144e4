/**
 * The fence (design.md §5): before a mark is used, journal and log must be the files that this run opened, and exactly as long as it left them.
 *
 * Appends have one order. A run that writes after our mark has read it, or finds the file longer than it knows and stops; so two runs never use marks
 * of the same journal, also without a lock.
 */
import { exitCodes, RunError } from '../../support/errors.ts';
import { shellWord } from '../../support/shell-word.ts';
import { describeFileError, type FileSystem } from '../file-system.ts';

/** A file as this run knows it. */
export interface FencedFile {
	readonly path: string;
	readonly descriptor: number;
	readonly device: bigint;
	readonly inode: bigint;
	/** Octets. */
	readonly length: number;
}

/** What happened to the file, as a phrase that goes on after its name; null when nothing did. Throws nothing. */
export function findTrespass(file: FencedFile, files: FileSystem): string | null {
	const { path, descriptor, device, inode, length } = file;
	try {
		const open = files.fstat(descriptor);
		const named = files.lstat(path);
		if (named === null) return open.links === 0 ? 'was deleted' : 'was moved or renamed';
		if (named.device !== device || named.inode !== inode) {
			return 'was replaced by another file, as editors and logrotate do';
		}
		if (open.sizeBytes > length) return `is ${octets(open.sizeBytes - length)} longer: another program wrote to it`;
		if (open.sizeBytes < length) return `is ${octets(length - open.sizeBytes)} shorter: it was truncated`;
		return null;
	} catch (error) {
		return `can no longer be looked at: ${describeFileError(error)}`;
	}
}

/** What a trespass does to a run that has begun: RunError 74. */
export function changedUnderRun(file: FencedFile, what: string, options: { readonly logPath: string }): RunError {
	return new RunError(exitCodes.logChanged, `${file.path} is not as this run left it: it ${what}`, {
		hint: [
			'Sending has stopped, and nothing more is written to the log or its journal.',
			'Keep other programs (editors, logrotate, a second mailshot) away from both, put back what was moved, and see what is in them:',
			`  mailshot log verify ${shellWord(options.logPath)}`,
		].join('\n'),
	});
}

function octets(count: number): string {
	return count === 1 ? '1 octet' : `${count} octets`;
}
