/** Finds secrets in a line in every form that SMTP and URLs give them, and covers them. */

const cover = '(secret)';
// Shorter ones stand in ordinary words: they are covered where they stand alone.
const shortestAnywhere = 4;

const wordCharacter = /[\p{L}\p{N}]/u;
const base64Character = /[A-Za-z0-9+/=_-]/;

interface Span {
	readonly start: number;
	readonly end: number;
}

export class SecretCover {
	readonly #plain = new Set<string>();
	/** Pieces of base64 that only these secrets have, wherever they begin in it; in lower case, since servers are seen to shout. */
	readonly #encoded = new Set<string>();
	#pattern: RegExp | null = null;
	#longest = 0;

	/** Hides it from now on. `users` are those who sign in with it: AUTH PLAIN encodes both together. */
	add(secret: string, users: readonly string[] = []): void {
		if (secret === '') return;
		for (const form of plainForms(secret)) this.#plain.add(form);
		for (const form of encodedForms(secret, users)) this.#encoded.add(form.toLowerCase());
		const forms = [...this.#plain, ...this.#encoded].sort((one, other) => other.length - one.length);
		this.#longest = forms[0]?.length ?? 0;
		this.#pattern = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'gi');
	}

	/** So many characters must be looked at together to see a secret that begins in the first of them. */
	get longest(): number {
		return this.#longest;
	}

	/** The first `limit` characters of the text, without secrets; one that begins there is covered as a whole. */
	mask(text: string, limit = text.length): string {
		let masked = '';
		let at = 0;
		for (const { start, end } of this.#spans(text)) {
			if (start >= limit) break;
			if (start > at) masked += text.slice(at, start);
			if (start >= at) masked += cover;
			at = Math.max(at, end);
		}
		return masked + text.slice(at, Math.max(at, limit));
	}

	/** In the order of their beginnings; they may overlap. */
	*#spans(text: string): Iterable<Span> {
		const pattern = this.#pattern;
		if (pattern === null) return;
		let wordEnd = 0;
		pattern.lastIndex = 0;
		for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
			const span = { start: match.index, end: match.index + match[0].length };
			// Two secrets may share characters.
			pattern.lastIndex = match.index + 1;
			if (this.#encoded.has(match[0].toLowerCase())) {
				if (span.end <= wordEnd) continue;
				const word = wholeWord(text, span, base64Character);
				wordEnd = word.end;
				yield word;
			} else if (match[0].length >= shortestAnywhere || standsAlone(text, span)) yield span;
		}
	}
}

function plainForms(secret: string): string[] {
	const octets = Buffer.from(secret, 'utf8');
	const percent = encodeURIComponent(secret);
	return [
		secret,
		// As a session hears it: an octet is a character.
		octets.toString('latin1'),
		percent,
		percent.replace(/[!'()*~._-]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
		percent.replaceAll('%20', '+'),
		[...octets].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join(''),
		JSON.stringify(secret).slice(1, -1),
		...(octets.length >= shortestAnywhere ? [octets.toString('hex')] : []),
	];
}

/** RFC 4616 (PLAIN), LOGIN, XOAUTH2, or anything else that has the secret within a base64 text. */
function encodedForms(secret: string, users: readonly string[]): string[] {
	const octets = Buffer.from(secret, 'utf8');
	const cores = [0, 1, 2].map((before) => {
		const base64 = Buffer.concat([Buffer.alloc(before), octets]).toString('base64');
		// Characters at both ends also depend on what stands beside the secret.
		return base64.slice(Math.ceil((8 * before) / 6), Math.floor((8 * (before + octets.length)) / 6));
	});
	const whole = users.flatMap((user) => [`\0${user}\0${secret}`, `${user}\0${user}\0${secret}`]);
	const blobs = [secret, ...whole].map((text) => Buffer.from(text, 'utf8').toString('base64'));
	const forms = [...cores.filter((core) => core.length >= shortestAnywhere), ...blobs];
	return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function wholeWord(text: string, { start, end }: Span, character: RegExp): Span {
	let first = start;
	let last = end;
	while (first > 0 && character.test(text.charAt(first - 1))) first -= 1;
	while (last < text.length && character.test(text.charAt(last))) last += 1;
	return { start: first, end: last };
}

function standsAlone(text: string, { start, end }: Span): boolean {
	return !wordCharacter.test(text.charAt(start - 1)) && !wordCharacter.test(text.charAt(end));
}
