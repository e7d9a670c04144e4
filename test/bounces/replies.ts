/** The replies of test/fixtures/replies: providers.json is reference/bounces.md §4 (all 117), families.json what we know of the server families. */
import { readFileSync } from 'node:fs';
import { classify } from '../../src/bounces/classify.ts';
import type { Refusal } from '../../src/bounces/refusal.ts';
import { replyFromText } from '../../src/bounces/reply-from-text.ts';
import type { Stage } from '../../src/smtp/outcome.ts';

export interface KnownReply {
	readonly provider: string;
	readonly via: 'relay' | 'mx';
	readonly stage: Stage;
	readonly reply: string;
	readonly type: string;
	readonly category: string;
	readonly action: string;
}

export function knownReplies(name: 'providers' | 'families'): KnownReply[] {
	const file = new URL(`../fixtures/replies/${name}.json`, import.meta.url);
	const rows: KnownReply[] = JSON.parse(readFileSync(file, 'utf8'));
	return rows;
}

/** Classifies a reply as written down; at RCPT, said by an MX, provider unknown, unless told otherwise. */
export function meaningOf(
	text: string,
	said: { readonly stage?: Stage; readonly via?: 'relay' | 'mx'; readonly provider?: string } = {},
): Refusal {
	const { stage = 'rcpt', via = 'mx', provider = '' } = said;
	return classify({ reply: replyFromText(text), stage, via, provider });
}

export function verdictOf(meaning: {
	readonly type: string;
	readonly category: string;
	readonly action: string;
}): string {
	return `${meaning.type}/${meaning.category} ${meaning.action}`;
}
