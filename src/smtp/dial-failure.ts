/** Why no connection could be had, and whether waiting helps: never about a recipient, since none was named yet. */
import type { BreakCause, Stage } from './outcome.ts';
import type { Reply } from './reply.ts';
import type { TlsFacts } from './tls-facts.ts';

export interface DialFailure {
	readonly kind: 'failed';
	readonly stage: Stage;
	/**
	 * rejected: the server said no, see `reply`. no_starttls: it does not offer TLS. no_auth: it offers no login, or none that we can use.
	 * no_token: whoever gives the OAuth token gave none. in_clear: the login would leave this machine without TLS.
	 */
	readonly cause: BreakCause | 'rejected' | 'no_starttls' | 'no_auth' | 'no_token' | 'in_clear';
	/** For people, cleaned, without secrets, with the server's own words. */
	readonly message: string;
	/** What to do about it, when that is known here (a token's source knows); otherwise ''. */
	readonly hint: string;
	readonly reply: Reply | null;
	/** System or OpenSSL code for hints, for example ECONNREFUSED or DEPTH_ZERO_SELF_SIGNED_CERT; '' when there is none. */
	readonly code: string;
	/** What is known of the TLS session that was not trusted; null when it did not get so far. */
	readonly tls: TlsFacts | null;
	/** The same try may succeed later although nobody changes anything here. A host name that does not exist is not temporary: code ENOTFOUND. */
	readonly isTemporary: boolean;
	/** The least pause before the next try in milliseconds, 0 for none: servers count logins (reference/reliability.md §3 fault 13). */
	readonly waitAtLeastMs: number;
}

/** Servers count logins (reference/reliability.md §3 fault 13). */
export const loginPauseMs = 30_000;

export type FailureFacts = Pick<DialFailure, 'stage' | 'cause' | 'reply' | 'code'>;

/** How long to wait at least; null: waiting does not help. */
export function pauseAfter({ stage, cause, reply, code }: FailureFacts): number | null {
	switch (cause) {
		case 'network':
			return /^(?:ENOTFOUND|ENODATA|EBADNAME)$/.test(code) ? null : 0;
		case 'closed':
		case 'timeout':
		case 'dropped':
			return 0;
		case 'tls':
			// A handshake that broke off says nothing about the next one.
			return /^(?:ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code) ? 0 : null;
		case 'service_closing':
			return stage === 'auth' ? loginPauseMs : 0;
		case 'rejected':
			if (reply === null || reply.code >= 500) return null;
			return stage === 'auth' ? loginPauseMs : 0;
		default:
			return null;
	}
}
