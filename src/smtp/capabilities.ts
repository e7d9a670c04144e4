/** What a server offers: the EHLO reply (RFC 5321 §4.1.1.1) read once per connection. */

export interface Capabilities {
	/** RFC 2920. */
	readonly pipelining: boolean;
	/** RFC 3030. */
	readonly chunking: boolean;
	/** RFC 3461. */
	readonly dsn: boolean;
	/** RFC 6531. */
	readonly smtpUtf8: boolean;
	/** RFC 1870: whether SIZE= may be given with MAIL, and the largest message in octets (0: no fixed limit). */
	readonly size: boolean;
	readonly sizeLimitBytes: number;
	/** RFC 9422 LIMITS MAILMAX: messages per session, 0 when not announced. */
	readonly mailMax: number;
	/** Every keyword line as it stood, for people. */
	readonly lines: readonly string[];
}

/** Reads the text lines of an EHLO reply; the first line is the server's name and is ignored. */
export function parseCapabilities(replyLines: readonly string[]): Capabilities {
	// QUIRK: smtp-sink ends its list with an empty line.
	const lines = replyLines
		.slice(1)
		.map((line) => line.trim())
		.filter((line) => line !== '');
	const parameters = new Map<string, string>();
	for (const line of lines) {
		const space = line.indexOf(' ');
		const keyword = (space === -1 ? line : line.slice(0, space)).toUpperCase();
		parameters.set(keyword, space === -1 ? '' : line.slice(space + 1));
	}
	const mailMax = /(?:^|\s)MAILMAX=(\d{1,9})(?:\s|$)/i.exec(parameters.get('LIMITS') ?? '');
	return {
		pipelining: parameters.has('PIPELINING'),
		chunking: parameters.has('CHUNKING'),
		dsn: parameters.has('DSN'),
		smtpUtf8: parameters.has('SMTPUTF8'),
		size: parameters.has('SIZE'),
		sizeLimitBytes: wholeNumber(parameters.get('SIZE')),
		mailMax: wholeNumber(mailMax?.[1]),
		lines,
	};
}

function wholeNumber(text: string | undefined): number {
	return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : 0;
}
