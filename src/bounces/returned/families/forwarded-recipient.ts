/** Gives the address that was written to where a notice names it beside the one that forwarding led to (RFC 3464 §2.3.1 in words). */
import type { TextReport } from '../text-family.ts';
import type { AddressBlock } from './address-blocks.ts';
import { findAddresses } from './find-addresses.ts';

// Postfix `<b> (expanded from <a>): ...`, Sendmail `(expanded from: <a>)`, Exim `b\n  (ultimately generated from a)`.
const origin = /\((?:expanded|ultimately generated|generated) from:? {0,3}/i;

/** The blocks, each headed by the address that was written to. */
export function withOrigins(blocks: readonly AddressBlock[]): readonly AddressBlock[] {
	return blocks.map((block) => {
		for (const [index, line] of block.lines.slice(0, 4).entries()) {
			const match = origin.exec(line.slice(0, 1_000));
			if (match === null) continue;
			const written = findAddresses(line.slice(match.index), 1)[0]?.address;
			const close = line.indexOf(')', match.index);
			const rest = close === -1 ? '' : line.slice(close + 1).replace(/^[:\s]+/, '');
			const lines = block.lines.map((other, at) => (at === index ? line.slice(0, match.index) + rest : other));
			return { address: written ?? block.address, lines };
		}
		return block;
	});
}

/** Reports about one address twice are one. */
export function withoutRepetitions(reports: readonly TextReport[]): readonly TextReport[] {
	const seen = new Set<string>();
	return reports.filter((report) => {
		const key = report.recipient.toLowerCase();
		if (seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}
