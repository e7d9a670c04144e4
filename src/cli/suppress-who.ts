/** Who is meant on the command line of `mailshot suppress`: arguments, or lines of standard input. */
import { text } from 'node:stream/consumers';
import { parseAddress } from '../recipients/parse-address.ts';
import { keysThatCover, parseSuppressionKey } from '../recipients/suppression/suppression-entry.ts';
import { cleanText } from '../support/clean-text.ts';
import { UsageError } from '../support/errors.ts';
import type { Surroundings } from './surroundings.ts';

/** Normalised keys, each once, in the order in which they were named. UsageError that names all that are none. */
export async function keysNamed(
	who: readonly string[],
	{ stdin }: Pick<Surroundings, 'stdin'>,
): Promise<readonly string[]> {
	const words = who.includes('-') ? [...who.filter((word) => word !== '-'), ...(await linesOf(stdin))] : who;
	const problems: string[] = [];
	const keys = new Set<string>();
	for (const word of words) {
		const parsed = parseSuppressionKey(word);
		if (parsed.kind === 'key') keys.add(parsed.key);
		else problems.push(`"${cleanText(word, 80)}" ${parsed.problem}`);
	}
	const [first] = problems;
	if (first === undefined) return [...keys];
	throw new UsageError(problems.length === 1 ? first : `${problems.length} of them are no addresses`, {
		hint: problems.length === 1 ? 'An address, @domain, @.domain or sha256:<hex>.' : problems.slice(0, 20).join('\n'),
	});
}

async function linesOf(stdin: Surroundings['stdin']): Promise<readonly string[]> {
	if (stdin.isTTY === true) {
		throw new UsageError('- reads standard input, and that is this terminal', {
			hint: 'Pipe the addresses in, one a line.',
		});
	}
	const lines = (await text(stdin)).split(/\r\n|\n|\r/).map((line) => line.trim());
	return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

/** The entries by which somebody may stand on a list: of an address also its hash, its domain and those above. */
export function entriesFor(key: string): readonly string[] {
	if (key.startsWith('@') || !key.includes('@')) return [key];
	const parsed = parseAddress(key);
	return parsed.kind === 'address' ? keysThatCover(parsed.address) : [key];
}

/** Whose entry is only theirs: an address by itself, or by its hash. */
export function ownEntries(key: string): readonly string[] {
	return entriesFor(key).filter((entry) => entry === key || !entry.startsWith('@'));
}
