/** Cuts a list of failures into blocks, each headed by the address it is about: the anatomy that nearly all families share. */
import { findAddresses, sameAddress } from './find-addresses.ts';

export interface AddressBlock {
	readonly address: string;
	/** What was said about it: the rest of its own line first. */
	readonly lines: readonly string[];
}

const maxBlocks = 200;

/** What may stand between the start of a line and the address that heads a block. */
const decoration =
	/^(?:[\s<>"'(*[•·>→|-]|full: |failed recipient: |recipient(?: address)?: |to: |mail to |user |smtp:|rfc822;|address(?:ed to)?: )*$/i;
// `Anna Bell <a@b>` and `Anna Bell (a@b)`.
const nameBefore = /^\s{0,20}["']?[^\s<>@:;,()"'][^<>@:;,()"]{0,60}["']? ?[<(]$/;
const end =
	/^(?:$|[>:;,)\]"'*(]|\.\.\.| -| on | (?:am|le|el|op|em|il|den|del|på|kl|a|à|в) .{0,3}\d| \(| <|\.?$|\s{2,}|\s[[(=|-]|\s+$|<mailto| [45]\d\d[ -]| delivery | mailbox| user| unknown| not |\s?:)/i;

/**
 * Lines before the first address are left out. A line that begins with another address opens a block unless it stands deeper than the lists's own
 * addresses (then it belongs to a wrapped reply); `allowNames` takes `Anna Bell <a@b>` for a heading, too.
 */
export function addressBlocks(lines: readonly string[], allowNames = false): readonly AddressBlock[] {
	const blocks: { address: string; lines: string[] }[] = [];
	let headingIndent = -1;
	for (const line of lines) {
		const heading = headingOf(line, allowNames);
		const current = blocks.at(-1);
		if (heading !== null && blocks.length < maxBlocks) {
			const isContinued =
				current !== undefined && (heading.indent > headingIndent || sameAddress(current.address, heading.address));
			if (!isContinued) {
				if (headingIndent === -1) headingIndent = heading.indent;
				for (const address of heading.others) blocks.push({ address, lines: [] });
				blocks.push({ address: heading.address, lines: [heading.rest] });
				continue;
			}
		}
		current?.lines.push(line);
	}
	return withSharedReasons(blocks);
}

interface Heading {
	readonly address: string;
	/** Further addresses of the line: `a@x, b@x`. */
	readonly others: readonly string[];
	readonly indent: number;
	readonly rest: string;
}

function headingOf(line: string, allowNames: boolean): Heading | null {
	if (!line.includes('@')) return null;
	const found = findAddresses(line, 20);
	const first = found[0];
	if (first === undefined || first.start > 120) return null;
	const before = line.slice(0, first.start);
	if (!isDecoration(before) && !(allowNames && nameBefore.test(before))) return null;
	const after = line.slice(first.end);
	if (!end.test(after)) return null;
	const indent = line.length - line.trimStart().length;
	const others: string[] = [];
	let last = first;
	for (const next of found.slice(1)) {
		if (!/^[\s>,;"'<]+$/.test(line.slice(last.end, next.start))) break;
		if (!sameAddress(next.address, first.address))
			others.push(first.address === last.address ? next.address : next.address);
		last = next;
	}
	return {
		address: first.address,
		others,
		indent,
		rest: saidBehind(line.slice(last.end)),
	};
}

// Exchange: `<mailto:jo@example.org>`, and when it gave up.
const mailto = /^[>)\]"' ]{0,5}<mailto:[^<>\s]{1,300}>/i;
const moment = /^(?:on|am|le|el|op|em|il|den) \d[\d/.-]{5,9} \d{1,2}[:.]\d{2}(?::\d{2})?(?: ?[AP]M)?/i;
const weekday = /^on [A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?(?: [+-]\d{4})?/;

function saidBehind(text: string): string {
	const said = text.replace(mailto, '').replace(/^[>)\]"':;,*. ]{1,10}/, '');
	return said.replace(moment, '').replace(weekday, '').trimStart();
}

function isDecoration(before: string): boolean {
	return before.length < 60 && decoration.test(before);
}

/** `a@x:` directly above `b@x: 550 ...`: the reason that follows is the reason of both. */
function withSharedReasons(blocks: readonly AddressBlock[]): readonly AddressBlock[] {
	const shared = [...blocks];
	for (let index = shared.length - 2; index >= 0; index -= 1) {
		const block = shared[index];
		const next = shared[index + 1];
		if (block === undefined || next === undefined) continue;
		if (block.lines.every((line) => line.trim() === '')) shared[index] = { address: block.address, lines: next.lines };
	}
	return shared;
}
