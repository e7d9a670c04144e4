/**
 * Decides what a refusal means: whose fault it is and what to do (reference/bounces.md §1).
 *
 *     stage -> provider -> text -> enhanced code -> reply code
 *
 * Text beats codes because codes lie: most 5xx are about us and not about the address. The rules are data in rules/; each carries a reply that
 * it must decide. What no rule knows ends as `unknown`, and nobody is suppressed for it.
 */
import type { Stage } from '../smtp/outcome.ts';
import type { Reply } from '../smtp/reply.ts';
import { categoryDefaults } from './category.ts';
import { meaningOfEnhancedCode } from './enhanced-codes.ts';
import { normaliseReply } from './normalise-reply.ts';
import type { BounceAction, BounceCategory, Refusal } from './refusal.ts';
import { replyCodes } from './reply-codes.ts';
import type { ReplyRule } from './rules/reply-rule.ts';
import { replyRules } from './rules/reply-rules.ts';
import { ruleMatcher } from './rules/rule-matcher.ts';
import { beforeRecipient, refusedLogin } from './stage-rules.ts';

export interface RefusedCommand {
	readonly reply: Reply;
	readonly stage: Stage;
	/** Who speaks: our own submission server, or the recipient's MX. */
	readonly via: 'relay' | 'mx';
	/** Name of the provider or its server in any spelling (`gmail`, `smtp.gmail.com`); '' when unknown. Only a few rules need it. */
	readonly provider: string;
}

export type Classify = (refused: RefusedCommand) => Refusal;

/** Never throws, whatever the reply; takes microseconds, whatever its size. */
export const classify: Classify = classifierOf(replyRules);

/** A classifier with tables of its own: the first table with a rule that fits decides, so put yours before `replyRules` to overrule these. */
export function classifierOf(...tables: readonly (readonly ReplyRule[])[]): Classify {
	const matchers = tables.map(ruleMatcher);
	return ({ reply, stage, via, provider }) => {
		const { text, enhanced } = normaliseReply(reply);
		const replyClass = reply.code < 500 ? 4 : 5;
		let rule: ReplyRule | null = null;
		for (const findRule of matchers) rule ??= findRule(text, { replyClass, via, provider });
		const meaning = rule === null ? byCode(enhanced, { code: reply.code, via }) : byRule(rule, { replyClass, via });
		return stage === 'auth'
			? refusedLogin(meaning, { replyClass, via })
			: beforeRecipient(meaning, { stage, replyClass, via });
	};
}

function byRule(rule: ReplyRule, said: { readonly replyClass: 4 | 5; readonly via: 'relay' | 'mx' }): Refusal {
	const id = `${kindOf(rule)}:${rule.id}`;
	if (said.via === 'relay' && rule.atRelay !== undefined) {
		return refusal(id, rule.atRelay.category, { replyClass: said.replyClass, action: rule.atRelay.action });
	}
	const action = said.replyClass === 4 ? rule.actionOn4xx : rule.action;
	const usual = refusal(id, rule.category, { replyClass: said.replyClass, action });
	return rule.type === undefined ? usual : { ...usual, type: rule.type };
}

function kindOf(rule: ReplyRule): string {
	if (rule.origin === 'user') return 'own';
	return rule.provider === undefined ? 'text' : 'provider';
}

function byCode(enhanced: string, { code, via }: { readonly code: number; readonly via: 'relay' | 'mx' }): Refusal {
	const replyClass = code < 500 ? 4 : 5;
	// 5.1.0 says that some address is wrong; our own relay may mean the sender's.
	const byEnhanced = via === 'relay' && enhanced === '1.0' ? undefined : meaningOfEnhancedCode(enhanced);
	if (byEnhanced !== undefined && byEnhanced.category !== 'unknown') {
		// The action in the table is that of a 5yz: 450 4.2.1 without a word of explanation passes.
		const action = replyClass === 4 && byEnhanced.action === 'drop' ? undefined : byEnhanced.action;
		return refusal(`enhanced:${replyClass}.${enhanced}`, byEnhanced.category, { replyClass, action });
	}
	const byNumber = replyCodes.get(code);
	const category = byNumber?.category ?? 'unknown';
	// Our own relay says 551, 553 and 556 of senders, too: without a word of explanation nobody's address is dead for it.
	const saysTooLittle = via === 'relay' && categoryDefaults[category].type === 'hard';
	if (saysTooLittle) return refusal(`code:${code}`, 'unknown', { replyClass, action: undefined });
	return refusal(`code:${code}`, category, { replyClass, action: byNumber?.action });
}

function refusal(
	rule: string,
	category: BounceCategory,
	options: { readonly replyClass: 4 | 5; readonly action: BounceAction | undefined },
): Refusal {
	const usual = categoryDefaults[category];
	const action = options.action ?? (options.replyClass === 4 ? usual.actionOn4xx : usual.action);
	return { type: usual.type, category, action, rule };
}
