/** What a relay tells of its recipients in its own form, and the seam between the two: a further relay is one file more and one line in event-formats.ts. */
import type { RecipientReport } from '../returned/returned-mail.ts';

/** One thing that a relay says about one recipient. */
export interface RelayEvent {
	readonly report: RecipientReport;
	/** Message-ID of the mail that it is about, with angle brackets; '' when the relay does not say. */
	readonly messageId: string;
	/** The name that the relay itself gave the message: its 250 said so, and the log keeps it as remote_id. '' when there is none. */
	readonly remoteId: string;
	/** When it happened, ISO 8601; '' when unknown. */
	readonly date: string;
}

export interface EventFormat {
	/** As `--format` takes it: `ses`. */
	readonly id: string;
	/**
	 * The events of one JSON object as the relay writes it. Empty: the relay's, and nothing that concerns us (an open, a click). Null: not
	 * this relay's. Throws nothing, whatever the object.
	 */
	readonly read: (object: JsonObject) => readonly RelayEvent[] | null;
}

export type JsonObject = Readonly<Record<string, unknown>>;
