/** Collects the octets of one mail, up to a bound: what a mailbox holds is written by strangers. */

/**
 * What a bounce says stands at its front, the message that came back behind it: of a mail that is longer, only so much is given out. It is what makes
 * memory constant.
 */
export const mostHeldBytes = 16 * 1024 * 1024;

/** No mail server takes mails of this size: what is longer is something else, or From_ lines are missing, and people should know. */
export const longestMailBytes = 64 * 1024 * 1024;

export interface CollectedMail {
	/** At most `mostHeldBytes`; a buffer of its own. */
	readonly octets: Buffer;
	/** All of it. */
	readonly sizeBytes: number;
}

export class HeldOctets {
	#pieces: Buffer[] = [];
	#heldBytes = 0;
	#sizeBytes = 0;

	get sizeBytes(): number {
		return this.#sizeBytes;
	}

	add(piece: Buffer): void {
		this.#sizeBytes += piece.length;
		const room = mostHeldBytes - this.#heldBytes;
		const kept = piece.length > room ? piece.subarray(0, room) : piece;
		if (kept.length === 0) return;
		this.#pieces.push(kept);
		this.#heldBytes += kept.length;
	}

	/** What was added since the last time. */
	take(): CollectedMail {
		const collected = { octets: Buffer.concat(this.#pieces, this.#heldBytes), sizeBytes: this.#sizeBytes };
		this.#pieces = [];
		this.#heldBytes = 0;
		this.#sizeBytes = 0;
		return collected;
	}
}
