/** Header fields out of a text (RFC 5322 §2.2, encoded words of RFC 2047): of a mail, of the message that came back, or quoted in a notice. */
import { decodeWords } from 'postal-mime';
import type { HeaderFields } from './mail-parts.ts';

interface Field {
	readonly name: string;
	readonly value: string;
}

const maxFields = 2000;
/** What is longer is no field that anybody reads; a hostile one of a megabyte must not be decoded. */
const maxValueLength = 16_384;
const fieldLine = /^([!-9;-~]{1,76})[ \t]*:(.*)$/s;

export const noFields: HeaderFields = headerFields([]);

export function headerFields(all: readonly Field[]): HeaderFields {
	const first = new Map<string, string>();
	for (const { name, value } of all) if (!first.has(name)) first.set(name, value);
	return { all, get: (name) => first.get(name) ?? '' };
}

/** The fields that `lines` begin with, up to the first empty line or one that is no field. */
export function readHeaderFields(lines: Iterable<string>): HeaderFields {
	const fields: { name: string; value: string[]; length: number }[] = [];
	for (const line of lines) {
		if (line.trim() === '') break;
		const last = fields.at(-1);
		if ((line.startsWith(' ') || line.startsWith('\t')) && last !== undefined) {
			if (last.length < maxValueLength) last.value.push(line.slice(0, maxValueLength));
			last.length += line.length;
			continue;
		}
		const [, name, value] = fieldLine.exec(line) ?? [];
		if (name === undefined || value === undefined || fields.length === maxFields) break;
		fields.push({ name: name.toLowerCase(), value: [value], length: value.length });
	}
	return headerFields(fields.map(({ name, value }) => ({ name, value: readable(value.join('')) })));
}

/** The value of a field as people read it. */
export function readable(value: string): string {
	const cut = value.slice(0, maxValueLength);
	return (cut.includes('=?') ? decodeWords(cut) : cut).trim();
}

/** The lines of a text one after the other, without a copy of it all. */
export function* linesOf(text: string, from = 0): Generator<string> {
	for (let start = from; start < text.length; ) {
		const end = text.indexOf('\n', start);
		yield text.slice(start, end === -1 ? text.length : end);
		if (end === -1) return;
		start = end + 1;
	}
}
