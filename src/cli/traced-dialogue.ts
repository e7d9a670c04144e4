/** One connection's part of a trace: puts its lines together, hides what is secret in them, and makes the rest visible. */
import type { DialogueTrace } from '../smtp/trace.ts';
import { escapeControls } from './escape-controls.ts';
import type { SecretCover } from './secret-cover.ts';

// A server may send a line that never ends; nobody reads more of it than this.
const longestLine = 4_096;

/** Puts lines together, out of pieces that were cut anywhere, before secrets are looked for. */
export class TracedDialogue implements DialogueTrace {
	readonly #mask: SecretCover;
	readonly #append: (text: string) => void;
	#server = '';
	/** Octets of the server's line that were not kept. */
	#dropped = 0;
	/** Between AUTH and its final reply, whatever the client says is a secret. */
	#isSigningIn = false;

	constructor(mask: SecretCover, append: (text: string) => void) {
		this.#mask = mask;
		this.#append = append;
	}

	client(text: string): void {
		for (const line of text.split('\n')) {
			const command = line.replace(/\r+$/, '');
			if (command !== '') this.#append(`C: ${this.#withoutLogin(command)}`);
		}
	}

	server(text: string): void {
		let start = 0;
		for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
			this.#keep(text.slice(start, end));
			this.#endServerLine('');
			start = end + 1;
		}
		this.#keep(text.slice(start));
	}

	note(text: string): void {
		if (this.#server !== '') this.#endServerLine(' (the line does not end)');
		this.#append(`*: ${this.#show(text)}`);
	}

	#keep(piece: string): void {
		const room = longestLine + this.#mask.longest - this.#server.length;
		this.#server += piece.slice(0, Math.max(0, room));
		this.#dropped += Math.max(0, piece.length - Math.max(0, room));
	}

	#endServerLine(remark: string): void {
		const line = this.#server.replace(/\r+$/, '');
		const hidden = Math.max(0, line.length - longestLine) + this.#dropped;
		this.#server = '';
		this.#dropped = 0;
		if (/^\d{3}(?: |$)/.test(line) && !line.startsWith('334')) this.#isSigningIn = false;
		this.#append(`S: ${this.#show(line)}${hidden === 0 ? '' : `… and ${hidden} octets more`}${remark}`);
	}

	#withoutLogin(command: string): string {
		const auth = /^AUTH[ \t]+([A-Za-z0-9_-]{1,20})/i.exec(command);
		if (auth !== null) {
			this.#isSigningIn = true;
			return auth[0].length === command.length ? command : `AUTH ${auth[1]} (secret)`;
		}
		return this.#isSigningIn ? '(secret)' : this.#show(command);
	}

	#show(line: string): string {
		return escapeControls(decoded(this.#mask.mask(line, longestLine)));
	}
}

/** Octets that are UTF-8 become what they mean; a text that came as text stays as it is. */
function decoded(line: string): string {
	if (!/[\u0080-\u00ff]/.test(line) || /[^\u0000-\u00ff]/.test(line)) return line;
	const text = Buffer.from(line, 'latin1').toString('utf8');
	return text.includes('\ufffd') ? line : text;
}
