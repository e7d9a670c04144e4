/**
 * Reads the rules that users add to ours (`--bounce-rules FILE`, YAML or JSON): a list, or a map with the list under `rules`.
 *
 *     - id: our-gateway            # the log shows it as own:our-gateway
 *       pattern: quarantined by acme gate.{0,40}   # see ReplyRule.pattern; capital letters stand for small ones
 *       category: policy           # one of the fifteen
 *       type: block                # hard, soft, block or unknown; the category's own when left out
 *       action: hold               # suppress, retry, slow, hold, stop or drop; the category's own when left out
 *       via: mx                    # only when an MX says it (or relay); both when left out
 *       provider: acme             # only at a provider whose name holds this
 *       sample: "554 5.7.1 Quarantined by Acme Gate (42)"   # a whole reply that the rule decides
 */
import { categoryDefaults } from '../category.ts';
import { classifierOf } from '../classify.ts';
import type { BounceAction, BounceCategory, BounceType } from '../refusal.ts';
import { replyFromText } from '../reply-from-text.ts';
import { patternCost } from './pattern-cost.ts';
import type { ReplyRule } from './reply-rule.ts';
import { replyRules } from './reply-rules.ts';
import { type RuleEntry, type RuleProblem, readRuleFile } from './rule-file.ts';

export type ParsedRules =
	| { readonly kind: 'parsed'; readonly rules: readonly ReplyRule[] }
	/** At least one, by line. */
	| { readonly kind: 'invalid'; readonly problems: readonly RuleProblem[] };

/** Ways to try a pattern at one place; a text has at most 2048 places, so the worst rule costs some milliseconds. */
const mostTries = 5000;
const longestPattern = 2000;

/** Never throws. Give the rules to `classifierOf(rules, replyRules)`: the first that fits decides, and all of them come before ours. */
export function parseRules(text: string): ParsedRules {
	const file = readRuleFile(text);
	const problems: RuleProblem[] = [...file.problems];
	const rules: ReplyRule[] = [];
	const lineOf = new Map<string, number>();
	for (const entry of file.entries) {
		const rule = readRule(entry, problems);
		if (rule === null) continue;
		const firstLine = lineOf.get(rule.id);
		if (firstLine !== undefined) {
			problems.push({ line: entry.line, problem: `the id "${rule.id}" is taken by the rule in line ${firstLine}` });
			continue;
		}
		lineOf.set(rule.id, entry.line);
		rules.push(rule);
	}
	if (problems.length === 0) problems.push(...undecidedSamples(rules, lineOf));
	problems.sort((one, other) => one.line - other.line);
	return problems.length === 0 ? { kind: 'parsed', rules } : { kind: 'invalid', problems };
}

const types: readonly BounceType[] = ['hard', 'soft', 'block', 'unknown'];
const actions: readonly BounceAction[] = ['suppress', 'retry', 'slow', 'hold', 'stop', 'drop'];
const sides = ['relay', 'mx'] as const;

function readRule(entry: RuleEntry, problems: RuleProblem[]): ReplyRule | null {
	const before = problems.length;
	const required = (name: string): string => {
		const value = entry.fields.get(name)?.text.trim() ?? '';
		if (value === '') problems.push({ line: entry.line, problem: `the rule has no ${name}` });
		return value;
	};
	const oneOf = <Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined => {
		const field = entry.fields.get(name);
		if (field === undefined) return undefined;
		const found = choices.find((choice) => choice === field.text.trim().replaceAll('-', '_'));
		if (found === undefined) {
			problems.push({ line: field.line, problem: `${name} "${field.text}" is none of ${choices.join(', ')}` });
		}
		return found;
	};
	const id = required('id');
	if (id !== '' && !/^[a-z0-9][a-z0-9._-]{0,59}$/.test(id)) {
		problems.push({
			line: entry.line,
			problem: `the id "${id}" is not made of small letters, digits, "-", "_" and "."`,
		});
	}
	const source = required('pattern');
	const sample = required('sample');
	required('category');
	const patternLine = entry.fields.get('pattern')?.line ?? entry.line;
	const pattern = source === '' ? null : compile(source, { line: patternLine, problems });
	const category = entry.fields.get('category')?.text.trim() === '' ? undefined : oneOf('category', allCategories());
	const type = oneOf('type', types);
	const action = oneOf('action', actions);
	const via = oneOf('via', sides);
	const provider = entry.fields.get('provider')?.text.trim() ?? '';
	if (action === 'suppress' && category !== undefined && (type ?? categoryDefaults[category].type) !== 'hard') {
		const line = entry.fields.get('action')?.line ?? entry.line;
		problems.push({ line, problem: 'action suppress needs type hard: only a dead address is suppressed' });
	}
	if (problems.length > before || pattern === null || category === undefined) return null;
	return {
		id,
		origin: 'user',
		pattern,
		category,
		...(type === undefined ? {} : { type }),
		...(action === undefined ? {} : { action }),
		...(action === undefined || action === 'suppress' ? {} : { actionOn4xx: action }),
		...(via === undefined ? {} : { onlyVia: via }),
		...(provider === '' ? {} : { provider: new RegExp(escaped(provider), 'i') }),
		sample,
		source: 'user',
	};
}

function allCategories(): BounceCategory[] {
	const names: BounceCategory[] = [];
	for (const name in categoryDefaults) if (isCategory(name)) names.push(name);
	return names;
}

function isCategory(name: string): name is BounceCategory {
	return Object.hasOwn(categoryDefaults, name);
}

function compile(
	source: string,
	{ line, problems }: { readonly line: number; readonly problems: RuleProblem[] },
): RegExp | null {
	const refuse = (problem: string): null => {
		problems.push({ line, problem });
		return null;
	};
	if (source.length > longestPattern) return refuse(`the pattern has more than ${longestPattern} characters`);
	let pattern: RegExp;
	try {
		pattern = new RegExp(lowerCase(source));
	} catch {
		// The engine's message repeats the whole pattern.
		return refuse('the pattern is no regular expression: is a bracket open, or a "?" or "*" where nothing can repeat?');
	}
	const cost = patternCost(pattern);
	if (cost.kind === 'refused') return refuse(`the pattern ${cost.problem}`);
	if (cost.tries > mostTries) {
		return refuse('the pattern has too many ways to fit, which can take forever: fewer or shorter gaps are needed');
	}
	return pattern.test('') ? refuse('the pattern fits every text') : pattern;
}

/** The text that rules see has no capital letters; `\S` and `\D` keep theirs. */
function lowerCase(source: string): string {
	return source.replace(/\\.|[^\\]/gs, (part) =>
		part.length > 1 && part.startsWith('\\') ? part : part.toLowerCase(),
	);
}

function escaped(text: string): string {
	return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** A rule that does not decide its own sample is not the rule that its author had in mind. */
function undecidedSamples(rules: readonly ReplyRule[], lineOf: ReadonlyMap<string, number>): RuleProblem[] {
	const classify = classifierOf(rules, replyRules);
	return rules.flatMap((rule): RuleProblem[] => {
		const refused = {
			reply: replyFromText(rule.sample),
			stage: 'rcpt',
			via: rule.onlyVia ?? 'mx',
			provider: rule.provider === undefined ? '' : rule.provider.source.replace(/\\(.)/g, '$1'),
		} as const;
		const decided = classify(refused).rule;
		if (decided === `own:${rule.id}`) return [];
		const line = lineOf.get(rule.id) ?? 0;
		const problem = `the sample of "${rule.id}" is decided by ${decided}, not by its own pattern`;
		return [{ line, problem }];
	});
}
