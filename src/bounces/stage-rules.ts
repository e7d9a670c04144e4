/** What the stage of a refusal rules out: before RCPT no recipient has been named, so nobody's address can be dead (reference/bounces.md §1, rule 1). */
import type { Stage } from '../smtp/outcome.ts';
import type { Refusal } from './refusal.ts';

/** The stages in which one recipient is known to the server. */
const recipientStages: ReadonlySet<Stage> = new Set<Stage>(['rcpt', 'data', 'content', 'verdict']);

interface Said {
	readonly replyClass: 4 | 5;
	readonly via: 'relay' | 'mx';
}

/** What may be said of one message at MAIL, by its parameters there: SIZE (RFC 1870 §6.1) and SMTPUTF8 (RFC 6531 §3.4). The next one may be fine. */
const aboutOneMessage: ReadonlySet<string> = new Set([
	'text:too-large',
	'enhanced:5.3.4',
	'enhanced:5.2.3',
	'text:smtputf8',
	'enhanced:5.6.7',
]);

/**
 * Turns what reads like a verdict on an address or a message into one on us when it was said before the address. The same answer waits for every
 * recipient, so it never drops one: it would settle the whole list.
 */
export function beforeRecipient(meaning: Refusal, said: Said & { readonly stage: Stage }): Refusal {
	if (recipientStages.has(said.stage)) return meaning;
	const aboutAddress = meaning.type === 'hard' || meaning.category === 'mailbox_full' || meaning.type === 'unknown';
	if (!aboutAddress) return withoutSettling(meaning, said);
	const rule = `stage:${said.stage}`;
	if (said.replyClass === 4) return { type: 'soft', category: 'system', action: 'retry', rule };
	if (said.via === 'relay') return { type: 'block', category: 'account', action: 'stop', rule };
	// A full mailbox or an unknown user at MAIL FROM is our own bounce address; in the greeting it is our IP.
	if (said.stage === 'mail') return { type: 'block', category: 'sender_auth', action: 'stop', rule };
	return { type: 'block', category: 'reputation', action: 'hold', rule };
}

function withoutSettling(meaning: Refusal, { stage, replyClass }: Said & { readonly stage: Stage }): Refusal {
	if (meaning.action !== 'drop' && meaning.action !== 'suppress') return meaning;
	if (stage === 'mail' && aboutOneMessage.has(meaning.rule)) return meaning;
	if (replyClass === 4) return { ...meaning, action: 'retry' };
	return { ...meaning, action: meaning.category === 'spam' || meaning.category === 'reputation' ? 'hold' : 'stop' };
}

/** A refused login is about our account, except that a server may have trouble of its own for the moment. */
export function refusedLogin(meaning: Refusal, said: Said): Refusal {
	if (meaning.category === 'account') return meaning;
	const passing =
		meaning.category === 'system' || meaning.category === 'network' || meaning.category === 'rate_limited';
	if (said.replyClass === 4 && passing) return meaning;
	return { type: 'block', category: 'account', action: 'stop', rule: 'stage:auth' };
}
