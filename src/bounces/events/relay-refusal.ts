/** What a refusal means that a relay tells of: the words of the server beat the class that the relay puts it in. */
import { categoryDefaults } from '../category.ts';
import { classify } from '../classify.ts';
import type { BounceAction, BounceCategory, Refusal } from '../refusal.ts';
import { meaningOf } from '../returned/refusal-of.ts';

/** The relay's own class of what happened, where it comes closest to ours. */
export interface RelayClass {
	/** For the log: `ses:transient/mailboxfull`. */
	readonly rule: string;
	readonly category: BounceCategory;
	/** Where the usual action of the category does not fit. */
	readonly action?: BounceAction;
	/** The relay says this of itself, and no server answered anything. */
	readonly isOwn?: boolean;
}

export interface RelayFailure {
	/** What the server said; '' when the relay does not tell. */
	readonly said: string;
	/** The enhanced code in a field of its own; '' for none. */
	readonly status: string;
	readonly kind: 'bounce' | 'delay';
	readonly relayClass: RelayClass;
}

/** The parts of a report that tell why. */
export interface RelayRefusal {
	readonly reply: string;
	readonly enhancedCode: string;
	readonly server: string;
	readonly refusal: Refusal;
}

export function relayRefusal({ said, status, kind, relayClass }: RelayFailure): RelayRefusal {
	const reply = replyLineOf(said);
	const meaning = meaningOf({ said: reply, status, kind, provider: '' }, classify);
	const { refusal, enhancedCode } = meaning;
	// A number that nobody said is the fallback of the classifier, and worth less than the class.
	const isSaid = meaning.isByText || refusal.rule.startsWith('enhanced:') || meaning.reply.code !== 0;
	const isKnown = relayClass.isOwn !== true && isSaid && refusal.category !== 'unknown';
	return {
		reply,
		enhancedCode,
		server: meaning.reply.server,
		refusal: isKnown ? refusal : ownRefusal(relayClass, kind),
	};
}

function ownRefusal({ rule, category, action }: RelayClass, kind: 'bounce' | 'delay'): Refusal {
	const usual = categoryDefaults[category];
	return { type: usual.type, category, action: kind === 'delay' ? usual.actionOn4xx : (action ?? usual.action), rule };
}

const longestReply = 4096;

/** One line; a `smtp; ` in front (RFC 3464 §2.3.6) says only that it is a reply. */
export function replyLineOf(text: string): string {
	return text
		.slice(0, longestReply)
		.replace(/^\s{0,20}smtp\s{0,20};/i, '')
		.replace(/\s+/g, ' ')
		.trim();
}

/** Out of `Ann <ann@example.com>`, as relays copy it from headers. */
export function bareAddress(text: string): string {
	const open = text.lastIndexOf('<');
	const close = text.indexOf('>', open);
	return (open === -1 || close === -1 ? text : text.slice(open + 1, close)).trim();
}

/** With angle brackets, '' for ''. */
export function bracketed(messageId: string): string {
	const bare = messageId.trim();
	return bare === '' || bare.startsWith('<') ? bare : `<${bare}>`;
}
