/** What it means for the run that no connection could be made: exit code, words and the next step. */
import type { DialFailure } from '../smtp/dial.ts';
import { type Reply, replyText } from '../smtp/reply.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import { type ExitCode, exitCodes, RunError } from '../support/errors.ts';

export function dialError(settings: ServerSettings, failure: DialFailure): RunError {
	const { exitCode, message, hint } = explain(settings, failure);
	return new RunError(exitCode, `${serverName(settings)}${message}`, { hint });
}

/** RFC 4954 §6: 530 to a command means that the server takes mail only from those who sign in. */
export function loginNeeded(settings: ServerSettings, reply: Reply): RunError {
	const message = `${serverName(settings)} takes mail only after a login: ${replyText(reply)}`;
	return new RunError(exitCodes.loginRefused, message, {
		hint: 'Name the user: --user NAME (the password comes from MAILSHOT_SMTP_PASSWORD, or is asked for).',
	});
}

interface Explanation {
	readonly exitCode: ExitCode;
	readonly message: string;
	readonly hint: string;
}

function explain(settings: ServerSettings, failure: DialFailure): Explanation {
	const { cause, stage, message } = failure;
	const unreachable = exitCodes.serverUnreachable;
	if (stage === 'auth') return explainLogin(settings, failure);
	if (cause === 'tls') return explainTls(settings, failure);
	if (cause === 'no_starttls') {
		return {
			exitCode: unreachable,
			message: ` does not offer STARTTLS, and nothing is sent in clear (${message})`,
			hint: 'If the server wants TLS from the first byte, use smtps://; on a trusted line without TLS, add --tls off.',
		};
	}
	if (cause === 'no_auth') {
		return {
			exitCode: exitCodes.loginRefused,
			message: `: ${message}`,
			hint: 'Leave the user name out if the server needs no login, or use the port that offers it (usually 587 or 465).',
		};
	}
	if (cause === 'timeout' && stage === 'greeting') {
		return {
			exitCode: unreachable,
			message: ` accepts the connection but gives no greeting (${message})`,
			hint: 'Port 465 speaks TLS from the first byte: try smtps://. Otherwise this may be no mail server.',
		};
	}
	if (cause === 'out_of_step') return { exitCode: unreachable, message: `: ${message}`, hint: 'Check host and port.' };
	if (cause === 'rejected' || cause === 'service_closing') {
		return { exitCode: unreachable, message: ` refused the connection: ${message}`, hint: '' };
	}
	return {
		exitCode: unreachable,
		message: ` cannot be reached: ${message}`,
		hint: 'Check host, port and firewall; nothing was sent, the same command tries again.',
	};
}

function explainLogin(settings: ServerSettings, failure: DialFailure): Explanation {
	const user = settings.auth?.user ?? '';
	const { reply, message, cause } = failure;
	if (cause === 'no_auth') {
		return {
			exitCode: exitCodes.loginRefused,
			message: `: the login "${user}" is not possible: ${message}`,
			hint: 'Use the port that offers it (usually 587 or 465).',
		};
	}
	if (reply === null) {
		return {
			exitCode: exitCodes.serverUnreachable,
			message: `: the login "${user}" got no proper answer: ${message}`,
			hint: 'Nothing was sent; the same command tries again.',
		};
	}
	// RFC 4954 §6: 454 is a temporary authentication failure, not a wrong password.
	const isTemporary = reply.code < 500;
	return {
		exitCode: isTemporary ? exitCodes.serverUnreachable : exitCodes.loginRefused,
		message: ` refused the login "${user}": ${message}`,
		hint: isTemporary
			? 'The server says that this may pass; try again later.'
			: 'The password comes from MAILSHOT_SMTP_PASSWORD or MAILSHOT_SMTP_URL. Gmail and Outlook need an app password.',
	};
}

function explainTls(settings: ServerSettings, failure: DialFailure): Explanation {
	const { code, message } = failure;
	const exitCode = exitCodes.serverUnreachable;
	if (/SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/.test(code)) {
		return {
			exitCode,
			message: ` shows a certificate that no trusted authority signed (${code}), so it was not trusted with anything`,
			hint: 'If it is your own, name its authority (or the certificate itself): --tls-ca ca.pem',
		};
	}
	if (code === 'CERT_HAS_EXPIRED')
		return { exitCode, message: "'s certificate has expired", hint: 'It must be renewed on the server.' };
	if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
		return {
			exitCode,
			message: `'s certificate is for another name (${message})`,
			hint: 'Use the name in the certificate as the host of --smtp.',
		};
	}
	const hint =
		settings.tls === 'implicit'
			? 'If the port speaks plain SMTP first (25, 587), use smtp:// in place of smtps://.'
			: 'If the port speaks TLS from the first byte (465), use smtps:// in place of smtp://.';
	return { exitCode, message: `: ${message}`, hint };
}
