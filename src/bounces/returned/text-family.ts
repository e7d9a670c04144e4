/** How one family of servers words its notices when there is no delivery-status part, or one that says less than the text. */
import type { MailParts } from './mail-parts.ts';

/** A recipient as a text names it. */
export interface TextReport {
	/** '' when the text names nobody. */
	readonly recipient: string;
	/** What was said about this recipient: the server's reply with its code if it is quoted, otherwise the sentence of the notice; one line. */
	readonly reply: string;
	/** `5.1.1` when the text has one, '' otherwise. */
	readonly enhancedCode: string;
	/** Who said it, '' when unknown. */
	readonly server: string;
	readonly isDelay: boolean;
}

export interface TextFamily {
	/** `exim`, `qmail`, `exchange-2007`. */
	readonly id: string;
	/** Null: not this family's. An empty list is never given. Throws nothing, takes time linear in the text. */
	readonly read: (mail: MailParts) => readonly TextReport[] | null;
}
