/** What to look at when a server has something against us, by what it is about. */
import type { Refusal } from '../../bounces/refusal.ts';

/** One sentence with a space behind it, or ''. */
export function adviceFor({ category }: Refusal): string {
	switch (category) {
		case 'account':
			return 'This is about your account at the mail server: look there first. ';
		case 'sender_auth':
			return 'This is about the sender: the address or the domain of From has to be allowed (verified, SPF, DKIM) at the mail server. ';
		case 'spam':
		case 'reputation':
			return 'This is about the content or your reputation: sending on would make it worse. ';
		case 'message':
			return 'This is about the message itself, which is the same for everybody. ';
		default:
			return '';
	}
}
