/** Which replies to the greeting and to EHLO end the dialling, whatever nodemailer would make of them (RFC 5321 §3.1, §3.2). */
import type { DialFailure } from './dial-failure.ts';
import type { Stage } from './outcome.ts';
import { type Reply, replyText } from './reply.ts';
import type { ServerSettings } from './server-settings.ts';

export interface Moment {
	readonly stage: Stage;
	/** The command that the reply is for; '' before there is one. */
	readonly command: string;
	readonly settings: Pick<ServerSettings, 'tls' | 'auth'>;
}

/** Null: it is fit, or nodemailer finds fault with it itself. */
export function unfitReply(reply: Reply, moment: Moment): Pick<DialFailure, 'cause' | 'message'> | null {
	const { stage } = moment;
	const { code } = reply;
	const said = replyText(reply);
	if (stage === 'greeting' && code < 400 && code !== 220) {
		return { cause: 'out_of_step', message: `${said} where a greeting is due` };
	}
	if (stage !== 'ehlo' || code === 250) return null;
	// A second greeting, for example.
	if (code < 400) return { cause: 'out_of_step', message: `${said} where the reply to EHLO is due` };
	return maySayHelo(reply, moment) ? null : { cause: 'rejected', message: said };
}

/** HELO is for servers that do not know EHLO. They know neither TLS nor a login, so it is no way round these. */
function maySayHelo({ code }: Reply, { command, settings }: Moment): boolean {
	return settings.tls === 'off' && settings.auth === null && code >= 500 && code <= 504 && /^EHLO\b/.test(command);
}
