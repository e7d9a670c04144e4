/** The message as nodemailer's own composer lays it out (structure, boundaries, part headers, MIME-Version), cut at the places that change per row. */
import MailComposer from 'nodemailer/lib/mail-composer';

/** What goes into a slot: a header line by its position in `headers`, or a part's body. */
export type Slot =
	| { readonly kind: 'header'; readonly index: number }
	| { readonly kind: 'html' }
	| { readonly kind: 'text' };

/** `literals[0] slots[0] literals[1] ... literals[n]`; CRLF line ends. A header's slot is its whole line with its CRLF. */
export interface Skeleton {
	readonly literals: readonly string[];
	readonly slots: readonly Slot[];
	/** The one body is the end of the message: it must end its last line itself. */
	readonly isBodyLast: boolean;
}

export interface SkeletonRequest {
	/** Names of the header lines, in order. */
	readonly headers: readonly string[];
	readonly hasHtml: boolean;
	readonly hasText: boolean;
	readonly randomBytes: (size: number) => Buffer;
}

/** Composes once. Throws a plain Error when the composer's layout is not the one that splicing needs: that is a bug, never the template's fault. */
export async function composeSkeleton({ headers, hasHtml, hasText, randomBytes }: SkeletonRequest): Promise<Skeleton> {
	const token = (name: string | number): string => `slot-${seed}-${name}-end`;
	const seed = randomBytes(16).toString('hex');
	const composer = new MailComposer({
		headers: headers.map((key, index) => ({
			key,
			value: isAddressHeader(key) ? `${token(index)}@slot.invalid` : token(index),
		})),
		...(hasHtml && { html: token('html') }),
		...(hasText && { text: token('text') }),
		encoding: 'quoted-printable',
		disableFileAccess: true,
		disableUrlAccess: true,
		newline: 'win',
		// `=_` cannot occur in quoted-printable (RFC 2045 §6.7), so no body can hold its own boundary; 128 random bits come on top.
		boundaryPrefix: '=_mailshot',
		baseBoundary: randomBytes(16).toString('hex'),
	});
	const message = (await composer.compile().build()).toString('latin1');
	const found: FoundSlot[] = headers.map((_, index) => {
		const { start, end } = findOnce(message, token(index));
		const lineStart = message.lastIndexOf('\n', start) + 1;
		const lineEnd = message.indexOf('\r\n', end) + 2;
		if (/^[ \t]/.test(message.slice(lineEnd, lineEnd + 1))) throw new Error('a header of the skeleton was folded');
		return { slot: { kind: 'header', index }, start: lineStart, end: lineEnd };
	});
	if (hasText) found.push({ slot: { kind: 'text' }, ...findOnce(message, token('text')) });
	if (hasHtml) found.push({ slot: { kind: 'html' }, ...findOnce(message, token('html')) });
	return cut(message, found);
}

// nodemailer drops what is no address from these.
function isAddressHeader(name: string): boolean {
	return ['From', 'Sender', 'To', 'Reply-To'].includes(name);
}

interface FoundSlot {
	readonly slot: Slot;
	readonly start: number;
	readonly end: number;
}

function findOnce(message: string, token: string): { readonly start: number; readonly end: number } {
	const start = message.indexOf(token);
	if (start === -1 || message.indexOf(token, start + 1) !== -1) {
		throw new Error('the composer did not put a placeholder in exactly one place');
	}
	return { start, end: start + token.length };
}

function cut(message: string, found: readonly FoundSlot[]): Skeleton {
	const ordered = [...found].sort((one, other) => one.start - other.start);
	const literals: string[] = [];
	let from = 0;
	for (const { start, end } of ordered) {
		if (start < from) throw new Error('placeholders of the skeleton overlap');
		literals.push(message.slice(from, start));
		from = end;
	}
	const last = message.slice(from);
	// Without boundaries nothing but the line end that the composer adds to the placeholder comes after it.
	const isBodyLast = last === '\r\n';
	literals.push(isBodyLast ? '' : last);
	return { literals, slots: ordered.map(({ slot }) => slot), isBodyLast };
}
