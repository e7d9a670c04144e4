/** A mail taken apart, as the readers of returned mail want it: decoded, LF lines, nothing thrown away that could tell who failed. */

/** Header fields in order, unfolded, encoded words decoded; names lower-case. */
export interface HeaderFields {
	readonly all: readonly { readonly name: string; readonly value: string }[];
	/** The first of that name (lower-case), or ''. */
	get(name: string): string;
}

/** One leaf of the MIME tree, or a message within the message. */
export interface MailPart {
	/** `message/delivery-status`, lower-case, without parameters. */
	readonly type: string;
	/** Decoded text with LF lines; for a message within: its source. '' for other binary content. */
	readonly text: string;
	readonly fileName: string;
}

export interface MailParts {
	readonly headers: HeaderFields;
	/** `multipart/report`, lower-case, without parameters; `text/plain` when there is none. */
	readonly type: string;
	/** Of Content-Type, lower-case; '' when there is none: `delivery-status`, `feedback-report`. */
	readonly reportType: string;
	/** What people read: text parts in order, HTML turned into text where there is nothing else. Capped (see the reader). */
	readonly text: string;
	readonly parts: readonly MailPart[];
	/** Headers of the message that came back, from message/rfc822, text/rfc822-headers, or quoted in the text; null when there are none. */
	readonly original: HeaderFields | null;
}
