/** Says in plain words what a bounce category means, for the summary on the terminal. */
import type { BounceCategory } from './refusal.ts';

const phrases: Readonly<Record<BounceCategory, string>> = {
	invalid_recipient: 'no such user',
	invalid_domain: 'no such domain, or it takes no mail',
	inactive: 'mailbox disabled or abandoned',
	mailbox_full: 'mailbox full',
	rate_limited: 'too much or too fast for the server',
	greylisted: 'asked to come back in some minutes',
	network: 'the server could not be reached',
	system: 'trouble on the receiving server',
	reputation: 'about you: IP or domain reputation',
	spam: 'about you: content taken for spam or a virus',
	sender_auth: 'about you: SPF, DKIM, DMARC or DNS',
	policy: "against the receiver's rules",
	message: 'about you: size or form of the message',
	account: 'about you: login, quota or sender at your mail server',
	unknown: 'reason not understood',
};

/** One short phrase, lower case, no full stop. */
export function describeCategory(category: BounceCategory): string {
	return phrases[category];
}
