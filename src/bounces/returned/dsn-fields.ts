/** The fields of a delivery status (RFC 3464 §2, RFC 6533), group by group, as servers really write them. */

import { linesOf, readable } from './header-fields.ts';
import type { MailPart, MailParts } from './mail-parts.ts';

/** Lower-case name to value; a name that comes twice in one group keeps its first value, except Diagnostic-Code, which is one text. */
export type FieldGroup = ReadonlyMap<string, string>;

export interface StatusFields {
	readonly perMessage: FieldGroup;
	readonly perRecipient: readonly FieldGroup[];
	/** Found in a part of another type: anybody may have pasted it there. */
	readonly isDisguised: boolean;
}

const maxRecipients = 10_000;
const maxValueLength = 8192;
const fieldLine = /^(?:\s?)([A-Za-z][\w-]{1,60})[ \t]*:(.*)$/;
const namesRecipient: ReadonlySet<string> = new Set(['final-recipient', 'original-recipient']);
const statusTypes =
	/^(?:message\/(?:global-)?delivery-status|text\/delivery-status|application\/(?:x-)?delivery-status)$/;
const statusLine = /^(?:reporting-mta|final-recipient|original-recipient)[ \t]*:/im;
const recipientLine = /^(?:final-recipient|original-recipient|x-actual-recipient)[ \t]*:/im;
const actionLine = /^(?:action|status|diagnostic-code)[ \t]*:/im;

/** Null when nothing in the mail is a delivery status, whatever its parts call themselves. */
export function findStatusFields(mail: MailParts): StatusFields | null {
	for (const part of mail.parts) {
		if (!statusTypes.test(part.type)) continue;
		const fields = groupsIn(linesOf(readableText(part.text)), { strayLinesContinue: true });
		if (fields.perRecipient.length > 0 || fields.perMessage.size > 0) return { ...fields, isDisguised: false };
	}
	for (const part of mail.parts) {
		const fields = mayBeDisguise(part) ? groupsIn(statusLines(part.text), { strayLinesContinue: false }) : null;
		if (fields !== null && fields.perRecipient.length > 0) return { ...fields, isDisguised: true };
	}
	return null;
}

/** QUIRK: a delivery status called text/plain, message/anything, or standing in the middle of the text. Not that within the message that came back. */
function mayBeDisguise({ type, text }: MailPart): boolean {
	const mayBe =
		type !== 'message/rfc822' && type !== 'message/global' && /^(?:text|message)\//.test(type) && type !== 'text/html';
	return mayBe && recipientLine.test(text) && actionLine.test(text);
}

function* statusLines(text: string): Generator<string> {
	const start = text.search(statusLine);
	if (start === -1) return;
	for (const line of linesOf(text, start)) {
		if (/^--\S/.test(line) || !(line.trim() === '' || /^[ \t]/.test(line) || fieldLine.test(line))) return;
		yield line;
	}
}

/** QUIRK: base64 that no Content-Transfer-Encoding told of. */
function readableText(text: string): string {
	if (text.includes(':')) return text;
	const packed = text.replace(/\s+/g, '');
	return packed !== '' && /^[A-Za-z0-9+/]+=*$/.test(packed) ? Buffer.from(packed, 'base64').toString('utf8') : text;
}

/**
 * Groups are parted by empty lines, and where these are missing by a second recipient. A group without a recipient before any with one is about the message.
 */
export function groupsIn(
	lines: Iterable<string>,
	{ strayLinesContinue }: { readonly strayLinesContinue: boolean },
): Omit<StatusFields, 'isDisguised'> {
	const perRecipient: Map<string, string>[] = [];
	const perMessage = new Map<string, string>();
	let group = perMessage;
	let last = '';
	let afterBlank = false;
	for (const line of lines) {
		if (line.trim() === '') {
			afterBlank = true;
			continue;
		}
		const [, written, value = ''] = fieldLine.exec(line.slice(0, maxValueLength)) ?? [];
		const continues = (/^[ \t]/.test(line) && !(afterBlank && written !== undefined)) || written === undefined;
		if (continues) {
			if (last !== '' && (!afterBlank || /^[ \t]/.test(line)) && (strayLinesContinue || /^[ \t]/.test(line)))
				append(group, last, line);
			continue;
		}
		const name = written.toLowerCase();
		if (beginsGroup(group, name, { afterBlank, isPerMessage: group === perMessage })) {
			if (perRecipient.length === maxRecipients) break;
			group = new Map();
			perRecipient.push(group);
		}
		if (name === 'diagnostic-code' && group.has(name)) append(group, name, value);
		else if (!group.has(name)) group.set(name, readable(value));
		last = name;
		afterBlank = false;
	}
	const named = perRecipient.filter(hasRecipient);
	if (named.length > 0) return { perMessage, perRecipient: named };
	// QUIRK: a report about one recipient, whom it does not name.
	return { perMessage, perRecipient: [perMessage, ...perRecipient].filter((each) => each.has('action')).slice(0, 1) };
}

function beginsGroup(
	group: FieldGroup,
	name: string,
	{ afterBlank, isPerMessage }: { readonly afterBlank: boolean; readonly isPerMessage: boolean },
): boolean {
	if (isPerMessage) {
		return namesRecipient.has(name) || (afterBlank && ['action', 'status', 'x-actual-recipient'].includes(name));
	}
	if (group.has(name) && (namesRecipient.has(name) || (afterBlank && hasRecipient(group)))) return true;
	if (!namesRecipient.has(name)) return false;
	return group.has('final-recipient') && (afterBlank || group.has('action') || group.has('status'));
}

function hasRecipient(group: FieldGroup): boolean {
	return group.has('final-recipient') || group.has('original-recipient') || group.has('x-actual-recipient');
}

function append(group: Map<string, string>, name: string, line: string): void {
	const value = group.get(name) ?? '';
	if (value.length < maxValueLength) group.set(name, `${value} ${readable(line)}`.trim());
}
