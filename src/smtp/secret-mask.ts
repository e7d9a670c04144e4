/** Takes secrets out of what a server says: some repeat the line that they did not like, folded, cut or in other letters. */
import type { Reply } from './reply.ts';

// So many characters of a secret in a row are taken for it; a piece that is shorter gives little away.
const pieceLength = 6;
const shown = '(secret)';

export class SecretMask {
	/** Pieces of all secrets, by their length: the whole secret when it is shorter than a piece. */
	readonly #pieces = new Map<number, Set<string>>();

	/** A secret in clear: it may come back as it is, and as base64. */
	add(secret: string): void {
		this.addForm(secret);
		this.addForm(Buffer.from(secret, 'utf8').toString('base64'));
	}

	/** A form in which secrets go over the wire. */
	addForm(form: string): void {
		const { letters } = squeeze(form.replace(/=+$/, ''));
		const length = Math.min(pieceLength, letters.length);
		if (length === 0) return;
		const pieces = this.#pieces.get(length) ?? new Set<string>();
		this.#pieces.set(length, pieces);
		for (let at = 0; at + length <= letters.length; at += 1) pieces.add(letters.slice(at, at + length));
	}

	/** The text with `(secret)` where a secret, or a good piece of one, stood; also across line ends and blanks. */
	mask(text: string): string {
		if (this.#pieces.size === 0) return text;
		const { letters, places } = squeeze(text);
		const isSecret = new Uint8Array(text.length);
		for (const [length, pieces] of this.#pieces) {
			for (let at = 0; at + length <= letters.length; at += 1) {
				if (!pieces.has(letters.slice(at, at + length))) continue;
				for (const place of places.slice(at, at + length)) isSecret[place] = 1;
			}
		}
		let masked = '';
		for (let at = 0; at < text.length; at += 1) {
			if (isSecret[at] !== 1) masked += text[at];
			else if (isSecret[at - 1] !== 1) masked += shown;
		}
		return masked;
	}

	maskReply(reply: Reply): Reply {
		return { ...reply, lines: this.mask(reply.lines.join('\n')).split('\n') };
	}
}

/** Without blanks and in lower case, and where each letter stood. */
function squeeze(text: string): { readonly letters: string; readonly places: readonly number[] } {
	let letters = '';
	const places: number[] = [];
	for (let at = 0; at < text.length; at += 1) {
		const letter = text.charAt(at);
		if (/\s/.test(letter)) continue;
		letters += /[A-Z]/.test(letter) ? letter.toLowerCase() : letter;
		places.push(at);
	}
	return { letters, places };
}
