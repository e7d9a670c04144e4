/** Reads a message that mailshot rendered the way its recipient will: for the plan and the demo, which show one. */
import { decodeHeaderText } from '../sandbox/decode-header-text.ts';

export interface ReadableMessage {
	/** Decoded, '' when the message has none. */
	readonly from: string;
	readonly to: string;
	readonly subject: string;
	readonly listUnsubscribe: string;
	/** The text part, decoded; '' when there is none. */
	readonly text: string;
}

/** `content` as in RenderedMessage. Not a parser for mail from elsewhere: it knows what our own skeleton looks like. */
export function readRendered(content: string): ReadableMessage {
	const [head, body] = splitHead(content);
	const field = (name: string) => decodeHeaderText(fieldValue(head, name));
	return {
		from: field('From'),
		to: field('To'),
		subject: field('Subject'),
		listUnsubscribe: field('List-Unsubscribe'),
		text: readText(head, body),
	};
}

function splitHead(entity: string): readonly [head: string, body: string] {
	const end = entity.indexOf('\r\n\r\n');
	return end === -1 ? [entity, ''] : [entity.slice(0, end), entity.slice(end + 4)];
}

function fieldValue(head: string, name: string): string {
	const start = new RegExp(`^${name}:[ \\t]*`, 'im').exec(head);
	if (start === null) return '';
	const rest = head.slice(start.index + start[0].length);
	return /^[^\r\n]*(?:\r\n[ \t][^\r\n]*)*/.exec(rest)?.[0] ?? '';
}

function readText(head: string, body: string): string {
	const type = fieldValue(head, 'Content-Type');
	const boundary = /boundary="?([^";\s]+)"?/i.exec(type)?.[1];
	if (boundary !== undefined) {
		const parts = body.split(`--${boundary}`).slice(1, -1);
		const texts = parts.map((part) => readText(...splitHead(part.replace(/^\r\n/, ''))));
		return texts.find((text) => text !== '') ?? '';
	}
	if (type !== '' && !/^text\/plain/i.test(type)) return '';
	const encoding = fieldValue(head, 'Content-Transfer-Encoding').trim().toLowerCase();
	return decodeBody(body, encoding).replaceAll('\r\n', '\n').trim();
}

function decodeBody(body: string, encoding: string): string {
	if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
	if (encoding !== 'quoted-printable') return body;
	const octets = body
		.replace(/=\r\n/g, '')
		.replace(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	return Buffer.from(octets, 'latin1').toString('utf8');
}
