/**
 * An honest SMTP server as a state machine (RFC 5321 §4.1.4, RFC 3030), without a socket: commands in, true replies out. It keeps the truth: what it
 * took, per recipient. What happens to its replies on their way is somebody else's: see mishaps.ts.
 */
import type { SeededRandom } from '../../chaos/seeded-random.ts';
import type { Truth } from './truth.ts';

/** `BDAT`: a chunk that is not the last; `LAST`: the chunk that ends a message. */
export type Command = 'MAIL' | 'RCPT' | 'DATA' | 'dot' | 'BDAT' | 'LAST' | 'RSET' | 'QUIT' | 'other';

/** What an honest server says to one command. */
export interface TrueReply {
	/** Of the command on this connection, from 0. */
	readonly number: number;
	readonly code: number;
	readonly text: string;
	readonly command: Command;
	/** Whose message is answered, for a dot or a last chunk; otherwise ''. */
	readonly recipient: string;
}

/** How a server words its 250s. */
export type Wording =
	/** Each command has its own words and each verdict a queue id. */
	| 'words'
	/** All alike. */
	| 'terse'
	/** All alike, but for the verdict's queue id. */
	| 'terse but verdict'
	/** Own words, and an id of the session and the command in each. */
	| 'ids';

/** What a server that announces CHUNKING makes of BDAT. */
export interface Chunking {
	/** False: it was announced by mistake, or somebody between us takes it for no command. */
	readonly isKnown: boolean;
	/** After a refused BDAT the sender and the recipient are still there, until RSET. */
	readonly keepsRefused: boolean;
	/** Odds that it has enough of BDAT in the midst of it: 502, its octets consumed. */
	readonly tires: number;
}

export interface ModelServerOptions {
	readonly truth: Truth;
	readonly random: SeededRandom;
	/** Odds of a true no at each step. */
	readonly refusals: number;
	readonly wording: Wording;
	/** 354 also when nobody is left to send to (RFC 2920 §3.1 warns of it). */
	readonly takesDataForNobody: boolean;
	/** Null: not announced. */
	readonly chunking: Chunking | null;
	/** The server does not take a message whose acceptance it will not say: it fell over before. */
	readonly losesNextVerdict: () => boolean;
	/** RSETs behind a refused recipient that it bears; the next one it refuses, and hangs up, as Exim does. */
	readonly mostResets: number;
	readonly hangUp: () => void;
	/** A reply is due; false: the server is gone, and reads nothing more. */
	readonly reply: (reply: TrueReply) => boolean;
}

export class ModelServer {
	readonly #options: ModelServerOptions;
	#buffered = '';
	#isInContent = false;
	/** The chunk whose octets come now; null while there is none. */
	#chunk: { readonly octets: number; readonly isLast: boolean } | null = null;
	/** Chunks of the message so far; null before the first. */
	#chunks: string | null = null;
	/** A chunk of this message was refused. */
	#isSpoilt = false;
	#hasSender = false;
	#recipient = '';
	#queued = 0;
	#answered = 0;
	#resets = 0;
	#hasRefusedRecipient = false;

	constructor(options: ModelServerOptions) {
		this.#options = options;
	}

