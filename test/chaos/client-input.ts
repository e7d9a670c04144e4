/** What a client has sent and the chaos server has not worked off: lines, contents that end with a dot (RFC 5321 §4.5.2), and chunks (RFC 3030). */
export class ClientInput {
	#text = '';
	#at = 0;

	push(text: string): void {
		this.#text = this.#text.slice(this.#at) + text;
		this.#at = 0;
	}

	/** Something is behind what was taken. */
	get hasMore(): boolean {
		return this.#at < this.#text.length;
	}

	/** Without its CRLF; null while its end has not come. */
	line(): string | null {
		const end = this.#text.indexOf('\r\n', this.#at);
		return end === -1 ? null : this.#take(end, 2);
	}

	/** Up to the lone dot, stuffed as it came; null while that has not come. */
	dotted(): string | null {
		if (this.#text.startsWith('.\r\n', this.#at)) return this.#take(this.#at, 3);
		const end = this.#text.indexOf('\r\n.\r\n', this.#at);
		return end === -1 ? null : this.#take(end, 5);
	}

	/** Exactly so many; null while some have not come. */
	octets(count: number): string | null {
		return this.#text.length - this.#at < count ? null : this.#take(this.#at + count, 0);
	}

	#take(end: number, mark: number): string {
		const taken = this.#text.slice(this.#at, end);
		this.#at = end + mark;
		return taken;
	}
}
