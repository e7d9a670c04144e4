/** What an enhanced status code means when the text says nothing: the IANA registry (RFC 3463, 4954, 5248, 6710, 7293, 7372, 7505) and Microsoft's 5.7.5xx. */
import type { BounceAction, BounceCategory } from './refusal.ts';

export interface CodeMeaning {
	readonly category: BounceCategory;
	readonly action?: BounceAction;
}

/** Keys are subject and detail: `1.1` of `5.1.1`. */
export const enhancedCodes: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
	...each('invalid_recipient', '1.0 1.1 1.3 1.4 1.6'),
	...each('invalid_domain', '1.2 1.10 4.4 7.18'),
	...each('inactive', '7.13 7.17'),
	// Also said of rate limits and locks: without a text that says more, nobody is suppressed for it.
	['2.1', { category: 'inactive', action: 'drop' }],
	...each('mailbox_full', '2.2'),
	...each('rate_limited', '4.5 5.3 7.28 2.121 2.122 7.500 7.501 7.508'),
	...each('network', '4.0 4.1 4.2 4.3 4.6 4.7'),
	...each('system', '3.0 3.1 3.2 3.5'),
	...each('spam', '7.510'),
	...each('sender_auth', '1.7 1.8 1.9 7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.27 7.29 7.506 7.509 7.512 7.513 7.515'),
	...each(
		'policy',
		'7.0 7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.10 7.15 7.19 7.30 7.129 7.133 7.134 7.135 7.136 7.504 7.505 7.507',
	),
	...each('message', '2.3 3.3 3.4 3.6 5.0 5.1 5.2 5.4 5.5 5.6 6.0 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 6.9 6.10 7.16'),
	...each('account', '7.8 7.9 7.11 7.12 7.14 7.57 7.60 7.139 7.502 7.503 7.705 7.708 7.750 1.90 2.252'),
	['7.511', { category: 'reputation' }],
	['7.650', { category: 'rate_limited', action: 'hold' }],
	// "Mailing list expansion problem" and "other or undefined": the number alone explains nothing.
	...each('unknown', '0.0 2.0 2.4'),
]);

/** Microsoft's banned sending addresses are a range. */
export function meaningOfEnhancedCode(subjectAndDetail: string): CodeMeaning | undefined {
	const known = enhancedCodes.get(subjectAndDetail);
	if (known !== undefined || !subjectAndDetail.startsWith('7.6')) return known;
	const detail = Number(subjectAndDetail.slice(2));
	return detail >= 606 && detail <= 649 ? { category: 'reputation' } : undefined;
}

function each(category: BounceCategory, codes: string): [string, CodeMeaning][] {
	return codes.split(' ').map((code) => [code, { category }]);
}
