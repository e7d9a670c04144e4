/** What stays the same of a server's reply to one command from time to time: its words without ids, sizes, names and addresses. */
import type { Reply } from './reply.ts';

/** `2.0.0 ok: # bytes queued as #`. For comparing replies of one session with each other; codes other than the enhanced one are left out. */
export function replyShape({ enhancedCode, lines }: Reply): string {
	const words = lines.join(' ').slice(enhancedCode.length).split(/\s+/);
	return `${enhancedCode} ${words.map((word) => (changing.test(word) ? '#' : word.toLowerCase())).join(' ')}`;
}

// A queue id, a size, a recipient, the name of a session.
const changing = /[\d@<>]/;
