/**
 * QUIRK: Sendmail puts the first line of a reply into Diagnostic-Code, and all of them only into its transcript. The last line decides at GMX and others:
 * `550-Requested action not taken: mailbox unavailable`, and behind it `550 Reject due to policy restrictions`.
 */

/** `550-` in front: more lines were said. */
const firstOfSeveral = /^(?:smtp\s?;\s?)?(([45]\d\d)-\S.*)$/i;
/** No server needs more to say why. */
const mostLines = 20;

/** The diagnostic with the lines that the transcript in `text` has behind it; itself when it is whole, or there are none. */
export function wholeReply(diagnostic: string, text: string): string {
	const [, first = '', code = ''] = firstOfSeveral.exec(diagnostic.trim()) ?? [];
	// Put together by blanks, it has its other lines already.
	if (first === '' || first.includes(` ${code} `) || first.includes(` ${code}-`)) return diagnostic;
	const start = text.indexOf(`<<< ${first}`);
	if (start === -1) return diagnostic;
	const lines: string[] = [];
	for (const line of text.slice(start, start + 16 * 1024).split('\n', mostLines)) {
		if (!line.startsWith(`<<< ${code}`)) break;
		lines.push(line.slice(4).trim());
		if (!line.startsWith(`<<< ${code}-`)) break;
	}
	return lines.join(' ');
}
