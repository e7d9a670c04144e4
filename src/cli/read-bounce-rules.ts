/** `--bounce-rules FILE`: a classifier with the rules of the user before ours. For send, bounces and explain. */
import { readFileSync } from 'node:fs';
import { type Classify, classifierOf, classify } from '../bounces/classify.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError } from '../support/file-system.ts';
import { shellWord } from '../support/shell-word.ts';

const mostShown = 10;

/** Ours alone without a path. RunError 66 when the file cannot be read, 78 with every rule that is wrong, by line. */
export async function readBounceRules(path: string | undefined): Promise<Classify> {
	if (path === undefined) return classify;
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (cause) {
		const problem = `bounce rules ${cleanText(path)} cannot be read: ${describeFileError(cause)}`;
		throw new RunError(exitCodes.missingInput, problem, { hint: `ls -l ${shellWord(path)}`, cause });
	}
	// They bring a YAML reader, which a run without rules of its own need not load.
	const { parseRules } = await import('../bounces/rules/parse-rules.ts');
	const { replyRules } = await import('../bounces/rules/reply-rules.ts');
	const parsed = parseRules(text);
	if (parsed.kind === 'parsed') return classifierOf(parsed.rules, replyRules);
	const [first, ...others] = parsed.problems.map(({ line, problem }) => `line ${line}: ${cleanText(problem)}`);
	const more = others.length >= mostShown ? [`and ${others.length - mostShown + 1} more`] : [];
	throw new RunError(exitCodes.badConfiguration, `bounce rules ${cleanText(path)}, ${first ?? ''}`, {
		hint: [...others.slice(0, mostShown - 1), ...more].join('\n'),
	});
}
