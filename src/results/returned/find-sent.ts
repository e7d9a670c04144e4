/** Finds in a log what was sent to those of whom returned mail speaks: one pass over the log, memory only for what is looked for. */
import { constants } from 'node:fs';
import type { FileSystem } from '../../support/file-system.ts';
import { linesInPieces } from '../journal/line-splitter.ts';
import { type LogLine, parseLogLine } from '../journal/parse-log-line.ts';
import { unreadable } from '../way-out.ts';
import { noticeOfRow } from './returned-row.ts';

/** A message that left: accepted, or nobody knows. Nothing else can come back. */
export interface SentMessage {
	readonly key: string;
	readonly recipient: string;
	readonly row: number;
	readonly line: number;
	/** With angle brackets. */
	readonly messageId: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly runId: string;
	/** What the server called it; '' when it did not say. */
	readonly remoteId: string;
}

export interface Wanted {
	/** With angle brackets. */
	readonly messageIds: ReadonlySet<string>;
	/** First 20 characters behind the bracket: what a VERP token holds. */
	readonly prefixes: ReadonlySet<string>;
	/** What servers call messages. */
	readonly remoteIds: ReadonlySet<string>;
	/** As foldAddress gives them. */
	readonly recipients: ReadonlySet<string>;
}

export interface FoundInLog {
	readonly byMessageId: ReadonlyMap<string, SentMessage>;
	readonly byPrefix: ReadonlyMap<string, SentMessage>;
	readonly byRemoteId: ReadonlyMap<string, SentMessage>;
	/** In the order of the log. */
	readonly byRecipient: ReadonlyMap<string, readonly SentMessage[]>;
	/** What returned mail the log has told of already: see noticeOfRow. */
	readonly recorded: ReadonlySet<string>;
}

export const prefixLength = 20;

/** RunError 74 when the log cannot be read; rejects with the reason of the signal. Lines that are no rows are passed over: `log verify` speaks of them. */
export async function findSent(
	logPath: string,
	wanted: Wanted,
	{ files, signal }: { readonly files: FileSystem; readonly signal?: AbortSignal | undefined },
): Promise<FoundInLog> {
	const found = new Finds();
	let descriptor: number;
	try {
		descriptor = files.open(logPath, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
	} catch (error) {
		throw unreadable(logPath, error);
	}
	try {
		const { sizeBytes } = files.fstat(descriptor);
		for await (const lines of linesInPieces(descriptor, { files, to: sizeBytes, signal })) {
			for (const { octets } of lines) {
				if (!mayConcern(octets, wanted)) continue;
				const line = parseLogLine(octets);
				if (line.kind === 'line') found.take(line, wanted);
			}
		}
		return found;
	} finally {
		files.close(descriptor);
	}
}

/** Two spellings of one address, whose domain is an A-label, become the same. */
export function foldAddress(address: string): string {
	return address.toLowerCase().normalize('NFC');
}

// A row has its address, its Message-ID and its source near the beginning (design.md §5: the order of columns is fixed).
const headLength = 2048;

/** A look at the octets first: nearly all rows of a log are about others, and parsing each would take five times as long. */
function mayConcern(octets: Buffer, { messageIds, prefixes, remoteIds, recipients }: Wanted): boolean {
	const head = octets.toString('latin1', 0, Math.min(octets.length, headLength));
	if (!head.includes('"source":"smtp"') || octets.length > headLength * 8) return true;
	const id = textIn(head, '"message_id":"');
	const recipient = textIn(head, '"recipient":"');
	const remoteId = remoteIds.size === 0 ? '' : textIn(head, '"remote_id":"');
	// What is escaped, or no ASCII, is for the parser to read.
	if (id === null || recipient === null || remoteId === null) return true;
	return (
		messageIds.has(id) ||
		remoteIds.has(remoteId) ||
		prefixes.has(id.slice(1, 1 + prefixLength)) ||
		recipients.has(foldAddress(recipient))
	);
}

// Escaped, or not ASCII.
const notPlainCharacter = /[\\\x80-\xff]/;

function textIn(head: string, name: string): string | null {
	const start = head.indexOf(name) + name.length;
	const end = start < name.length ? -1 : head.indexOf('"', start);
	if (end === -1) return null;
	const value = head.slice(start, end);
	return notPlainCharacter.test(value) ? null : value;
}

class Finds implements FoundInLog {
	readonly byMessageId = new Map<string, SentMessage>();
	readonly byPrefix = new Map<string, SentMessage>();
	readonly byRemoteId = new Map<string, SentMessage>();
	readonly byRecipient = new Map<string, SentMessage[]>();
	readonly recorded = new Set<string>();

	take(line: LogLine, { messageIds, prefixes, remoteIds, recipients }: Wanted): void {
		const notice = noticeOfRow(line);
		if (notice !== null) this.recorded.add(notice);
		const sent = sentOf(line);
		if (sent === null) return;
		const { messageId, remoteId } = sent;
		// A Message-ID is the same on every attempt: the last one that left is the one that came back.
		if (messageIds.has(messageId)) this.byMessageId.set(messageId, sent);
		const prefix = messageId.slice(1, 1 + prefixLength);
		if (prefixes.has(prefix)) this.byPrefix.set(prefix, sent);
		if (remoteIds.has(remoteId)) this.byRemoteId.set(remoteId, sent);
		const recipient = foldAddress(sent.recipient);
		if (!recipients.has(recipient)) return;
		const others = this.byRecipient.get(recipient);
		if (others === undefined) this.byRecipient.set(recipient, [sent]);
		else others.push(sent);
	}
}

function sentOf({ source, status, key, recipient, row, line, runId, fields }: LogLine): SentMessage | null {
	if (source !== 'smtp' || (status !== 'accepted' && status !== 'unknown') || key === '') return null;
	const [messageId, timestamp, named] = ['message_id', 'timestamp', 'remote_id'].map((name) => fields.get(name));
	const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
	if (typeof messageId !== 'string' || Number.isNaN(at)) return null;
	return { key, recipient, row, line, messageId, at, runId, remoteId: typeof named === 'string' ? named : '' };
}
