/** Reads what `mailshot explain` is asked: a reply as typed, or a JSON object with a reply and what is known about it. */
import { replyFromText } from '../bounces/reply-from-text.ts';
import { stageFromText } from '../bounces/stage-from-text.ts';
import type { Stage } from '../smtp/outcome.ts';
import type { Reply } from '../smtp/reply.ts';

/** What holds for replies that do not say it themselves; null where nobody said it. */
export interface ExplainDefaults {
	readonly via: 'relay' | 'mx' | null;
	readonly stage: Stage | null;
	readonly provider: string;
}

export interface AskedReply {
	/** As it came, for people. */
	readonly text: string;
	readonly reply: Reply;
	readonly stage: Stage;
	readonly via: 'relay' | 'mx';
	readonly provider: string;
	/** What else the JSON object held; passed through. */
	readonly fields: Readonly<Record<string, unknown>>;
}

export type Asked =
	| { readonly kind: 'asked'; readonly asked: AskedReply }
	| { readonly kind: 'unreadable'; readonly problem: string; readonly fields: Readonly<Record<string, unknown>> };

/** Other names under which people and tools know the stages. */
const stageNames: Readonly<Record<string, Stage>> = {
	connect: 'connect',
	connection: 'connect',
	conn: 'connect',
	greeting: 'greeting',
	banner: 'greeting',
	ehlo: 'ehlo',
	helo: 'ehlo',
	starttls: 'starttls',
	tls: 'starttls',
	auth: 'auth',
	login: 'auth',
	mail: 'mail',
	'mail from': 'mail',
	rcpt: 'rcpt',
	'rcpt to': 'rcpt',
	data: 'data',
	content: 'content',
	verdict: 'verdict',
	'end of data': 'verdict',
	eom: 'verdict',
	dot: 'verdict',
};
export const stageWords = 'connect, greeting, ehlo, starttls, auth, mail, rcpt, data, content or verdict';

export function parseStage(text: string): Stage | null {
	const name = text.trim().toLowerCase().replaceAll('_', ' ');
	return Object.hasOwn(stageNames, name) ? (stageNames[name] ?? null) : null;
}

export function parseVia(text: string): 'relay' | 'mx' | null {
	const name = text.trim().toLowerCase();
	return name === 'relay' || name === 'mx' ? name : null;
}

/** One line of input, or one argument: JSON when it is an object, a reply otherwise. */
export function readAsked(line: string, defaults: ExplainDefaults): Asked {
	if (line.trimStart().startsWith('{')) return readObject(line, defaults);
	return { kind: 'asked', asked: ask(withLineFeeds(line), { ...defaults, code: 0, enhancedCode: '', fields: {} }) };
}

function readObject(line: string, defaults: ExplainDefaults): Asked {
	let fields: unknown;
	try {
		fields = JSON.parse(line);
	} catch {
		return { kind: 'unreadable', problem: 'begins like a JSON object and is none', fields: {} };
	}
	if (!isRecord(fields)) return { kind: 'unreadable', problem: 'is no JSON object', fields: {} };
	// A row of our own log has its reply under other names.
	const { reply = fields['smtp_response'], via, stage = fields['smtp_stage'], provider } = fields;
	const text = Array.isArray(reply) ? reply.filter((each) => typeof each === 'string').join('\n') : reply;
	const code = Number(fields['code'] ?? fields['smtp_code'] ?? 0);
	const enhancedCode = textOf(fields['enhanced_code'] ?? '');
	if (typeof text !== 'string') {
		return { kind: 'unreadable', problem: 'has no "reply" that is a text', fields };
	}
	const saidVia = parseVia(textOf(via)) ?? (fields['source'] === 'smtp' ? 'relay' : defaults.via);
	const asked = ask(withLineFeeds(text), {
		via: saidVia,
		stage: parseStage(textOf(stage)) ?? defaults.stage,
		provider: textOf(provider) || defaults.provider,
		code: Number.isInteger(code) && code >= 400 && code <= 599 ? code : 0,
		enhancedCode,
		fields,
	});
	return { kind: 'asked', asked };
}

interface Known extends ExplainDefaults {
	/** 0 and '' when not given beside the text. */
	readonly code: number;
	readonly enhancedCode: string;
	readonly fields: Readonly<Record<string, unknown>>;
}

function ask(text: string, { via, stage, provider, code, enhancedCode, fields }: Known): AskedReply {
	const read = replyFromText(text, code === 0 ? codeOfEnhanced(enhancedCode) : code);
	const isOfClass = enhancedCode.startsWith(`${String(read.code).charAt(0)}.`);
	const isUsed = read.enhancedCode === '' && isOfClass && /^[45]\.\d{1,3}\.\d{1,3}$/.test(enhancedCode);
	return {
		text,
		reply: isUsed ? { ...read, enhancedCode } : read,
		stage: stage ?? stageFromText(text) ?? 'rcpt',
		via: via ?? 'mx',
		provider,
		fields,
	};
}

function codeOfEnhanced(enhancedCode: string): number {
	return enhancedCode.startsWith('4.') ? 450 : 550;
}

/** Shells and logs write line feeds as `\n`. */
function withLineFeeds(text: string): string {
	return text.replaceAll('\\r\\n', '\n').replaceAll('\\n', '\n');
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
