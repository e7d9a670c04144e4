/** What the sandbox remembers of a message while its bytes pass by: its size, and a few words of its header (RFC 5322 §2.2). */
import { cleanText } from '../support/clean-text.ts';
import { decodeHeaderText } from './decode-header-text.ts';

/** The header is looked at up to here; a message with a longer one is taken all the same. */
const maxHeaderBytes = 64 * 1024;
const endOfHeader = Buffer.from('\r\n\r\n');

export class MessageDigest {
	sizeBytes = 0;
	#header: Buffer = Buffer.alloc(0);
	#isHeaderComplete = false;

	push(chunk: Buffer): void {
		this.sizeBytes += chunk.length;
		if (this.#isHeaderComplete) return;
		// The end may lie across two chunks: three bytes of what was searched already are searched again.
		const from = Math.max(0, this.#header.length - 3);
		this.#header = this.#header.length === 0 ? chunk : Buffer.concat([this.#header, chunk]);
		const end = this.#header.indexOf(endOfHeader, from);
		this.#isHeaderComplete = end >= 0 || this.#header.length >= maxHeaderBytes;
		if (this.#isHeaderComplete) {
			// A copy, because a slice would keep the whole chunk alive.
			this.#header = Buffer.from(this.#header.subarray(0, end < 0 ? maxHeaderBytes : end));
		}
	}

	/** Decoded and cleaned, '' when there is none. */
	get subject(): string {
		return cleanText(decodeHeaderText(this.#field('subject')));
	}

	/** With angle brackets, '' when there is none. */
	get messageId(): string {
		return cleanText(decodeHeaderText(this.#field('message-id')));
	}

	/** The first field of that name, still folded. */
	#field(name: string): string {
		// UTF-8: RFC 6532 allows it raw, and what is no UTF-8 is replaced.
		const pattern = new RegExp(`^${name}[ \\t]*:([^\\r\\n]*(?:\\r\\n[ \\t][^\\r\\n]*)*)`, 'im');
		return pattern.exec(this.#header.toString('utf8'))?.[1] ?? '';
	}
}
