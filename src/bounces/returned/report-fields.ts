/** The fields of a one-block report (RFC 5965 §3, RFC 8098 §3): name to values, in order. */
import { isReturnedMessage } from './find-original.ts';
import { linesOf, readHeaderFields } from './header-fields.ts';
import type { HeaderFields, MailParts } from './mail-parts.ts';

/**
 * Fields of the first part of that type; else, in a report or beside a returned message, of a text part in which a line begins with `mark`, from there on.
 * Null for neither.
 */
export function findReportFields(mail: MailParts, type: string, mark: RegExp): HeaderFields | null {
	const own = mail.parts.find((part) => part.type === type);
	if (own !== undefined) return readHeaderFields(linesOf(own.text.trimStart()));
	if (mail.type !== 'multipart/report' && !mail.parts.some(isReturnedMessage)) return null;
	for (const part of mail.parts) {
		const start = part.type === 'text/plain' || part.type === 'application/octet-stream' ? part.text.search(mark) : -1;
		if (start !== -1) return readHeaderFields(linesOf(part.text, start));
	}
	return null;
}

/** All values of one field. */
export function valuesOf(fields: HeaderFields, name: string): readonly string[] {
	return fields.all.filter((field) => field.name === name).map(({ value }) => value);
}
