/** The words of an HTML notice, line by line; html-to-text takes milliseconds and most of our 3 a mail, and nobody prints this. */

const broken = /^\/?(?:br|p|div|tr|table|ul|ol|li|h[1-6]|pre|hr|blockquote|dt|dd|title|body)\b/i;
const hidden = /^(script|style|head)\b/i;

/** Linear in `html`, whatever is not closed in it. */
export function htmlWords(html: string): string {
	const pieces: string[] = [];
	const neverClosed = new Set<string>();
	for (let at = 0; at < html.length; ) {
		const open = html.indexOf('<', at);
		if (open === -1) {
			pieces.push(flowing(html.slice(at)));
			break;
		}
		pieces.push(flowing(html.slice(at, open)));
		const isComment = html.startsWith('<!--', open);
		const close = html.indexOf(isComment ? '-->' : '>', open);
		if (close === -1) break;
		const tag = html.slice(open + 1, Math.min(close, open + 40));
		at = close + (isComment ? 3 : 1);
		if (broken.test(tag)) pieces.push('\n');
		else if (/^\/t[dh]\b/i.test(tag)) pieces.push(' ');
		const [, skipped] = hidden.exec(tag) ?? [];
		const name = skipped?.toLowerCase() ?? '';
		if (name === '' || neverClosed.has(name)) continue;
		const end = endOf(name, html, at);
		// A tag that is never closed hides nothing, and is looked for once: a page of <script> must not be quadratic.
		if (end === -1) neverClosed.add(name);
		else at = end;
	}
	return pieces
		.join('')
		.replace(/[ \t\u00a0]+/g, ' ')
		.replace(/ ?\n ?/g, '\n')
		.replace(/\n{3,}/g, '\n\n')
		.trim();
}

function endOf(name: string, html: string, from: number): number {
	const end = html.indexOf(`</${name}`, from);
	return end === -1 ? html.indexOf(`</${name.toUpperCase()}`, from) : end;
}

function flowing(text: string): string {
	const words = text.replace(/\s+/g, ' ');
	return words.includes('&') ? words.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});?/gi, character) : words;
}

const named: Readonly<Record<string, string>> = {
	...{
		amp: '&',
		lt: '<',
		gt: '>',
		quot: '"',
		apos: "'",
		nbsp: ' ',
		copy: '©',
		reg: '®',
		shy: '',
		zwnj: '',
		szlig: 'ß',
	},
	...{
		lsquo: '‘',
		rsquo: '’',
		ldquo: '“',
		rdquo: '”',
		laquo: '«',
		raquo: '»',
		ndash: '–',
		mdash: '—',
		hellip: '…',
		bull: '•',
	},
	...{ oslash: 'ø', Oslash: 'Ø', aelig: 'æ', AElig: 'Æ', iexcl: '¡', iquest: '¿' },
};
const marks: Readonly<Record<string, string>> = {
	...{
		acute: '\u0301',
		grave: '\u0300',
		uml: '\u0308',
		circ: '\u0302',
		tilde: '\u0303',
		cedil: '\u0327',
		ring: '\u030a',
	},
};

function character(whole: string, name: string): string {
	if (name.startsWith('#')) {
		const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
		return code > 0 && code < 0x110000 && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' ';
	}
	const known = named[name] ?? named[name.toLowerCase()];
	if (known !== undefined) return known;
	const mark = marks[name.slice(1).toLowerCase()];
	return mark === undefined ? whole : `${name.charAt(0)}${mark}`.normalize('NFC');
}
