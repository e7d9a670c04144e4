/**
 * Holds replies against commands while a connection is set up: one reply to each command, and one greeting (RFC 5321 §4.3.1).
 * What comes unasked is not believed: behind the 220 to STARTTLS it is an attack (RFC 3207 §6, CVE-2011-0411).
 */
import { cleanText } from '../support/clean-text.ts';
import { ReplyParser } from './parse-replies.ts';
import type { Reply } from './reply.ts';

export type Watched =
	| { readonly kind: 'reply'; readonly reply: Reply }
	/** 421 may come at any time (RFC 5321 §3.8). */
	| { readonly kind: 'closing'; readonly reply: Reply }
	| { readonly kind: 'out_of_step'; readonly what: 'unasked' | 'unreadable' | 'tls_record'; readonly message: string };

export class ReplyWatch {
	readonly #parser = new ReplyParser();
	/** Replies that were asked for and have not come. */
	#due: number;
	/** What the peer said first, for people who mistook the port. */
	#beginning = Buffer.alloc(0);
	#replies = 0;

	/** `greeting`: one reply is due without a command. */
	constructor(first: 'greeting' | 'command') {
		this.#due = first === 'greeting' ? 1 : 0;
	}

	/** A command goes out now. */
	asked(): void {
		this.#due += 1;
	}

	/** What the bytes are, in their order; nothing follows what is out of step. */
	read(chunk: Buffer): readonly Watched[] {
		if (this.#beginning.length < 80) this.#beginning = Buffer.concat([this.#beginning, chunk.subarray(0, 80)]);
		const watched: Watched[] = [];
		this.#parser.push(chunk);
		for (let code = this.#parser.next(); code !== 0; code = this.#parser.next()) {
			if (code === -1) return [...watched, this.#due === 0 ? this.#unasked() : this.#noReply(this.#parser.problem)];
			const reply = this.#parser.reply();
			if (code === 421) return [...watched, { kind: 'closing', reply }];
			if (this.#due === 0) return [...watched, this.#unasked()];
			this.#due -= 1;
			this.#replies += 1;
			watched.push({ kind: 'reply', reply });
		}
		if (this.#parser.pendingBytes > 0 && this.#due === 0) watched.push(this.#unasked());
		else if (this.#replies === 0 && this.#isTls) watched.push(this.#noReply(''));
		return watched;
	}

	/** RFC 8446 §5.1: a record is an alert or a handshake, and its version begins with 3. No line ever ends in such bytes. */
	get #isTls(): boolean {
		const [type, major] = this.#beginning;
		return (type === 0x15 || type === 0x16) && major === 3;
	}

	#noReply(problem: string): Watched {
		if (this.#replies > 0) return unreadable(`the server's replies are out of step: ${problem}`);
		if (this.#isTls) return { kind: 'out_of_step', what: 'tls_record', message: 'it speaks TLS from the first byte' };
		const text = cleanText(this.#beginning.toString('latin1').split(/[\r\n]/, 1)[0] ?? '', 80);
		return unreadable(`this is no SMTP server: it said ${text === '' ? 'bytes that are no text' : `"${text}"`}`);
	}

	#unasked(): Watched {
		const message = 'the server sent more than it was asked for before the first message';
		return { kind: 'out_of_step', what: 'unasked', message };
	}
}

function unreadable(message: string): Watched {
	return { kind: 'out_of_step', what: 'unreadable', message };
}
