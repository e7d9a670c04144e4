/** What it means for the run that no connection could be made: exit code, words and the next step. */
import type { DialFailure } from '../smtp/dial.ts';
import { type Reply, replyText } from '../smtp/reply.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { explainLogin } from './explain-login.ts';
import { explainTls } from './explain-tls.ts';
import type { Explanation } from './explanation.ts';

export function dialError(settings: ServerSettings, failure: DialFailure): RunError {
	const { exitCode, message, hint } = explain(settings, failure);
	return new RunError(exitCode, `${serverName(settings)}${message}`, { hint });
}

/** RFC 4954 §6: 530 to a command means that the server takes mail only from those who sign in. */
export function loginNeeded(settings: ServerSettings, reply: Reply): RunError {
	const message = `${serverName(settings)} takes mail only after a login: ${replyText(reply)}`;
	return new RunError(exitCodes.loginRefused, message, {
		hint: 'Name the user: --user NAME (its password: --password-file FILE, MAILSHOT_SMTP_PASSWORD, or it is asked for).',
	});
}

const exitCode = exitCodes.serverUnreachable;
const triesAgain = 'Nothing was sent; the same command tries again.';

function explain(settings: ServerSettings, failure: DialFailure): Explanation {
	const { cause, stage, message } = failure;
	if (stage === 'auth') return explainLogin(settings, failure);
	if (cause === 'tls' || stage === 'starttls') return explainTls(settings, failure);
	if (cause === 'timeout' && stage === 'greeting') {
		return {
			exitCode,
			message: ` accepts the connection but gives no greeting (${message})`,
			hint: 'Port 465 speaks TLS from the first byte: try smtps://. Otherwise this may be no mail server.',
		};
	}
	if (failure.code === 'TLS_ON_PLAIN_PORT') {
		return { exitCode, message: `: ${message}`, hint: 'Use smtps:// in place of smtp://, or --tls implicit.' };
	}
	if (cause === 'out_of_step') return { exitCode, message: `: ${message}`, hint: 'Check host and port.' };
	if (stage === 'ehlo' && cause === 'rejected') return explainEhlo(settings, failure);
	if (cause === 'rejected' || cause === 'service_closing') {
		const hint = failure.isTemporary ? triesAgain : '';
		return { exitCode, message: ` refused the connection: ${message}`, hint };
	}
	return {
		exitCode,
		message: ` cannot be reached: ${message}`,
		hint: 'Check host, port and firewall; nothing was sent, the same command tries again.',
	};
}

/** HELO would do, but for a server that has to offer TLS or a login. */
function explainEhlo({ tls, auth }: ServerSettings, { message, isTemporary }: DialFailure): Explanation {
	const missing = [...(tls === 'starttls' ? ['no TLS'] : []), ...(auth === null ? [] : ['no login'])].join(' and ');
	return {
		exitCode,
		message: ` refused EHLO: ${message}${missing === '' ? '' : `; without it there is ${missing}`}`,
		hint: isTemporary ? triesAgain : 'Check host and port: this may be no server for programs that send mail.',
	};
}
