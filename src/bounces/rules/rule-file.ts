/** Takes a file of rules apart (YAML, or JSON, which is YAML): a list of flat maps, each value with its line. What it means is parse-rules.ts. */
import { Composer, type Document, isMap, isScalar, isSeq, LineCounter, Parser } from 'yaml';

export interface RuleProblem {
	/** From 1. */
	readonly line: number;
	readonly problem: string;
}

export interface RuleField {
	readonly text: string;
	readonly line: number;
}

export interface RuleEntry {
	readonly line: number;
	readonly fields: ReadonlyMap<string, RuleField>;
}

export interface RuleFile {
	readonly entries: readonly RuleEntry[];
	readonly problems: readonly RuleProblem[];
}

const fieldNames: ReadonlySet<string> = new Set([
	'id',
	'pattern',
	'category',
	'type',
	'action',
	'via',
	'provider',
	'sample',
]);
const longestFile = 1024 * 1024;
/** A list of maps has three levels. The composer of yaml calls itself once a level and dies of 20,000. */
const deepest = 8;

/** Never throws. A file without rules is empty, not wrong. */
export function readRuleFile(text: string): RuleFile {
	const fail = (line: number, problem: string): RuleFile => ({ entries: [], problems: [{ line, problem }] });
	if (text.length > longestFile) return fail(1, 'the file is larger than 1 MB');
	const lines = new LineCounter();
	const lineAt = (offset: number): number => Math.max(lines.linePos(offset).line, 1);
	const tokens = [...new Parser(lines.addNewLine).parse(withoutTabs(text))];
	const deepOffset = deepToken(tokens);
	if (deepOffset !== null)
		return fail(lineAt(deepOffset), 'brackets or lists go too deep: rules are a list of flat maps');
	const documents = [...new Composer({ schema: 'failsafe', lineCounter: lines, strict: true }).compose(tokens)];
	const [document, second] = documents;
	if (document === undefined) return { entries: [], problems: [] };
	const [error] = document.errors;
	if (error !== undefined) {
		const said = error.message.split('\n')[0]?.replace(/ at line \d.*$/, '') ?? '';
		return fail(lineAt(error.pos[0]), `not YAML, nor JSON: ${said}. A pattern is best put in single quotes`);
	}
	if (second !== undefined) return fail(lineAt(second.range[0]), 'a second document (after ---) is not read');
	return readList(document, lineAt);
}

/** JSON may be indented with tabs, YAML may not. */
function withoutTabs(text: string): string {
	const plain = text.replace(/^\ufeff/, '');
	return /^\s*[[{]/.test(plain) ? plain.replace(/^[\t ]+/gm, (indent) => ' '.repeat(indent.length)) : plain;
}

interface TokenLike {
	readonly offset?: number;
	readonly value?: unknown;
	readonly key?: unknown;
	readonly items?: unknown;
}

function isToken(value: unknown): value is TokenLike {
	return typeof value === 'object' && value !== null;
}

function deepToken(tokens: readonly unknown[]): number | null {
	const waiting = tokens.map((token) => ({ token, depth: 0 }));
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const { token, depth } = next;
		if (!isToken(token)) continue;
		if (depth > deepest) return token.offset ?? 0;
		// A document and a pair are no levels of their own.
		waiting.push({ token: token.value, depth }, { token: token.key, depth });
		if (Array.isArray(token.items)) {
			for (const item of token.items) waiting.push({ token: item, depth: depth + 1 });
		}
	}
	return null;
}

function readList(document: Document.Parsed, lineAt: (offset: number) => number): RuleFile {
	const { contents } = document;
	const list = isMap(contents) ? contents.get('rules', true) : contents;
	if (list === null || (isScalar(list) && list.value === '')) return { entries: [], problems: [] };
	if (!isSeq(list)) {
		return { entries: [], problems: [{ line: 1, problem: 'rules are a list, or a map with the list under "rules"' }] };
	}
	const entries: RuleEntry[] = [];
	const problems: RuleProblem[] = [];
	for (const item of list.items) {
		const line = lineAt(offsetOf(item));
		if (!isMap(item)) {
			problems.push({ line, problem: 'a rule is a map with id, pattern, category and sample' });
			continue;
		}
		const fields = new Map<string, RuleField>();
		for (const { key, value } of item.items) {
			const name = isScalar(key) ? String(key.value) : '';
			const fieldLine = lineAt(offsetOf(key));
			if (!fieldNames.has(name)) {
				problems.push({ line: fieldLine, problem: `a rule has no "${name}", only ${[...fieldNames].join(', ')}` });
			} else if (value !== null && !isScalar(value)) {
				problems.push({ line: fieldLine, problem: `${name} is a text, not a list or a map` });
			} else fields.set(name, { text: value === null ? '' : String(value.value), line: fieldLine });
		}
		entries.push({ line, fields });
	}
	return { entries, problems };
}

function offsetOf(node: unknown): number {
	if (typeof node !== 'object' || node === null || !('range' in node)) return 0;
	const { range } = node;
	return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
}
