/** `mailshot explain REPLY...`: what a refusal means, in words or as JSON. */
import type { Classify } from '../bounces/classify.ts';
import type { Refusal } from '../bounces/refusal.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes, UsageError } from '../support/errors.ts';
import { type Asked, type ExplainDefaults, parseStage, parseVia, readAsked, stageWords } from './explain-input.ts';
import { renderExplanation } from './explain-view.ts';
import { paintFor } from './paint.ts';
import { readBounceRules } from './read-bounce-rules.ts';
import { waitForRoom } from './steady-output.ts';
import type { Surroundings } from './surroundings.ts';
import { layoutWidth } from './text-width.ts';

export interface ExplainFlags {
	readonly via?: string;
	readonly stage?: string;
	readonly provider?: string;
	readonly json?: boolean;
	readonly bounceRules?: string;
	readonly color?: boolean;
}

/** 0 also when some lines cannot be read: each of them is answered with what is wrong. UsageError for flags, RunError for the rules. */
export async function explainCommand(
	replies: readonly string[],
	flags: ExplainFlags,
	surroundings: Pick<Surroundings, 'stdin' | 'stdout' | 'stderr' | 'env' | 'clock'>,
): Promise<ExitCode> {
	const { stdin, stdout } = surroundings;
	const defaults = readDefaults(flags);
	const classify = await readBounceRules(flags.bounceRules);
	const answer = answerer(classify, flags, surroundings);
	const never = new AbortController().signal;
	let number = 0;
	for (const reply of unquoted(replies)) {
		if (reply !== '-') {
			number += 1;
			answer(readAsked(reply, defaults), number);
			continue;
		}
		for await (const lines of lineChunks(stdin)) {
			for (const line of lines) {
				const text = line.trim();
				if (text === '') continue;
				number += 1;
				answer(readAsked(text, defaults), number);
			}
			await waitForRoom(stdout, never);
		}
	}
	return exitCodes.done;
}

function readDefaults({ via, stage, provider = '' }: ExplainFlags): ExplainDefaults {
	const saidVia = via === undefined ? null : parseVia(via);
	if (via !== undefined && saidVia === null) throw new UsageError(`--via ${cleanText(via)} is neither relay nor mx`);
	const saidStage = stage === undefined ? null : parseStage(stage);
	if (stage !== undefined && saidStage === null) {
		throw new UsageError(`--stage ${cleanText(stage)} is none of ${stageWords}`);
	}
	return { via: saidVia, stage: saidStage, provider };
}

/** `mailshot explain 550 5.1.1 User unknown`: somebody forgot the quotes. Bare codes are replies of their own. */
function unquoted(replies: readonly string[]): readonly string[] {
	const [first = '', ...others] = replies;
	const isCode = (text: string): boolean => /^[2-5]\d\d-?$/.test(text);
	return isCode(first) && others.length > 0 && !others.some((text) => isCode(text) || text === '-')
		? [replies.join(' ')]
		: replies;
}

type Answer = (asked: Asked, number: number) => void;

function answerer(
	classify: Classify,
	{ json = false, color }: ExplainFlags,
	{ stdout, stderr, env, clock }: Pick<Surroundings, 'stdout' | 'stderr' | 'env' | 'clock'>,
): Answer {
	const look = {
		width: layoutWidth(stdout),
		paint: paintFor(stdout, { env, color: color !== false }),
		now: clock.now(),
	};
	const refuse = (problem: string, number: number, fields: Readonly<Record<string, unknown>>): void => {
		if (json) stdout.write(`${JSON.stringify({ ...fields, error: `reply ${number} ${problem}` })}\n`);
		else stderr.write(`reply ${number} ${problem}\n`);
	};
	return (asked, number) => {
		if (asked.kind === 'unreadable') return refuse(asked.problem, number, asked.fields);
		const { reply, stage, via, provider, fields, text } = asked.asked;
		if (reply.code < 400) return refuse(`is no refusal: ${reply.code} means yes`, number, withReply(fields, text));
		const refusal = classify({ reply, stage, via, provider });
		if (json) stdout.write(`${JSON.stringify({ ...withReply(fields, text), ...bounceFields(refusal) })}\n`);
		else stdout.write(renderExplanation({ asked: asked.asked, refusal }, look));
	};
}

/** What came as plain text has no fields of its own. */
function withReply(fields: Readonly<Record<string, unknown>>, text: string): Readonly<Record<string, unknown>> {
	return Object.keys(fields).length === 0 ? { reply: text } : fields;
}

function bounceFields({ type, category, action, rule }: Refusal): Readonly<Record<string, string>> {
	return { bounce_type: type, bounce_category: category, bounce_action: action, bounce_rule: rule };
}

/** A line may be a megabyte; a file may be gigabytes. */
async function* lineChunks(stdin: NodeJS.ReadableStream): AsyncGenerator<readonly string[]> {
	const decoder = new TextDecoder();
	let rest = '';
	for await (const chunk of stdin) {
		const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
		const lines = text.split('\n');
		lines[0] = rest + (lines[0] ?? '');
		rest = lines.pop() ?? '';
		yield lines;
	}
	yield [rest + decoder.decode()];
}
