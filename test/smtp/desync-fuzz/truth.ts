/** What the servers of a scenario did, whatever was said of it. */

export class Truth {
	/** Recipient -> how many copies were taken for it. */
	readonly copies = new Map<string, number>();
	/** Recipients who were sent a message without content: a lone dot, where the server had taken the recipient. */
	readonly emptied = new Set<string>();
	readonly complaints: string[] = [];
	/** Contents that came where commands were due: their lines were obeyed. */
	contentsTakenForCommands = 0;
	readonly #contents: ReadonlyMap<string, string>;
	/** Recipient -> the number of the verdict of the last copy on its connection. */
	readonly #takenAt = new Map<string, number>();

	/** `contents`: recipient -> what it is to get. */
	constructor(contents: ReadonlyMap<string, string>) {
		this.#contents = contents;
	}

	/** `number`: of the verdict on its connection, as in TrueReply. */
	took(recipient: string, content: string, number: number): void {
		if (content === '') {
			this.emptied.add(recipient);
			return;
		}
		this.copies.set(recipient, (this.copies.get(recipient) ?? 0) + 1);
		this.#takenAt.set(recipient, number);
		const expected = this.#contents.get(recipient);
		if (expected === undefined) this.complaints.push(`${recipient} is nobody's recipient, and got a message`);
		else if (content !== expected) this.complaints.push(`${recipient} got other octets than its own message`);
	}

	hasTaken(recipient: string): boolean {
		return this.copies.has(recipient);
	}

	/** Number of its verdict on its connection; -1 when it was never taken. */
	takenAt(recipient: string): number {
		return this.#takenAt.get(recipient) ?? -1;
	}
}
