/** What the stage of a refusal rules out: before RCPT no recipient has been named, so nobody's address can be dead (reference/bounces.md §1, rule 1). */
import type { Stage } from '../smtp/outcome.ts';
import type { Refusal } from './refusal.ts';

/** The stages in which one recipient is known to the server. */
const recipientStages: ReadonlySet<Stage> = new Set<Stage>(['rcpt', 'data', 'content', 'verdict']);

interface Said {
	readonly replyClass: 4 | 5;
	readonly via: 'relay' | 'mx';
}

/** Turns what reads like a verdict on an address into one on us when it was said before the address. */
export function beforeRecipient(meaning: Refusal, said: Said & { readonly stage: Stage }): Refusal {
	if (recipientStages.has(said.stage)) return meaning;
	const aboutAddress = meaning.type === 'hard' || meaning.category === 'mailbox_full' || meaning.type === 'unknown';
	if (!aboutAddress) return meaning;
	const rule = `stage:${said.stage}`;
	if (said.replyClass === 4) return { type: 'soft', category: 'system', action: 'retry', rule };
	if (said.via === 'relay') return { type: 'block', category: 'account', action: 'stop', rule };
	// A full mailbox or an unknown user at MAIL FROM is our own bounce address; in the greeting it is our IP.
	if (said.stage === 'mail') return { type: 'block', category: 'sender_auth', action: 'stop', rule };
	return { type: 'block', category: 'reputation', action: 'hold', rule };
}

/** A refused login is about our account, except that a server may have trouble of its own for the moment. */
export function refusedLogin(meaning: Refusal, said: Said): Refusal {
	if (meaning.category === 'account') return meaning;
	const passing =
		meaning.category === 'system' || meaning.category === 'network' || meaning.category === 'rate_limited';
	if (said.replyClass === 4 && passing) return meaning;
	return { type: 'block', category: 'account', action: 'stop', rule: 'stage:auth' };
}
