/**
 * Splits an mbox into its mails while it is being read (RFC 4155 and its relatives).
 *
 * A mail begins with a From_ line at the start or after an empty line. Content-Length is not believed: it is wrong in every mbox that was edited.
 * Quoting is undone as mboxrd has it (`>From `, `>>From ` lose one `>`), which for mboxo differs only in lines that were `>From ` before they
 * were quoted. Dovecot and mboxcl2 do not quote: so a line `From ` with more words and neither an address nor a time is text.
 */
import { type CollectedMail, HeldOctets, mostHeldBytes } from './held-octets.ts';

const lf = 10;
const cr = 13;
const more = 62;
const separator = Buffer.from('\nFrom ');
const quoted = Buffer.from('>From ');
// `\n\r\nFrom `, less one: so much of what is needed to see a From_ line may still be on its way.
const undecidedBytes = 7;
const longestFromLine = 1024;
const fromLine = /^From (?:\S*@|\S*\s*$|- |MAILER-DAEMON |.*\d:\d\d)/;

/** Whether a file that begins so is an mbox; it may begin with empty lines. */
export function beginsMbox(head: Buffer): boolean {
	let at = 0;
	while (head[at] === lf || head[at] === cr) at += 1;
	return head.toString('latin1', at, at + 5) === 'From ';
}

/** In order, without From_ line and the empty line behind it. What stands before the first From_ line is dropped. */
export async function* splitMbox(source: AsyncIterable<Buffer>): AsyncGenerator<CollectedMail> {
	const mail = new HeldOctets();
	let isInMail = false;
	// Octets whose meaning is not certain yet, behind up to three that were taken already and say what stands before them.
	let rest: Buffer = Buffer.from('\n\n');
	let taken = rest.length;
	for await (const chunk of source) {
		const text = Buffer.concat([rest, chunk]);
		let undecided = Math.max(taken, text.length - undecidedBytes);
		for (let at = text.indexOf(separator); at !== -1; at = text.indexOf(separator, at + 1)) {
			const end = endBefore(text, at);
			if (end === null) continue;
			const lineEnd = text.indexOf(lf, at + 1);
			if (lineEnd === -1 && text.length - at < longestFromLine) {
				undecided = Math.max(taken, end);
				break;
			}
			if (lineEnd === -1 || (isInMail && !isFromLine(text.subarray(at + 1, lineEnd)))) continue;
			if (isInMail) {
				mail.add(text.subarray(taken, Math.max(taken, end)));
				yield unquoted(mail.take());
			}
			isInMail = true;
			taken = lineEnd + 1;
			undecided = Math.max(taken, text.length - undecidedBytes);
		}
		if (isInMail) mail.add(text.subarray(taken, undecided));
		const kept = Math.max(0, undecided - 3);
		rest = text.subarray(kept);
		taken = undecided - kept;
	}
	mail.add(rest.subarray(taken));
	if (isInMail) yield unquoted(withoutLastEmptyLine(mail.take()));
}

/** Where the mail ends when a From_ line begins behind the line feed at `at`; null when the line before it is not empty. */
function endBefore(text: Buffer, at: number): number | null {
	if (text[at - 1] === lf) return at;
	return text[at - 1] === cr && text[at - 2] === lf ? at - 1 : null;
}

function isFromLine(line: Buffer): boolean {
	return line.length <= longestFromLine && fromLine.test(line.toString('latin1'));
}

/** Writers end a mail with an empty line, also the last one. */
function withoutLastEmptyLine(mail: CollectedMail): CollectedMail {
	const { octets, sizeBytes } = mail;
	if (sizeBytes > mostHeldBytes || octets[sizeBytes - 1] !== lf) return mail;
	const end = endBefore(octets, sizeBytes - 1);
	return end === null ? mail : { octets: octets.subarray(0, end), sizeBytes: end };
}

/** Changes the octets in place: they are nobody else's. */
function unquoted({ octets, sizeBytes }: CollectedMail): CollectedMail {
	let read = 0;
	let written = 0;
	for (let at = octets.indexOf(quoted); at !== -1; at = octets.indexOf(quoted, at + 1)) {
		if (!isOnlyQuoted(octets, at)) continue;
		if (written !== read) octets.copyWithin(written, read, at);
		written += at - read;
		read = at + 1;
	}
	if (read === 0) return { octets, sizeBytes };
	octets.copyWithin(written, read);
	return { octets: octets.subarray(0, written + octets.length - read), sizeBytes };
}

/** Nothing but `>` stands before it on its line. */
function isOnlyQuoted(octets: Buffer, at: number): boolean {
	let start = at;
	while (octets[start - 1] === more) start -= 1;
	return start === 0 || octets[start - 1] === lf;
}
