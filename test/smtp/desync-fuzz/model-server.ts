/**
 * An honest SMTP server as a state machine (RFC 5321 §4.1.4), without a socket: commands in, true replies out. It keeps the truth: what it took, per
 * recipient. What happens to its replies on their way is somebody else's: see mishaps.ts.
 */
import type { SeededRandom } from '../../chaos/seeded-random.ts';

export type Command = 'MAIL' | 'RCPT' | 'DATA' | 'dot' | 'RSET' | 'QUIT' | 'other';

/** What an honest server says to one command. */
export interface TrueReply {
	/** Of the command on this connection, from 0. */
	readonly number: number;
	readonly code: number;
	readonly text: string;
	readonly command: Command;
	/** Whose message is answered, for a dot; otherwise ''. */
	readonly recipient: string;
}

/** What the server did, over all sessions of a scenario. */
export class Truth {
	/** Recipient -> how many copies were taken for it. */
	readonly copies = new Map<string, number>();
	/** Recipients who were sent a message without content: a lone dot, where the server had taken the recipient. */
	readonly emptied = new Set<string>();
	readonly complaints: string[] = [];

	took(recipient: string, content: string): void {
		if (content === '') {
			this.emptied.add(recipient);
			return;
		}
		this.copies.set(recipient, (this.copies.get(recipient) ?? 0) + 1);
		if (!content.includes(`Dear ${recipient}\r\n`)) this.complaints.push(`${recipient} got somebody else's message`);
	}

	hasTaken(recipient: string): boolean {
		return this.copies.has(recipient);
	}
}

export interface ModelServerOptions {
	readonly truth: Truth;
	readonly random: SeededRandom;
	/** Odds of a true no at each step. */
	readonly refusals: number;
	/** Its replies look alike, as those of some servers do; otherwise each command has its own words and each verdict a queue id. */
	readonly isTerse: boolean;
	/** 354 also when nobody is left to send to (RFC 2920 §3.1 warns of it). */
	readonly takesDataForNobody: boolean;
	/** The server does not take a message whose acceptance it will not say: it fell over before. */
	readonly losesNextVerdict: () => boolean;
	/** A reply is due; false: the server is gone, and reads nothing more. */
	readonly reply: (reply: TrueReply) => boolean;
}

export class ModelServer {
	readonly #options: ModelServerOptions;
	#buffered = '';
	#isInContent = false;
	#hasSender = false;
	#recipient = '';
	#queued = 0;
	#answered = 0;

	constructor(options: ModelServerOptions) {
		this.#options = options;
	}

	/** Bytes of the client, however cut. */
	hear(bytes: string): void {
		this.#buffered += bytes;
		for (;;) {
			const unit = this.#isInContent ? this.#cutContent() : this.#cutLine();
			if (unit === null) return;
			const goesOn = this.#isInContent ? this.#content(unit) : this.#line(unit);
			if (!goesOn) return;
		}
	}

	#cutLine(): string | null {
		const end = this.#buffered.indexOf('\r\n');
		return end === -1 ? null : this.#cut(end, 2);
	}

	#cutContent(): string | null {
		if (this.#buffered.startsWith('.\r\n')) return this.#cut(0, 3);
		const end = this.#buffered.indexOf('\r\n.\r\n');
		return end === -1 ? null : this.#cut(end + 2, 3);
	}

	#cut(length: number, separator: number): string {
		const unit = this.#buffered.slice(0, length);
		this.#buffered = this.#buffered.slice(length + separator);
		return unit;
	}

	#line(line: string): boolean {
		const address = /<(.*)>/.exec(line)?.[1] ?? '';
		switch (line.slice(0, 4)) {
			case 'MAIL':
				return this.#mail();
			case 'RCPT':
				return this.#rcpt(address);
			case 'DATA':
				return this.#data();
			case 'RSET':
				this.#forget();
				return this.#say('RSET', '250 2.0.0 Flushed');
			case 'QUIT':
				return this.#say('QUIT', '221 2.0.0 Bye');
			default:
				return this.#say('other', '500 5.5.2 What?');
		}
	}

	#mail(): boolean {
		if (this.#hasSender) return this.#say('MAIL', '503 5.5.1 Nested MAIL');
		const no = this.#refusal(['451 4.3.0 Later', '550 5.7.1 Sender refused']);
		if (no !== '') return this.#say('MAIL', no);
		this.#hasSender = true;
		return this.#say('MAIL', '250 2.1.0 Sender ok');
	}

	#rcpt(address: string): boolean {
		if (!this.#hasSender) return this.#say('RCPT', '503 5.5.1 Need MAIL');
		const no = this.#refusal(['450 4.2.0 Greylisted', '550 5.1.1 No such user', '452 4.2.2 Full']);
		if (no !== '') return this.#say('RCPT', no);
		this.#recipient = address;
		return this.#say('RCPT', '250 2.1.5 Recipient ok');
	}

	#data(): boolean {
		const no = this.#recipient === '' ? '' : this.#refusal(['451 4.3.0 Later', '554 5.5.1 No']);
		const isRefused = no !== '' || (this.#recipient === '' && !this.#options.takesDataForNobody);
		if (isRefused) {
			this.#forget();
			return this.#say('DATA', no === '' ? '554 5.5.1 No valid recipients' : no);
		}
		this.#isInContent = true;
		return this.#say('DATA', '354 Go ahead');
	}

	#content(stuffed: string): boolean {
		const recipient = this.#recipient;
		this.#isInContent = false;
		this.#forget();
		if (recipient === '') return this.#say('dot', '554 5.5.1 No valid recipients');
		const no = this.#refusal(['451 4.3.0 Later', '554 5.7.1 Looks like spam', '552 5.3.4 Too big']);
		if (no !== '') return this.#say('dot', no, recipient);
		if (!this.#options.losesNextVerdict()) {
			this.#options.truth.took(recipient, stuffed.replaceAll('\r\n..', '\r\n.'));
		}
		this.#queued += 1;
		return this.#say('dot', `250 2.0.0 Queued as ${this.#queued}Q`, recipient);
	}

	#refusal(words: readonly string[]): string {
		const { random, refusals } = this.#options;
		return random.next() < refusals ? random.pick(words) : '';
	}

	#forget(): void {
		this.#hasSender = false;
		this.#recipient = '';
	}

	#say(command: Command, words: string, recipient = ''): boolean {
		const code = Number(words.slice(0, 3));
		const text = this.#options.isTerse && code === 250 ? 'Ok' : words.slice(4);
		this.#answered += 1;
		return this.#options.reply({ number: this.#answered - 1, code, text, command, recipient });
	}
}
