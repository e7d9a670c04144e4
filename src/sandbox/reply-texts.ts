/** What a server says beside a code, so that a rehearsed refusal reads (and is classified) like one from the wild. */

/** By enhanced code (RFC 3463); the wording is ours, the phrases are those that big providers use. */
const textByEnhancedCode: Readonly<Record<string, string>> = {
	'4.2.0': 'Greylisted, please try again later',
	'4.2.1': 'The recipient is receiving mail at a rate that prevents further delivery, try again later',
	'4.2.2': 'Mailbox full, the recipient is over quota',
	'4.3.0': 'Temporary local problem, please try again later',
	'4.3.1': 'Insufficient system storage',
	'4.3.2': 'System not accepting messages at the moment',
	'4.4.1': 'No answer from the destination host',
	'4.4.2': 'Connection to the destination host dropped',
	'4.5.3': 'Too many recipients',
	'4.7.0': 'Too many messages from your address, slow down and try again later',
	'4.7.1': 'Message deferred by policy, try again later',
	'4.7.28': 'Unusual rate of mail from your IP address, temporarily rate limited',
	'5.1.0': 'Address rejected',
	'5.1.1': 'User unknown',
	'5.1.2': 'Host or domain name not found',
	'5.1.3': 'Bad recipient address syntax',
	'5.1.6': 'Mailbox has moved, no forwarding address',
	'5.1.8': 'Sender domain does not exist',
	'5.1.10': 'Recipient domain does not accept mail (null MX)',
	'5.2.0': 'Mailbox unavailable',
	'5.2.1': 'Mailbox disabled, not accepting messages',
	'5.2.2': 'Mailbox full, the recipient is over quota',
	'5.2.3': 'Message too large for this mailbox',
	'5.3.0': 'Mail system failure',
	'5.3.2': 'System not accepting network messages',
	'5.3.4': 'Message too big for system',
	'5.4.1': 'Recipient address rejected: no answer from host',
	'5.4.4': 'Unable to route: no mail server for the domain',
	'5.4.6': 'Mail loop detected',
	'5.5.0': 'Protocol error',
	'5.6.0': 'Message content could not be processed',
	'5.7.0': 'Message rejected by policy',
	'5.7.1': 'Message blocked, it looks like spam',
	'5.7.13': 'Recipient account disabled',
	'5.7.23': 'SPF validation failed for the sender domain',
	'5.7.25': 'Sending IP address has no reverse DNS',
	'5.7.26': 'Unauthenticated mail rejected: neither SPF nor DKIM passes for the sender domain (DMARC)',
	'5.7.27': 'Sender domain does not accept mail (null MX)',
	'5.7.509': 'Access denied, sending domain does not pass DMARC verification',
};

/** By reply code (RFC 5321 §4.2.3), for addresses that ask for no enhanced code. */
const textByCode: Readonly<Record<number, string>> = {
	421: 'Service not available, closing transmission channel',
	450: 'Requested mail action not taken: mailbox unavailable',
	451: 'Requested action aborted: local error in processing',
	452: 'Requested action not taken: insufficient system storage',
	550: 'Requested action not taken: mailbox unavailable',
	551: 'User not local; please try another address',
	552: 'Requested mail action aborted: exceeded storage allocation',
	553: 'Requested action not taken: mailbox name not allowed',
	554: 'Transaction failed',
};

/** Text for a code such as 550 and an enhanced code such as `5.1.1` ('' for none). */
export function replyTextFor(code: number, enhancedCode: string): string {
	return (
		textByEnhancedCode[enhancedCode] ??
		(enhancedCode === '' ? textByCode[code] : undefined) ??
		(code < 500 ? 'Not now, please try again later' : 'Refused')
	);
}
