/** Says in words what a refusal means: whose fault it is, whether the address is dead, what mailshot does about it, and what people can do. */
import type { BounceAction, BounceCategory, Refusal } from '../bounces/refusal.ts';

export interface Advice {
	/** Whose fault, and what became of the address; one or two sentences. */
	readonly fault: string;
	readonly mailshot: string;
	readonly you: string;
}

const faults: Readonly<Record<Refusal['type'], string>> = {
	hard: 'The address is dead.',
	soft: "Nobody's: it passes. The address is good as far as anybody knows.",
	block: 'Yours, or a rule of theirs: the address itself is fine.',
	unknown: 'Nobody can tell from this text. The address is kept.',
};

const actions: Readonly<Record<BounceAction, string>> = {
	suppress: 'Never writes to the address again: bounced, and on the suppression list when the run has one.',
	retry: 'Tries again later in the same run, then leaves it deferred: run the command again.',
	slow: 'Tries again with fewer connections and at a lower rate.',
	hold: 'Pauses for this provider; the messages stay deferred. Nobody is suppressed.',
	stop: 'Stops using this server, since the next recipient would hear the same. Everything else stays queued.',
	drop: 'Gives this message up (bounced) and keeps the address for the next campaign.',
};

const advice: Readonly<Record<BounceCategory, string>> = {
	invalid_recipient: 'Take the address out of the list. If many fail, find out where the list came from.',
	invalid_domain: 'Look for a typo in the domain; otherwise take the address out of the list.',
	inactive: 'Take the address out of the list: the mailbox was closed, or nobody has opened it for long.',
	mailbox_full: 'Nothing today. Take it out when it is still full after several campaigns: it is likely abandoned.',
	rate_limited: 'Nothing if it happens now and then. Otherwise send more slowly: --rate, fewer --concurrency.',
	greylisted: 'Nothing: it is accepted when the same server comes back in some minutes.',
	network: 'Nothing at first. If it lasts for days, look whether the domain still has a mail server (MX).',
	system: 'Nothing: their server has trouble of its own.',
	reputation:
		'Find out which list or provider holds it against your IP address or domain, and ask to be removed there once the cause is gone. Sending more makes it worse.',
	spam: 'Look at the message: links (also of trackers), attachments, subject. Send a test to a mailbox of your own there before you go on.',
	sender_auth:
		'Put your DNS right: SPF with this server in it, a DKIM signature of the From domain, DMARC that both are aligned with, and a PTR record that leads back. Then run the command again.',
	policy: 'Ask the recipient by another way to let your mail in, or leave the address out.',
	message: 'Look at size and form of the message: attachments, headers that are missing or doubled, long lines.',
	account:
		'Look into your account at the server that sends for you: login, sender addresses, quota, payment. Nothing goes out before.',
	unknown: 'Read the text yourself. If you know what it means, write a rule: --bounce-rules FILE.',
};

/** `replyClass`: a 4xx asks to be tried again, so a dead address is not yet dead. */
export function adviceFor(refusal: Refusal, { replyClass }: { readonly replyClass: 4 | 5 }): Advice {
	const { type, category, action } = refusal;
	const mayComeBack = type === 'hard' && action !== 'suppress';
	const fault = mayComeBack
		? replyClass === 4
			? 'The address seems dead, but the server asks to be tried again.'
			: 'The address may be dead; the text is too vague to suppress anybody for it.'
		: category === 'account'
			? 'Yours: your account at the server that sends for you. It says nothing about the address.'
			: faults[type];
	return { fault, mailshot: actions[action], you: advice[category] };
}
