/** What a failed delivery means: the classifier of replies, told what a notice knows (reference/bounces.md §1, rules 1, 3, 7, 8). */
import type { Classify } from '../classify.ts';
import type { Refusal } from '../refusal.ts';
import { replyFromText } from '../reply-from-text.ts';
import { type SaidReply, saidReply } from './said-reply.ts';
import { saysNothing } from './typed-value.ts';

export interface Failure {
	/** What was said, in one line; '' when nothing is known. */
	readonly said: string;
	/** Of a Status field; '' for none. */
	readonly status: string;
	/** Bounce: given up. Delay: still being tried. */
	readonly kind: 'bounce' | 'delay';
	/** Who said it, as far as known; helps with replies that mean different things at different providers. */
	readonly provider: string;
}

export interface Meaning {
	readonly refusal: Refusal;
	readonly reply: SaidReply;
	/** Code that fits what was said; '' when there is none, or x.0.0. */
	readonly enhancedCode: string;
	/** The words decided, not a number. */
	readonly isByText: boolean;
}

/** Text decides before the status, the status before the reply code. Never throws. */
export function meaningOf({ said, status, kind, provider }: Failure, classify: Classify): Meaning {
	const reply = saidReply(said);
	const usable = saysNothing(status) ? '' : status;
	const code = reply.code !== 0 ? reply.code : fallbackCode(reply.enhancedCode || usable, kind);
	const ofClass = String(code).charAt(0);
	const known = [reply.enhancedCode, usable].find((each) => !saysNothing(each) && each.startsWith(ofClass)) ?? '';
	const read = replyFromText(reply.text, code);
	const asRead = { ...read, code, enhancedCode: known !== '' ? known : read.enhancedCode };
	const refusal = classify({ reply: asRead, stage: reply.stage, via: 'mx', provider });
	const enhancedCode = known !== '' ? known : saysNothing(reply.enhancedCode) ? usable : reply.enhancedCode;
	const isGuess = refusal.rule.startsWith('code:') && reply.code === 0 && code < 500;
	const meant = isGuess ? noAnswer : kind === 'bounce' ? givenUp(refusal) : refusal;
	return { refusal: meant, reply, enhancedCode, isByText: isByText(meant) && !isGuess };
}

/** Still trying, or tried for days, and nobody says why: the way there is closed. */
const noAnswer: Refusal = { type: 'soft', category: 'network', action: 'retry', rule: 'kind:no-answer' };

function fallbackCode(status: string, kind: 'bounce' | 'delay'): number {
	if (status === '') return kind === 'delay' ? 450 : 550;
	return status.startsWith('4') ? 450 : 550;
}

function isByText({ rule }: Refusal): boolean {
	return !rule.startsWith('code:') && !rule.startsWith('enhanced:');
}

/** Rule 7: a temporary "no such user" becomes a lasting one with the last try. */
function givenUp(refusal: Refusal): Refusal {
	return refusal.type === 'hard' && refusal.action === 'retry' ? { ...refusal, action: 'suppress' } : refusal;
}
