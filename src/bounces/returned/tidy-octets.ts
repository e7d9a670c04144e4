/** Octets of a mail as RFC 5322 wants them: what storage and old gateways do to a mail, undone before MIME is read. */

const cr = 0x0d;
const lf = 0x0a;
/** postal-mime takes 4 us for a line, so a megabyte of empty ones would take seconds; one of base64 has 14,000. */
const maxLines = 30_000;

/** Ends lines with LF where they end with CR alone, and takes away what stands before the first header field: empty lines, a byte order mark, an mbox "From " line. Gives 30,000 lines at most. */
export function tidied(octets: Uint8Array): Uint8Array {
	const lines = octets.includes(cr) ? withoutCr(octets) : octets;
	const mail = lines.subarray(beginningOf(lines));
	return mail.subarray(0, endOfLines(mail, maxLines));
}

function endOfLines(octets: Uint8Array, most: number): number {
	let end = 0;
	for (let line = 0; line < most; line++) {
		end = octets.indexOf(lf, end) + 1;
		if (end === 0) return octets.length;
	}
	return end;
}

// QUIRK: CR CR LF is one line end, made by a program that added a CR to lines that had one.
function withoutCr(octets: Uint8Array): Uint8Array {
	const result = new Uint8Array(octets.length);
	let length = 0;
	for (let at = 0; at < octets.length; ) {
		const octet = octets[at] ?? 0;
		at += 1;
		if (octet !== cr) {
			result[length++] = octet;
			continue;
		}
		let end = at;
		while (octets[end] === cr) end += 1;
		const ends = octets[end] === lf ? 1 : end - at + 1;
		for (let line = 0; line < ends; line++) result[length++] = lf;
		at = octets[end] === lf ? end + 1 : end;
	}
	return result.subarray(0, length);
}

function beginningOf(octets: Uint8Array): number {
	let at = octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf ? 3 : 0;
	while (octets[at] === lf || octets[at] === 0x20 || octets[at] === 0x09) at += 1;
	const line = Buffer.from(octets.buffer, octets.byteOffset + at, Math.min(6, octets.length - at)).toString('latin1');
	if (!line.startsWith('From ') && !line.startsWith('>From ')) return at;
	const end = octets.indexOf(lf, at);
	return end === -1 ? octets.length : end + 1;
}

const lookedAt = 65_536;
const boundaryLine = /(?:^|\n)--([^\n]{1,200}?)[ \t]*\ncontent-[a-z-]{2,30}:/i;
const worthMending = /\ncontent-type:[ \t]*(?:message\/|text\/rfc822-headers)/i;

/**
 * The body of a mail whose header says nothing of its parts, or names another boundary than the body has, under a header that fits; null when the body
 * has no parts that a returned mail is made of.
 */
export function mendedBoundary(octets: Uint8Array): Uint8Array | null {
	const text = Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.length, lookedAt)).toString('latin1');
	const bodyAt = text.indexOf('\n\n');
	if (bodyAt === -1) return null;
	const body = text.slice(bodyAt + 1);
	const boundary = boundaryLine.exec(body)?.[1];
	if (boundary === undefined || /["\\]/.test(boundary) || !worthMending.test(body)) return null;
	const header = Buffer.from(`Content-Type: multipart/mixed; boundary="${boundary}"\n`, 'latin1');
	return Buffer.concat([header, octets.subarray(bodyAt + 1)]);
}
