/** What is wrong with lines of suppression lists, all of it in one error: somebody who is not suppressed by mistake would be written to. */
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { shellWord } from '../../support/shell-word.ts';

const shownProblems = 20;

export class SuppressionProblems {
	readonly #shown: string[] = [];
	#count = 0;

	add(path: string, line: number, problem: string): void {
		this.#count += 1;
		if (this.#shown.length < shownProblems) this.#shown.push(`${cleanText(path)}:${line}: ${problem}`);
	}

	/** RunError 65 for a file that is no text in UTF-8 at all; `first`: its first line. */
	assertReadable(path: string, first: Buffer): void {
		const isMarked = (first[0] === 0xff && first[1] === 0xfe) || (first[0] === 0xfe && first[1] === 0xff);
		const isBare = first.length >= 4 && (first[0] === 0) !== (first[1] === 0) && (first[2] === 0) !== (first[3] === 0);
		if (isMarked || isBare) {
			throw new RunError(exitCodes.badInput, `${cleanText(path)} is UTF-16, and a suppression list is UTF-8`, {
				hint: `iconv -f UTF-16 -t UTF-8 ${shellWord(path)} > suppress.csv`,
			});
		}
		if (first.length >= 2 && first[0] === 0x1f && first[1] === 0x8b) {
			throw new RunError(exitCodes.badInput, `${cleanText(path)} is compressed (gzip)`, {
				hint: `gunzip -c ${shellWord(path)} > suppress.csv`,
			});
		}
	}

	/** RunError 65. */
	throwIfAny(): void {
		const [first] = this.#shown;
		if (first === undefined) return;
		const more = this.#count - this.#shown.length;
		const fix = 'Correct or remove the line, or write a # in front of it.';
		if (this.#count === 1) throw new RunError(exitCodes.badInput, first, { hint: fix });
		throw new RunError(exitCodes.badInput, `${this.#count} lines of the suppression list are no entries`, {
			hint: [
				...this.#shown,
				...(more > 0 ? [`and ${more} more`] : []),
				fix.replace('the line', 'these lines').replace('it.', 'them.'),
			].join('\n'),
		});
	}
}