	/** Bytes of the client, however cut. */
	hear(bytes: string): void {
		this.#buffered += bytes;
		for (;;) {
			if (!this.#hearNext()) return;
		}
	}

	/** False: it takes more bytes, or the server is gone. */
	#hearNext(): boolean {
		if (this.#chunk !== null) {
			const { octets, isLast } = this.#chunk;
			if (this.#buffered.length < octets) return false;
			this.#chunk = null;
			return this.#octets(this.#cut(octets, 0), isLast);
		}
		if (this.#isInContent) {
			const content = this.#cutContent();
			return content !== null && this.#content(content);
		}
		const end = this.#buffered.indexOf('\r\n');
		return end !== -1 && this.#line(this.#cut(end, 2));
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
		// Also when its first octet went ahead, and stands before another line.
		if (line.endsWith('ubject: hi')) this.#options.truth.contentsTakenForCommands += 1;
		const address = /<(.*)>/.exec(line)?.[1] ?? '';
		switch (line.slice(0, 4)) {
			case 'MAIL':
				return this.#mail();
			case 'RCPT':
				return this.#rcpt(address);
			case 'DATA':
				return this.#data();
			case 'BDAT':
				return this.#bdat(line);
			case 'RSET':
				return this.#reset();
			case 'QUIT':
				return this.#say('QUIT', '221 2.0.0 Bye');
			default:
				return this.#say('other', '500 5.5.2 What?');
		}
	}

	#reset(): boolean {
		this.#forget();
		if (this.#hasRefusedRecipient) this.#resets += 1;
		this.#hasRefusedRecipient = false;
		if (this.#resets <= this.#options.mostResets) return this.#say('RSET', '250 2.0.0 Flushed');
		this.#say('RSET', '554 5.7.0 Too many nonmail commands');
		this.#options.hangUp();
		return false;
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
		// RFC 3030 §2: once BDAT was said, nothing but BDAT and RSET.
		if (this.#chunks !== null) return this.#say('RCPT', '503 5.5.1 In the midst of BDAT');
		const no = this.#refusal(['450 4.2.0 Greylisted', '550 5.1.1 No such user', '452 4.2.2 Full']);
		this.#hasRefusedRecipient ||= no !== '';
		if (no !== '') return this.#say('RCPT', no);
		this.#recipient = address;
		return this.#say('RCPT', '250 2.1.5 Recipient ok');
	}

	#data(): boolean {
		// RFC 3030 §2: DATA and BDAT cannot be used in one transaction.
		if (this.#chunks !== null) return this.#say('DATA', '503 5.5.1 In the midst of BDAT');
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
		return this.#judge('dot', recipient, stuffed.replaceAll('\r\n..', '\r\n.'));
	}

	#bdat(line: string): boolean {
		const match = /^BDAT (\d+)( LAST)?$/.exec(line);
		const octets = Number(match?.[1] ?? 0);
		const isLast = match?.[2] !== undefined;
		// What follows is taken for commands, and obeyed.
		if (this.#options.chunking?.isKnown !== true)
			return this.#say(isLast ? 'LAST' : 'BDAT', '500 5.5.1 Unknown command');
		if (match === null) return this.#say('BDAT', '501 5.5.4 BDAT how much?');
		this.#chunk = { octets, isLast };
		return true;
	}

	/** RFC 3030 §2: the octets are consumed whatever the answer. */
	#octets(octets: string, isLast: boolean): boolean {
		const { random, chunking } = this.#options;
		const command = isLast ? 'LAST' : 'BDAT';
		const recipient = this.#recipient;
		if (recipient === '') {
			if (chunking?.keepsRefused !== true) this.#forget();
			return this.#say(command, this.#hasSender ? '554 5.5.1 No valid recipients' : '503 5.5.1 Need MAIL');
		}
		// RFC 3030 §2: nothing more of it may come. It is no message without the chunk that was refused.
		if (this.#isSpoilt) return this.#say(command, '503 5.5.1 A chunk was refused', recipient);
		const content = (this.#chunks ?? '') + octets;
		if (!isLast) {
			const no = this.#refusal(['451 4.3.0 Later', '552 5.3.4 Too big']);
			if (no !== '') {
				if (chunking?.keepsRefused === true) this.#isSpoilt = true;
				else this.#forget();
				return this.#say('BDAT', no);
			}
			this.#chunks = content;
			return this.#say('BDAT', `250 2.0.0 Chunk of ${octets.length} octets`);
		}
		if (random.next() < (chunking?.tires ?? 0)) {
			if (chunking?.keepsRefused !== true) this.#forget();
			return this.#say('LAST', '502 5.5.1 BDAT no more', recipient);
		}
		const keptSender = this.#hasSender;
		this.#forget();
		return this.#judge('LAST', recipient, content, () => {
			if (chunking?.keepsRefused !== true) return;
			this.#hasSender = keptSender;
			this.#recipient = recipient;
			this.#chunks = content;
		});
	}

	#judge(command: 'dot' | 'LAST', recipient: string, content: string, onNo: () => void = () => {}): boolean {
		const no = this.#refusal(['451 4.3.0 Later', '554 5.7.1 Looks like spam', '552 5.3.4 Too big']);
		if (no !== '') {
			onNo();
			return this.#say(command, no, recipient);
		}
		if (!this.#options.losesNextVerdict()) this.#options.truth.took(recipient, content, this.#answered);
		this.#queued += 1;
		return this.#say(command, `250 2.0.0 Queued as ${this.#queued}Q`, recipient);
	}

	#refusal(words: readonly string[]): string {
		const { random, refusals } = this.#options;
		return random.next() < refusals ? random.pick(words) : '';
	}

	#forget(): void {
		this.#hasSender = false;
		this.#recipient = '';
		this.#chunks = null;
		this.#isSpoilt = false;
	}

	#say(command: Command, words: string, recipient = ''): boolean {
		const code = Number(words.slice(0, 3));
		const text = code === 250 ? this.#worded(command, words.slice(4)) : words.slice(4);
		this.#answered += 1;
		return this.#options.reply({ number: this.#answered - 1, code, text, command, recipient });
	}

	#worded(command: Command, text: string): string {
		switch (this.#options.wording) {
			case 'words':
				return text;
			case 'terse':
				return 'Ok';
			case 'terse but verdict':
				return command === 'dot' || command === 'LAST' ? `Ok: queued as ${this.#queued}Q` : 'Ok';
			case 'ids':
				return `${text} ${this.#answered * 17}Q - model`;
		}
	}
}
