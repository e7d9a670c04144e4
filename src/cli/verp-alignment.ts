/** Whether SPF can speak for the sender when bounces go to another domain (DMARC, RFC 7489 §3.1.2: relaxed alignment). */

/**
 * A warning, or none when the domains belong together as far as their names tell: one stands under the other, or both under the same two labels. Which of those
 * are public suffixes is not known here, so it says too little rather than too much.
 */
export function alignmentWarning(verp: string, from: string): string[] {
	const [bounces, sender] = [domainOf(verp), domainOf(from)];
	if (isUnder(bounces, sender) || isUnder(sender, bounces) || lastLabels(bounces) === lastLabels(sender)) return [];
	return [`SPF does not count for DMARC (DKIM has to): bounces go to ${bounces}, From is at ${sender}`];
}

function domainOf(address: string): string {
	return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function isUnder(domain: string, other: string): boolean {
	return domain === other || domain.endsWith(`.${other}`);
}

function lastLabels(domain: string): string {
	return domain.split('.').slice(-2).join('.');
}
