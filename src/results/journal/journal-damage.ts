/** A journal that cannot be gone on with: where, what, and what can be done. */
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { shellWord } from '../../support/shell-word.ts';
import { journalVersion } from './journal-record.ts';

export type JournalDamage =
	| {
			readonly kind: 'damaged';
			/** Octets of the file: the damage begins between `offset` and `end`. */
			readonly offset: number;
			readonly end: number;
			/** From 1; the first line that may be meant. */
			readonly line: number;
			readonly what: string;
	  }
	| {
			readonly kind: 'newer';
			readonly offset: number;
			readonly line: number;
			readonly version: number;
			readonly tool: string;
	  };

/** Says what the damage is, without the name of the file. */
export function describeDamage(damage: JournalDamage): string {
	const { offset, line } = damage;
	if (damage.kind === 'newer') {
		return `was written by ${damage.tool === '' ? 'a newer mailshot' : cleanText(damage.tool, 60)} (journal version ${damage.version}, line ${line})`;
	}
	const place =
		damage.end > offset
			? `between octets ${offset} and ${damage.end} (from line ${line} on)`
			: `at octet ${offset} (line ${line})`;
	return `is damaged ${place}: ${damage.what}`;
}

/** RunError 74. */
export function damagedJournal(path: string, damage: JournalDamage, options: { readonly logPath: string }): RunError {
	const log = shellWord(options.logPath);
	if (damage.kind === 'newer') {
		return new RunError(
			exitCodes.logChanged,
			`${path} ${describeDamage(damage)}, and this mailshot reads up to version ${journalVersion}`,
			{
				hint: 'Update mailshot. A reader that does not know all records could send to somebody twice.',
			},
		);
	}
	return new RunError(exitCodes.logChanged, `${path} ${describeDamage(damage)}`, {
		hint: [
			'This is not what a crash leaves, so nothing is sent and nothing is changed. To see what is whole, and to save it:',
			`  mailshot log verify ${log}`,
			`  mailshot log repair ${log}`,
		].join('\n'),
	});
}
