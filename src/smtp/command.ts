/** Builds the command lines of RFC 5321 §4.1.1; every byte of a command that leaves this program passes here. */
import type { Capabilities } from './capabilities.ts';

/** What a transaction needs to know of its message. */
export interface Submission {
	readonly envelope: {
		readonly from: string;
		readonly to: string;
		readonly smtpUtf8: boolean;
		/** ENVID (RFC 3461 §4.4), letters and digits: a delivery status notification is asked for, and returns it. Absent or '': none is. */
		readonly envelopeId?: string;
	};
	readonly sizeBytes: number;
	/** 7-bit octets in CRLF lines, the last one ended, without the final dot. Nobody changes them. */
	readonly content: Buffer;
}

// A path may hold neither the end of a line, nor the end of the path, nor a blank (parameters begin there).
const notInPath = /[\u0000-\u0020<>\u007f]/;

/** `MAIL FROM:<...>` with the parameters the server offers, as wire bytes in a one-byte string, CRLF included. */
export function mailCommand(submission: Submission, capabilities: Capabilities): string {
	const { envelope, sizeBytes } = submission;
	const size = capabilities.size ? ` SIZE=${sizeBytes}` : '';
	const smtpUtf8 = envelope.smtpUtf8 ? ' SMTPUTF8' : '';
	const notification = capabilities.dsn && isAsked(envelope) ? ` RET=HDRS ENVID=${envelope.envelopeId}` : '';
	return `MAIL FROM:<${path(envelope.from)}>${size}${smtpUtf8}${notification}\r\n`;
}

/** `RCPT TO:<...>` as wire bytes in a one-byte string, CRLF included. */
export function rcptCommand({ envelope }: Submission, capabilities: Capabilities): string {
	const to = path(envelope.to);
	return capabilities.dsn && isAsked(envelope) ? `RCPT TO:<${to}>${notify(to)}\r\n` : `RCPT TO:<${to}>\r\n`;
}

function isAsked({ envelopeId = '' }: Submission['envelope']): boolean {
	return envelopeId !== '';
}

/** RFC 3461 §4.1, §4.2. Of an address that is no ASCII the form is another one (RFC 6533), which few servers know. */
function notify(to: string): string {
	return isAscii(to) ? ` NOTIFY=FAILURE,DELAY ORCPT=rfc822;${to.replace(notInXtext, xtext)}` : ' NOTIFY=FAILURE,DELAY';
}

// RFC 3461 §4: what is not as it is in xtext. Blanks and control characters are in no path.
const notInXtext = /[+=]/g;

function xtext(character: string): string {
	return `+${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Throws when the address could end its line or path: recipients/ never makes such an address, so it is a bug. */
function path(address: string): string {
	if (notInPath.test(address)) throw new Error(`not an SMTP path: ${JSON.stringify(address)}`);
	if (isAscii(address)) return address;
	// The session writes latin1, so that one character is one octet.
	return Buffer.from(address, 'utf8').toString('latin1');
}

function isAscii(text: string): boolean {
	for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
	return true;
}

const lineWithDot = Buffer.from('\r\n.', 'latin1');
const dot = 0x2e;

/** RFC 5321 §4.5.2: a line that begins with a dot gets a second one. Renderers write none (quoted-printable =2E), so this is a net. */
export function dotStuff(content: Buffer): Buffer {
	if (content[0] !== dot && !content.includes(lineWithDot)) return content;
	const stuffed = content.toString('latin1').replaceAll('\r\n.', '\r\n..');
	return Buffer.from(content[0] === dot ? `.${stuffed}` : stuffed, 'latin1');
}
