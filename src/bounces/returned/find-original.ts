/** The header of the message that came back: in a part of its own (RFC 3462 §2), or quoted in the text of the notice. */
import { linesOf, noFields, readHeaderFields } from './header-fields.ts';
import type { HeaderFields, MailPart } from './mail-parts.ts';

const returnedTypes =
	/^(?:message\/(?:rfc822|global|partial|news|global-headers|rfc822-headers)|text\/(?:rfc822-headers?|rfc822|message-headers))$/;
const telling: ReadonlySet<string> = new Set(['from', 'to', 'subject', 'date', 'message-id', 'received']);

export function isReturnedMessage({ type, fileName }: MailPart): boolean {
	return returnedTypes.test(type) || (/\.eml$/i.test(fileName) && !type.startsWith('text/'));
}

export function findOriginal(parts: readonly MailPart[], text: string): HeaderFields | null {
	for (const part of parts) {
		if (!isReturnedMessage(part)) continue;
		const fields = fieldsOf(part.text);
		if (tellingIn(fields) > 0) return fields;
	}
	return quotedIn(text);
}

function fieldsOf(text: string): HeaderFields {
	let start = 0;
	while (start < text.length && text.charAt(start).trim() === '') start += 1;
	if (text.startsWith('From ', start) || text.startsWith('>From ', start)) start = text.indexOf('\n', start) + 1;
	return readHeaderFields(linesOf(text, start));
}

function tellingIn(fields: HeaderFields): number {
	let count = 0;
	for (const name of telling) if (fields.get(name) !== '') count += 1;
	return count;
}

/** A quoting mark or the indentation that a notice puts before each line of what it quotes. */
const fieldBegins =
	/^([>|\t ]{0,8})(received|return-path|message-id|from|to|subject|date|mime-version|dkim-signature|delivered-to|reply-to|sender|list-unsubscribe|x-[\w-]{1,60}):[ \t]?\S/i;
const enough = 3;
const mostBlocks = 50;

/** The first run of header lines with a Message-ID in it; without one, the one that tells most. Notices also quote a From, To and Subject of their own. */
function quotedIn(text: string): HeaderFields | null {
	let best: HeaderFields = noFields;
	let block: string[] = [];
	let prefix = '';
	let blocks = 0;
	const judge = () => {
		if (block.length < enough) return;
		blocks += 1;
		const fields = readHeaderFields(block);
		const isBetter = tellingIn(fields) > tellingIn(best);
		if (tellingIn(fields) >= enough && isBetter && best.get('message-id') === '') best = fields;
	};
	for (const line of linesOf(text)) {
		if (blocks === mostBlocks) break;
		const own = block.length > 0 && line.startsWith(prefix) ? line.slice(prefix.length) : null;
		if (own !== null && own.trim() !== '' && /^(?:[ \t]|[\w-]{1,76}[ \t]*:)/.test(own)) {
			if (block.length < 1000) block.push(own);
			continue;
		}
		judge();
		const [, mark] = fieldBegins.exec(line) ?? [];
		prefix = mark ?? '';
		block = mark === undefined ? [] : [line.slice(mark.length)];
	}
	judge();
	return best === noFields ? null : best;
}
