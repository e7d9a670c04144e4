/** Why a login was not possible, in the server's words, and where the password came from (RFC 4954 §6). */
import type { DialFailure } from '../smtp/dial.ts';
import type { Login, ServerSettings } from '../smtp/server-settings.ts';
import { exitCodes } from '../support/errors.ts';
import type { Explanation } from './explanation.ts';

const triesAgain = 'Nothing was sent; the same command tries again.';

const useTokens = [
	'This account signs in with OAuth 2 (XOAUTH2) in place of a password:',
	'  mailshot send ... --oauth-token-command "COMMAND THAT PRINTS AN ACCESS TOKEN"',
	'  mailshot send ... --oauth-refresh FILE   (JSON: token_url, client_id, client_secret, refresh_token)',
].join('\n');

export function explainLogin(settings: ServerSettings, failure: DialFailure): Explanation {
	const { auth } = settings;
	const { reply, message, cause, isTemporary, hint } = failure;
	const user = auth?.user ?? '';
	const exitCode = isTemporary ? exitCodes.serverUnreachable : exitCodes.loginRefused;
	switch (cause) {
		case 'no_auth':
			return { exitCode, message: `: the login "${user}" is not possible: ${message}`, hint: otherWay(auth, message) };
		case 'no_token':
			return { exitCode, message: `: no login "${user}": ${message}`, hint };
		case 'in_clear':
			return { exitCode, message: `: ${message}`, hint: 'Leave --tls off out: STARTTLS is used, and required.' };
		case 'rejected':
		case 'service_closing':
			return {
				exitCode,
				message: ` refused the login "${user}": ${message}`,
				hint: isTemporary ? 'The server says that this may pass; try again later.' : afterRefusal(auth, failure),
			};
		default:
			return {
				exitCode: exitCodes.serverUnreachable,
				message: `: the login "${user}" got no proper answer: ${message}`,
				hint: reply === null ? triesAgain : 'Check host and port.',
			};
	}
}

function otherWay(auth: Login | null, message: string): string {
	if (auth?.kind === 'password' && /\bXOAUTH2\b/.test(message)) return useTokens;
	if (auth?.kind === 'xoauth2' && /\b(?:PLAIN|LOGIN)\b/.test(message))
		return `Use a password in place of ${auth.origin}.`;
	return 'Use the port that offers it (usually 587 or 465), or leave the user name out if the server needs no login.';
}

// Office 365: `550 5.7.30 Basic authentication is not supported`, `535 5.7.139 Authentication unsuccessful, basic authentication is disabled`.
const noPasswords = /\b5\.7\.(?:30|139)\b|basic auth/i;
// `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.`
const smtpSwitchedOff = /SmtpClientAuthentication is disabled/i;

function afterRefusal(auth: Login | null, { message }: DialFailure): string {
	if (smtpSwitchedOff.test(message)) {
		const switchOn = 'An administrator has to allow "Authenticated SMTP" for this mailbox.';
		return auth?.kind === 'password' ? `${switchOn} ${useTokens}` : switchOn;
	}
	if (auth?.kind === 'xoauth2') {
		return `The token came from ${auth.origin}; a fresh one was tried, too. Is it for this user, with a scope for SMTP?`;
	}
	if (noPasswords.test(message)) return useTokens;
	return `The password came from ${auth?.origin ?? 'nowhere'}. Gmail and Outlook need an app password, or OAuth: --oauth-refresh.`;
}
