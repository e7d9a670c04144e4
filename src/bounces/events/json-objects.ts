/** Finds the JSON objects in a stream of text, however they are strung together: one a line, a list, pretty-printed, or one behind the other without anything between. */
import { StringDecoder } from 'node:string_decoder';
import type { JsonObject } from './event-format.ts';
import { objectIn } from './json-fields.ts';

export type FoundObject =
	/** `line` is where it begins, from 1. */
	{ readonly line: number; readonly object: JsonObject } | { readonly line: number; readonly problem: string };

const longestObject = 16 * 1024 * 1024;
const interesting = /["{}]/g;
const stringEnd = /["\\]/g;

/** In order, in memory that does not grow. An object that is torn costs itself and what follows on its line: the next line begins anew. */
export async function* jsonObjects(source: AsyncIterable<Uint8Array>): AsyncGenerator<FoundObject> {
	const scanner = new Scanner();
	for await (const line of linesOf(source)) yield* scanner.take(line);
	yield* scanner.end();
}

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
	const decoder = new StringDecoder('utf8');
	let rest: string[] = [];
	let restLength = 0;
	for await (const chunk of source) {
		const lines = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)).split('\n');
		for (const [index, text] of lines.entries()) {
			if (index > 0) {
				yield rest.join('');
				rest = [];
				restLength = 0;
			}
			// What is too long for an object is none: it only has to be seen that it was too long.
			if (restLength <= longestLine) rest.push(text);
			restLength += text.length;
		}
	}
	yield rest.join('') + decoder.end();
}

// A list on one line, as a webhook posts it.
const longestLine = 256 * 1024 * 1024;

class Scanner {
	#line = 0;
	/** Lines of an object that is not complete yet. */
	#pieces: string[] = [];
	#length = 0;
	#beganAt = 0;
	#depth = 0;

	*take(text: string): Generator<FoundObject> {
		this.#line += 1;
		// Nothing of what we read has an object within an object at the margin: the one before was torn.
		if (this.#depth > 0 && (text.startsWith('{') || this.#length > longestObject)) yield this.#torn();
		let start = 0;
		let at = 0;
		for (;;) {
			interesting.lastIndex = at;
			const found = interesting.exec(text);
			if (found === null) break;
			at = found.index + 1;
			if (found[0] === '"') {
				at = endOfString(text, at);
				if (at !== -1) continue;
				if (this.#depth > 0) yield this.#torn();
				else yield { line: this.#line, problem: 'is no JSON' };
				return;
			}
			if (found[0] === '{') {
				if (this.#depth === 0) {
					if (isJunk(text.slice(start, found.index))) yield { line: this.#line, problem: 'is no JSON' };
					start = found.index;
					this.#beganAt = this.#line;
				}
				this.#depth += 1;
				continue;
			}
			if (this.#depth === 0) continue;
			this.#depth -= 1;
			if (this.#depth > 0) continue;
			yield this.#complete(text.slice(start, at));
			start = at;
		}
		if (this.#depth > 0) this.#keep(start === 0 ? text : text.slice(start));
		else if (isJunk(text.slice(start))) yield { line: this.#line, problem: 'is no JSON' };
	}

	*end(): Generator<FoundObject> {
		if (this.#depth > 0) yield this.#torn();
	}

	#keep(text: string): void {
		this.#pieces.push(text);
		this.#length += text.length;
	}

	#complete(text: string): FoundObject {
		this.#keep(text);
		const object = objectIn(this.#pieces.join('\n'));
		this.#forget();
		return object === null ? { line: this.#beganAt, problem: 'is no JSON' } : { line: this.#beganAt, object };
	}

	#torn(): FoundObject {
		this.#forget();
		return { line: this.#beganAt, problem: 'has no end' };
	}

	#forget(): void {
		this.#pieces = [];
		this.#length = 0;
		this.#depth = 0;
	}
}

/** Behind the closing quote; -1 when the line ends before. */
function endOfString(text: string, from: number): number {
	let at = from;
	for (;;) {
		stringEnd.lastIndex = at;
		const found = stringEnd.exec(text);
		if (found === null) return -1;
		if (found[0] === '"') return found.index + 1;
		at = found.index + 2;
	}
}

/** More than what holds a list together. */
function isJunk(between: string): boolean {
	return /[^\s,[\]\ufeff]/.test(between);
}
