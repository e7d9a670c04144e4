/** Reads the little of YAML that settings need: maps, lists and plain texts, each with its place. Everything else is refused. */
import {
	Composer,
	type CST,
	type Document,
	isAlias,
	isMap,
	isScalar,
	isSeq,
	LineCounter,
	type ParsedNode,
	Parser,
	type YAMLMap,
} from 'yaml';

/** Line and column count from 1. */
export interface Position {
	readonly line: number;
	readonly column: number;
}

export type ConfigNode =
	/** '' is what an empty value is, too. */
	| { readonly kind: 'text'; readonly text: string; readonly position: Position }
	| { readonly kind: 'list'; readonly items: readonly ConfigNode[]; readonly position: Position }
	| { readonly kind: 'map'; readonly entries: readonly ConfigEntry[]; readonly position: Position };

export interface ConfigEntry {
	readonly key: string;
	/** Of the key. */
	readonly position: Position;
	readonly value: ConfigNode;
}

export type ParsedConfig =
	/** Null: nothing but comments. */
	| { readonly kind: 'parsed'; readonly root: ConfigNode | null }
	| { readonly kind: 'invalid'; readonly problem: string; readonly position: Position };

class Refused extends Error {
	readonly offset: number;

	constructor(problem: string, offset: number) {
		super(problem);
		this.offset = offset;
	}
}

// Settings are two or three levels deep. The composer of yaml 2.9 calls itself once a level: 20,000 open brackets do not
// make it throw, they kill the process ("RegExpCompiler Allocation failed"). Its parser keeps a stack of its own.
const maxDepth = 10;

/**
 * Every value stays the text that was typed: `no` is no boolean (which country is meant?), 0755 no number, 18:00 not 1080.
 * Anchors, aliases, tags and merge keys are refused: with them a small file grows large, or reads otherwise than it looks.
 */
export function parseYaml(text: string): ParsedConfig {
	const lines = new LineCounter();
	const positionOf = (offset: number): Position => {
		const { line, col } = lines.linePos(offset);
		return { line: Math.max(line, 1), column: Math.max(col, 1) };
	};
	try {
		const tokens = [...new Parser(lines.addNewLine).parse(text)];
		refuseDepth(tokens);
		const documents = [...new Composer({ schema: 'failsafe', lineCounter: lines }).compose(tokens)];
		return { kind: 'parsed', root: readDocuments(documents, positionOf) };
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		return { kind: 'invalid', problem: error.message, position: positionOf(error.offset) };
	}
}

function refuseDepth(tokens: readonly CST.Token[]): void {
	const waiting: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const { token, depth } = next;
		if (depth > maxDepth) throw new Refused('goes too deep: settings have two or three levels', token.offset);
		if (token.type === 'document' && token.value !== undefined) waiting.push({ token: token.value, depth });
		if (!('items' in token)) continue;
		for (const { key, value } of token.items) {
			if (key !== undefined && key !== null) waiting.push({ token: key, depth: depth + 1 });
			if (value !== undefined) waiting.push({ token: value, depth: depth + 1 });
		}
	}
}

function readDocuments(
	documents: readonly Document.Parsed[],
	positionOf: (offset: number) => Position,
): ConfigNode | null {
	const [document, second] = documents;
	if (document === undefined) return null;
	const [error] = document.errors;
	if (error !== undefined) throw new Refused(explain(error.code), error.pos[0]);
	if (second !== undefined) {
		throw new Refused('holds a second document (after ---): one file, one set of settings', second.range[0]);
	}
	return document.contents === null ? null : readNode(document.contents, positionOf);
}

function readNode(node: ParsedNode, positionOf: (offset: number) => Position): ConfigNode {
	const offset = node.range[0];
	const position = positionOf(offset);
	// What stands there is not repeated: it may be the beginning of a password.
	if (isAlias(node))
		throw new Refused('has an alias, a value that begins with "*": write it out, or in quotes', offset);
	if (node.anchor !== undefined)
		throw new Refused('has an anchor, "&": leave it out, or put the value in quotes', offset);
	if (node.tag !== undefined) throw new Refused('has a tag, "!": leave it out, or put the value in quotes', offset);
	if (isScalar(node)) return { kind: 'text', text: String(node.value), position };
	if (isSeq(node)) {
		const items = node.items.map((item) => readNode(item, positionOf));
		return { kind: 'list', items, position };
	}
	return { kind: 'map', entries: readEntries(node, positionOf), position };
}

function readEntries(map: YAMLMap, positionOf: (offset: number) => Position): ConfigEntry[] {
	return map.items.map((pair) => {
		const { key, value } = pair;
		if (!isParsed(key) || !isScalar(key)) throw new Refused('has a key that is no plain word', map.range?.[0] ?? 0);
		const read = readNode(key, positionOf);
		if (read.kind !== 'text') throw new Refused('has a key that is no plain word', key.range[0]);
		return {
			key: read.text,
			position: read.position,
			value: isParsed(value) ? readNode(value, positionOf) : { kind: 'text', text: '', position: read.position },
		};
	});
}

/** Not null, and not a pair without its node. */
function isParsed(node: unknown): node is ParsedNode {
	return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
}

/** In our words: the library's may repeat what stands there, which may be a password. */
function explain(code: string): string {
	switch (code) {
		case 'TAB_AS_INDENT':
			return 'has a tab at the beginning of the line: YAML is indented with spaces';
		case 'DUPLICATE_KEY':
			return 'has a key that is there already: take one of them out';
		case 'BLOCK_AS_IMPLICIT_KEY':
			return 'has a second ": " in the line: put the value in quotes';
		case 'MULTIPLE_DOCS':
			return 'holds a second document (after ---): one file, one set of settings';
		case 'BAD_SCALAR_START':
			return 'has a value that begins with @, ` or %: put it in quotes';
		case 'BAD_DQ_ESCAPE':
			return 'has a backslash that means nothing in double quotes: use single quotes';
		case 'BAD_INDENT':
			return 'is not indented as the lines around it';
		case 'MISSING_CHAR':
		case 'MULTILINE_IMPLICIT_KEY':
			return 'lacks a character: a closing quote or bracket, or the ": " behind a key';
		default:
			return 'cannot be read as YAML';
	}
}
