/** The parts of the message as the plan shows them, with `--verbose` also how each row's is made. */
import type { MessagePart } from '../message/compile-bodies.ts';
import { cleanText } from '../support/clean-text.ts';
import { formatBytes, formatCounted } from './format.ts';
import { joinFitting, wrapText } from './text-width.ts';

/** `html 18.2 KB, text 2.1 KB (made from the html)` */
export function describeParts(parts: readonly MessagePart[]): string {
	return parts.map(describePart).join(', ');
}

/** One part after the other, in lines of at most `width` columns: `html 18.2 KB, 12 values, fixed text encoded once`. */
export function explainParts(parts: readonly MessagePart[], width: number): string[] {
	return parts.flatMap((part) => {
		const how =
			part.slowReason === '' ? 'fixed text encoded once' : `encoded anew for each row: ${cleanText(part.slowReason)}`;
		return wrapText(`${describePart(part)}, ${formatCounted(part.values, 'value')}, ${how}`, width);
	});
}

/** `partials/footer.hbs, partials/button.hbs` */
export function listPartials(files: readonly string[], width: number): string {
	const rest = (hidden: number) => (hidden > 0 ? `${hidden} more` : '');
	return joinFitting(
		files.map((file) => cleanText(file)),
		width,
		{ separator: ', ', rest },
	);
}

function describePart({ kind, sizeBytes, origin }: MessagePart): string {
	const size = `${kind} ${formatBytes(sizeBytes)}`;
	return origin === 'made_from_html' ? `${size} (made from the html)` : size;
}
