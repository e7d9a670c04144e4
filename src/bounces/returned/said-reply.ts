/** Who said what, and at which command, out of one diagnostic text: Postfix, Exim, Sendmail and qmail each wrap the reply of the other server in words of their own. */
import type { Stage } from '../../smtp/outcome.ts';
import { statusIn } from './typed-value.ts';

export interface SaidReply {
	/** What the server said, code first where it is known; one line. */
	readonly text: string;
	/** 0 when the text has none. */
	readonly code: number;
	/** `5.1.1`; '' when the text has none. */
	readonly enhancedCode: string;
	/** Host that said it; '' when the text does not tell. */
	readonly server: string;
	readonly stage: Stage;
}

const maxLength = 4096;

const stages: readonly (readonly [RegExp, Stage])[] = [
	[/in reply to (?:the )?mail from|after (?:pipelined )?mail from|>>> mail from|in response to mail from/i, 'mail'],
	[/in reply to (?:the )?(?:he|eh|lh)lo|after (?:he|eh)lo|>>> (?:he|eh)lo/i, 'ehlo'],
	[
		/refused to talk to me|initial (?:server )?greeting|after initial connection|while (?:reading|receiving) (?:the )?(?:initial )?(?:server )?(?:greeting|banner)/i,
		'greeting',
	],
	[/in reply to (?:the )?end of data|after end of data|>>> \.(?:\s|$)/i, 'verdict'],
	[/in reply to (?:the )?data\b|after (?:pipelined )?data\b|>>> data/i, 'data'],
];
const saidBy = [
	/\bhost (\S{1,255}?)\[[^\]\s]{2,80}\](?::\d{1,5})? (?:said|refused to talk to me):\s*/i,
	/\bhost (\S{1,255}) (?:\[[\da-f.:]{2,45}\])?[^:]{0,40}:\s*(?=[245]\d\d)/i,
	/\b(?:remote (?:host|server)|server|host) (?:said|responded(?: with)?|returned|replied)(?: to .{0,40}?)?:\s*/i,
	/\bremote (?:server|host) returned\s*['"]?/i,
	/\b(?:said|response (?:was|from [^:]{1,80})|reply was|error was):\s*(?=[<'"]?[245]\d\d)/i,
	/<{3}\s*(?=[245]\d\d)/,
];
const codeAtStart = /^['"<(\s]*([245]\d\d)(?=[ \-,;:.#>]|$)/;
const codeWithin = /["':;(<>=] {0,2}([45]\d\d)[ -](?=\S)|(?:^| )([45]\d\d)[ -]{1,3}(?=['"(#]{0,2}[245]\.\d)/;
const replyToCommand = /\s*\(in reply to [^()]{1,60}\)\s*$/i;

/** Exim adds why it stopped trying; what the server or the mailbox said before is the reason. */
const givenUp = /: retry time(?:out)? exceeded$/i;

/** QUIRK: MessageLabs writes underscores for spaces. */
function spaced(text: string): string {
	return text.includes(' ') || !/_\w+_/.test(text) ? text : text.replaceAll('_', ' ');
}

export function saidReply(diagnostic: string): SaidReply {
	const whole = spaced(diagnostic.slice(0, maxLength)).replace(/\s+/g, ' ').trim();
	const stage = stages.find(([pattern]) => pattern.test(whole))?.[1] ?? 'rcpt';
	let text = whole;
	let server = '';
	for (const pattern of saidBy) {
		const found = pattern.exec(whole);
		if (found === null) continue;
		server = found[1] ?? '';
		text = whole.slice(found.index + found[0].length).replace(/^['"]/, '');
		break;
	}
	text = text.replace(replyToCommand, '').replace(givenUp, '').trim();
	if (text === '') text = whole;
	const within = codeWithin.exec(text);
	const code = Number(codeAtStart.exec(text)?.[1] ?? within?.[1] ?? within?.[2] ?? 0);
	const enhancedCode = statusIn(text.slice(0, 600));
	return { text, code, enhancedCode, server: server.replace(/\.$/, ''), stage };
}
