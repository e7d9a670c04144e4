import type { Address, Recipient } from '../recipients/row.ts';

/** What goes into MAIL FROM and RCPT TO. */
export interface Envelope {
	/** Reverse-path without angle brackets. */
	readonly from: Address;
	readonly to: Address;
	/** The address has a non-ASCII local part: MAIL needs the SMTPUTF8 parameter (RFC 6531). */
	readonly smtpUtf8: boolean;
	/** ENVID (RFC 3461) of the delivery status notifications that are asked for; absent or '': none are. */
	readonly envelopeId?: string;
}

/** One message, ready for DATA. */
export interface RenderedMessage {
	readonly recipient: Recipient;
	/** With angle brackets. */
	readonly messageId: string;
	readonly envelope: Envelope;
	/** Octets of `content`. */
	readonly sizeBytes: number;
	/**
	 * RFC 5322 header and body, 7-bit: lines end in CRLF, the last one too, no bare CR or LF, no line longer than 998 octets, none that begins with a dot. The final
	 * dot is not part of it. Nobody changes the octets. They may lie in memory that other messages share: who keeps a message for long keeps a copy.
	 */
	readonly content: Buffer;
	/** Milliseconds it took to render. */
	readonly renderMs: number;
}

/** A row whose values cannot become a message: the row fails, nothing of it reaches the wire. */
export interface RenderFailure {
	readonly kind: 'failed';
	readonly errorType: 'template.header_line_break' | 'template.header_value' | 'template.render' | 'template.too_large';
	/** For people, names the header and the column when known. */
	readonly message: string;
}

export type RenderResult = { readonly kind: 'rendered'; readonly message: RenderedMessage } | RenderFailure;
