/** Cuts what a returned mail is long by: newsletters come back whole, and of them only the header is read. A line costs postal-mime 4 us, so this is most of the speed. */

const lf = 0x0a;
/** The header of a message that came back, with all its signatures and traces. */
const keptOfPart = 24_576;
/** A notice that names hundreds of recipients, and the header below it. */
const keptOfText = 40_960;
const keptOfUnknown = 262_144;
const maxParts = 500;
const longestLine = 1000;

const boundaryParameter = /\bboundary\s{0,10}=\s{0,10}(?:"([^"\n]{1,200})"|([^\s;"]{1,200}))/i;
/** Parts that say what became of whom, and parts that hold parts. */
const keptWhole =
	/^content-type:\s{0,10}"?(?:message\/(?:(?:global-)?delivery-status|feedback-report|disposition-notification)|multipart\/)/im;
const isText = /^content-type:\s{0,10}"?text\/plain/im;
/** Of what comes back beside a report only the header is read; with another mail around it, it may be a report itself. */
const returned =
	/^content-type:\s{0,10}"?message\/(?:rfc822|global)\b(?![\s\S]*\ncontent-transfer-encoding:\s{0,10}base64)/im;
const report = /^content-type:\s{0,10}"?multipart\/report\b/im;
const typeLine = /^content-type:/im;

/** Lines end with LF. Keeps the first part of each part, and each boundary; linear. */
export function withoutBulk(octets: Uint8Array): Uint8Array {
	if (octets.length <= keptOfPart) return octets;
	const mail = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
	const headerEnd = mail.indexOf('\n\n') + 1;
	const header = mail.toString('latin1', 0, Math.min(headerEnd, keptOfUnknown));
	const [, quoted, token] = boundaryParameter.exec(header) ?? [];
	const boundary = quoted ?? token;
	const starts = boundary === undefined ? [] : partsAt(mail, `\n--${boundary}`, headerEnd);
	const [first] = starts;
	if (first === undefined) return lines(mail, 0, headerEnd + (boundary === undefined ? keptOfText : keptOfUnknown));
	const isReport = report.test(header);
	const pieces = [lines(mail, 0, Math.min(first, headerEnd + keptOfText))];
	for (const [index, start] of starts.entries()) {
		const end = starts[index + 1] ?? mail.length;
		const part = mail.subarray(start, end);
		const most = index === maxParts - 1 ? keptOfUnknown : keptOf(part, { isReport });
		pieces.push(lines(mail, start, Math.min(end, start + most)));
	}
	return Buffer.concat(pieces);
}

/** Offsets of the line ends before boundaries. */
function partsAt(mail: Buffer, delimiter: string, from: number): readonly number[] {
	const starts: number[] = [];
	for (let at = mail.indexOf(delimiter, Math.max(0, from - 1)); at !== -1; at = mail.indexOf(delimiter, at + 1)) {
		starts.push(at);
		if (starts.length === maxParts) break;
	}
	return starts;
}

function keptOf(part: Buffer, { isReport }: { readonly isReport: boolean }): number {
	const headerEnd = part.indexOf('\n\n', 1);
	const header = part.toString('latin1', 0, headerEnd === -1 ? 2048 : Math.min(headerEnd, 2048));
	if (keptWhole.test(header)) return Number.POSITIVE_INFINITY;
	if (isText.test(header) || !typeLine.test(header)) return keptOfText;
	const innerEnd = isReport && returned.test(header) ? part.indexOf('\n\n', headerEnd + 2) : -1;
	return innerEnd === -1 ? keptOfPart : Math.min(innerEnd + 2, keptOfPart);
}

/** Whole lines, where there are lines: half a one of base64 would be another text. */
function lines(mail: Buffer, start: number, end: number): Buffer {
	if (end >= mail.length || mail[end] === lf) return mail.subarray(start, end);
	const last = mail.lastIndexOf(lf, end);
	return mail.subarray(start, last < end - longestLine ? end : last);
}
