/** Reads one line of a suppression list the careful way: comment, entry, or what is wrong with it and how it is put right. */
import { cleanText } from '../../support/clean-text.ts';
import { trimCell } from '../parse-address.ts';
import { parseSuppressionKey, type SuppressionEntry } from './suppression-entry.ts';

export type SuppressionLine =
	| { readonly kind: 'entry'; readonly entry: SuppressionEntry }
	/** Blank, a comment, or a header of a CSV file. */
	| { readonly kind: 'nothing' }
	/** Somebody was taken off the list: who, as a hash, and when (milliseconds since 1970). */
	| { readonly kind: 'removal'; readonly key: string; readonly at: number }
	| { readonly kind: 'problem'; readonly problem: string };

/** Longer than any line that is meant: an address has at most 254 octets. */
export const maxLineOctets = 8192;

const nothing: SuppressionLine = { kind: 'nothing' };

/** `octets`: the line without its line end. Never throws. */
export function parseSuppressionLine(octets: Buffer): SuppressionLine {
	if (octets.length > maxLineOctets) return problem('the line is too long for an entry: one address a line');
	if (octets.includes(0)) return problem('there is a NUL character in the line');
	const text = octets.toString('utf8');
	if (text.startsWith('#')) return readComment(text);
	if (text.trim() === '') return nothing;
	if (text.includes('\ufffd')) {
		return problem('the line is not UTF-8: save the file as UTF-8, or take iconv -f windows-1252 -t utf-8');
	}
	if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text)) {
		return problem('there is a control character in the line (a lone CR? lines end with LF or CRLF)');
	}
	const fields = splitFields(text);
	if (fields === null) return problem('the quotes do not match (inside a field, a quote is written twice: "")');
	return readFields(fields.map(trimCell));
}

function readFields(fields: readonly string[]): SuppressionLine {
	const [who = '', reason = '', date = '', source = ''] = fields;
	if (who === '') return problem('the address is missing: address|@domain|sha256:<hex>,reason,date,source');
	// What spreadsheets and other programs put above a column of addresses.
	if (/^(?:e-?mail(?:[ _-]?address)?|address|recipient|key)$/i.test(who)) return nothing;
	const parsed = parseSuppressionKey(who);
	if (parsed.kind === 'key') return { kind: 'entry', entry: { key: parsed.key, reason, date, source } };
	const shown = `"${cleanText(who, 80)}" ${parsed.problem}`;
	const isOtherSeparator = /[;\t]/.test(who);
	return problem(isOtherSeparator ? `${shown} (fields are separated by commas)` : shown);
}

/** null when a quote is not closed or goes on behind its end. */
function splitFields(text: string): readonly string[] | null {
	if (!text.includes('"')) return text.split(',');
	const fields: string[] = [];
	const field = /\s*"((?:[^"]|"")*)"\s*(,|$)|([^",]*)(,|$)/y;
	for (;;) {
		const match = field.exec(text);
		if (match === null) return null;
		fields.push(match[1]?.replaceAll('""', '"') ?? match[3] ?? '');
		if ((match[2] ?? match[4]) !== ',') return fields;
	}
}

const removalStart = '# removed ';

/** What `suppress remove` leaves in place of an entry, so that the bounce of before does not bring it back. Plain addresses are not kept. */
export function formatRemoval(hashedKey: string, at: number): string {
	return `${removalStart}${hashedKey},${new Date(at).toISOString()}\n`;
}

function readComment(text: string): SuppressionLine {
	if (!text.startsWith(removalStart)) return nothing;
	const [key = '', date = ''] = text.slice(removalStart.length).split(',');
	const at = Date.parse(date);
	return /^sha256:[\da-f]{64}$/.test(key) && !Number.isNaN(at) ? { kind: 'removal', key, at } : nothing;
}

function problem(text: string): SuppressionLine {
	return { kind: 'problem', problem: text };
}
