/**
 * What an enhanced status code means when the text says nothing: the IANA registry complete (RFC 3463, 3886, 4468, 4865, 4954, 5248, 5321, 6710, 7293,
 * 7372, 7505, 8616, 8689), and the numbers that Microsoft and Gmail gave themselves.
 */
import type { BounceAction, BounceCategory } from './refusal.ts';

export interface CodeMeaning {
	readonly category: BounceCategory;
	readonly action?: BounceAction;
}

/** Keys are subject and detail: `1.1` of `5.1.1`. */
export const enhancedCodes: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
	...each('invalid_recipient', '1.0 1.1 1.3 1.4 1.6 1.351'),
	...each('invalid_domain', '1.2 1.10 4.4 7.18 4.310'),
	...each('inactive', '7.13 7.17'),
	// Also said of rate limits and locks: without a text that says more, nobody is suppressed for it.
	['2.1', { category: 'inactive', action: 'drop' }],
	...each('mailbox_full', '2.2'),
	...each('rate_limited', '4.5 5.3 7.28 2.121 2.122 7.500 7.508'),
	...each('network', '4.0 4.1 4.2 4.3 4.6 4.7 4.8 4.14 4.300 4.312 4.316 4.317 4.318'),
	...each('system', '3.0 3.1 3.2 3.5'),
	...each('spam', '7.350'),
	...each('reputation', '7.511 7.513'),
	...each('sender_auth', '1.7 1.8 1.9 7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.27 7.29 7.31 7.32 7.40'),
	...each('sender_auth', '7.506 7.509 7.515'),
	...each('policy', '7.0 7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.10 7.15 7.19 7.30'),
	...each('policy', '2.14 3.190 7.51 7.54 7.64 7.124 7.129 7.133 7.134 7.135 7.136 7.193'),
	...each('policy', '7.320 7.321 7.322 7.323 7.324 7.325 7.367 7.504 7.505 7.507 7.510 7.520 7.703'),
	...each('message', '2.3 3.3 3.4 3.6 5.0 5.1 5.2 5.4 5.5 5.6 6.0 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 6.9 6.10 7.16'),
	...each('message', '1.20 6.11 7.512'),
	...each('account', '7.8 7.9 7.11 7.12 7.14 7.57 7.60 7.139 7.232 7.233 7.501 7.502 7.503 7.750 1.90 2.252'),
	['7.650', { category: 'rate_limited', action: 'hold' }],
	// "Mailing list expansion problem" and "other or undefined": the number alone explains nothing.
	...each('unknown', '0.0 0.350 1.5 2.0 2.4'),
]);

/** Microsoft's ranges, for what has no line of its own: banned addresses, rate limits for reputation, its own tenants. */
const ranges: readonly { readonly from: number; readonly to: number; readonly meaning: CodeMeaning }[] = [
	{ from: 606, to: 649, meaning: { category: 'reputation' } },
	{ from: 650, to: 659, meaning: { category: 'rate_limited', action: 'hold' } },
	{ from: 700, to: 749, meaning: { category: 'account' } },
	{ from: 850, to: 899, meaning: { category: 'rate_limited', action: 'hold' } },
	{ from: 900, to: 949, meaning: { category: 'policy' } },
];

export function meaningOfEnhancedCode(subjectAndDetail: string): CodeMeaning | undefined {
	const known = enhancedCodes.get(subjectAndDetail);
	if (known !== undefined || !subjectAndDetail.startsWith('7.')) return known;
	const detail = Number(subjectAndDetail.slice(2));
	return ranges.find(({ from, to }) => detail >= from && detail <= to)?.meaning;
}

function each(category: BounceCategory, codes: string): [string, CodeMeaning][] {
	return codes.split(' ').map((code) => [code, { category }]);
}
