/**
 * The fence (design.md §5): before a mark is used, journal and log must be the files that this run opened, and exactly as long as it left them.
 *
 * Appends have one order. A run that writes after our mark has read it, or finds the file longer than it knows and stops; so two runs never use marks
 * of the same journal, also without a lock.
 */
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, type FileSystem } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';

/** A file as this run knows it. */
export interface FencedFile {
	readonly path: string;
	readonly descriptor: number;
	readonly device: bigint;
	readonly inode: bigint;
	/** Octets. */
	readonly length: number;
}

export interface Trespass {
	/** A phrase that goes on after the file's name. */
	readonly what: string;
	/** What became of the octets that this run wrote; `gone` and `away`: its name has them no longer, and they may come back from where they are away. */
	readonly octets: 'there' | 'away' | 'gone';
}

/** Null: nothing happened to the file. Throws nothing. */
export function findTrespass(file: FencedFile, files: FileSystem): Trespass | null {
	const { path, descriptor, device, inode, length } = file;
	try {
		// The name still has the inode that is open, so this is the length of what is open, too: one call for each file of a group commit.
		const named = files.lstat(path);
		if (named === null && files.fstat(descriptor).links === 0) return { what: 'was deleted', octets: 'gone' };
		if (named === null) return { what: 'was moved or renamed', octets: 'away' };
		if (named.device !== device || named.inode !== inode) {
			return { what: 'was replaced by another file, as editors and logrotate do', octets: 'away' };
		}
		const surplus = named.sizeBytes - length;
		if (surplus > 0) return { what: `is ${octets(surplus)} longer: another program wrote to it`, octets: 'there' };
		if (surplus < 0) return { what: `is ${octets(-surplus)} shorter: it was truncated`, octets: 'away' };
		return null;
	} catch (error) {
		return { what: `can no longer be looked at: ${describeFileError(error)}`, octets: 'there' };
	}
}

/** What a trespass does to a run that has begun: RunError 74. What was written all the same is for CampaignLog to say. */
export function changedUnderRun(file: FencedFile, what: string, options: { readonly logPath: string }): RunError {
	return new RunError(exitCodes.logChanged, `${file.path} is not as this run left it: it ${what}`, {
		hint: [
			'Keep other programs (editors, logrotate, a second mailshot) away from both, put back what was moved, and see what is in them:',
			`  mailshot log verify ${shellWord(options.logPath)}`,
		].join('\n'),
	});
}

function octets(count: number): string {
	return count === 1 ? '1 octet' : `${count} octets`;
}
