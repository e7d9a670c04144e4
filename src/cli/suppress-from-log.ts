/** Reads from a log who bounced for good and stays so: the hard bounces that go on a suppression list. The file is gone through once, front to back. */
import { replyFromText } from '../bounces/reply-from-text.ts';
import { normaliseRefusal } from '../delivery/breaker/normalise-refusal.ts';
import { parseAddress } from '../recipients/parse-address.ts';
import { recipientKey } from '../recipients/recipient-key.ts';
import type { Address } from '../recipients/row.ts';
import { type OnLine, readOctetLines } from '../recipients/suppression/read-octet-lines.ts';
import { type SuppressionEntry, suppressionDate } from '../recipients/suppression/suppression-entry.ts';
import { unreadable } from '../results/way-out.ts';
import type { Stage } from '../smtp/outcome.ts';
import { errorCode, nodeFileSystem } from '../support/file-system.ts';
import { type Evidence, SameTextGuard } from './suppress-evidence.ts';

export interface LogBounces {
	/** In the order in which they bounced. */
	readonly entries: readonly SuppressionEntry[];
	/** Bounced with words that are rather about us: they are not to be suppressed. */
	readonly heldBack: number;
}

interface Pending {
	readonly at: number;
	readonly source: string;
	/** Null: the server spoke of the recipient, beyond doubt. */
	readonly evidence: Evidence | null;
}

/** A row is put together from texts that are cut: none of ours is longer. */
const longestRow = 256 * 1024;
/** Holds everything of a row up to the recipient. */
const headOctets = 512;

export interface LogListener {
	/** Leaves out who need not be looked at; `at`: when it bounced, milliseconds since 1970. */
	isWanted(address: Address, at: number): boolean;
	/** A run gave up for now on an address whose mailbox is full. */
	onSoft?(key: string, at: number): void;
	/** Whether anybody wants to hear who was accepted: it costs a microsecond a row. */
	readonly wantsAccepted?: boolean;
	onAccepted?(key: string, at: number): void;
}

/**
 * Who is on the list already, or was taken off it later than the bounce, is not wanted. RunError 73 or 74 when the log cannot be read. Rows of returned mail
 * are not among them: whoever reads that mail suppresses.
 */
export function bouncesOfLog(logPath: string, listener: LogListener): LogBounces {
	const pending = new Map<string, Pending>();
	const guards = new Map<string, SameTextGuard>();
	let lastServer = '';
	let guard = new SameTextGuard();
	const onLine: OnLine = (octets, { start, end }) => {
		const head = octets.toString('utf8', start, Math.min(end, start + headOctets));
		if (!head.includes('"source":"smtp"')) return;
		const server = serverOf(octets, start, end);
		if (server !== lastServer) {
			lastServer = server;
			guard = guards.get(server) ?? new SameTextGuard();
			guards.set(server, guard);
		}
		if (head.includes('"status":"accepted"')) {
			guard.heardAnother();
			// Somebody who was sent to again (--resend) and is there after all.
			const isHeard = listener.wantsAccepted === true;
			if (pending.size === 0 && !isHeard) return;
			const key = keyOfHead(head);
			pending.delete(key);
			if (isHeard) listener.onAccepted?.(key, timeOfHead(head));
			return;
		}
		const row = parseRow(octets.toString('utf8', start, end));
		if (row === null) return;
		const parsed = parseAddress(row.recipient);
		// Without a code nobody refused: the connection broke.
		if (row.smtp_code === 0 || parsed.kind === 'invalid') return;
		const key = recipientKey(parsed.address);
		const evidence = namesItsDomain(row) ? null : guard.refused({ key, reason: reasonOf(row) });
		if (evidence === null) guard.heardAnother();
		const at = Date.parse(row.timestamp);
		if (row.status === 'deferred' && row.final && isFull(row)) listener.onSoft?.(key, at);
		if (row.status !== 'bounced' || row.bounce_action !== 'suppress') return;
		if (listener.isWanted(parsed.address, at)) pending.set(key, { at, source: row.campaign, evidence });
	};
	try {
		readOctetLines(logPath, onLine, { files: nodeFileSystem, maxOctets: longestRow });
	} catch (error) {
		throw errorCode(error) === '' ? error : unreadable(logPath, error);
	}
	const standing = [...pending].filter(([, { evidence }]) => evidence?.isAboutUs !== true);
	return {
		entries: standing.map(([key, { at, source }]) => ({ key, reason: 'hard', date: suppressionDate(at), source })),
		heldBack: pending.size - standing.length,
	};
}

interface BouncedRow {
	readonly status: string;
	readonly final: boolean;
	readonly timestamp: string;
	readonly recipient: string;
	readonly recipient_domain: string;
	readonly smtp_code: number;
	readonly smtp_stage: Stage;
	readonly smtp_response: string;
	readonly bounce_type: string;
	readonly bounce_category: string;
	readonly bounce_action: string;
	readonly campaign: string;
}

/** Null for a line that a crash tore: the next run of this log puts it right. */
function parseRow(text: string): BouncedRow | null {
	try {
		const row: unknown = JSON.parse(text);
		return isRow(row) ? row : null;
	} catch {
		// Torn or damaged lines are the business of `mailshot log verify`.
		return null;
	}
}

const texts = [
	'status',
	'timestamp',
	'recipient',
	'recipient_domain',
	'smtp_stage',
	'smtp_response',
	'bounce_type',
	'bounce_category',
	'bounce_action',
	'campaign',
];

function isRow(row: unknown): row is BouncedRow {
	if (typeof row !== 'object' || row === null) return false;
	const fields = new Map<string, unknown>(Object.entries(row));
	return (
		typeof fields.get('smtp_code') === 'number' &&
		typeof fields.get('final') === 'boolean' &&
		texts.every((name) => typeof fields.get(name) === 'string')
	);
}

/** Run and server as they stand in the row. A quote inside a text is escaped, so that none of these words is found in one. */
function serverOf(octets: Buffer, start: number, end: number): string {
	const server = octets.indexOf(serverField, start);
	const connection = octets.indexOf(connectionField, server);
	const run = octets.indexOf(runField, connection);
	if (server === -1 || connection === -1 || run === -1 || run > end) return '';
	return octets.toString('latin1', server, connection) + octets.toString('latin1', run, octets.indexOf('"', run + 10));
}

const serverField = Buffer.from('"server_address":"');
const connectionField = Buffer.from(',"connection":');
const runField = Buffer.from('"run_id":"');
const recipientField = '"recipient":"';

/** The log has the address as it was parsed, so that nothing is left of recipientKey() but this. */
function foldKey(address: string): string {
	return address.toLowerCase().normalize('NFC');
}

function keyOfHead(head: string): string {
	const start = head.indexOf(recipientField) + recipientField.length;
	return foldKey(head.slice(start, head.indexOf('"', start)));
}

function timeOfHead(head: string): number {
	return Date.parse(/"timestamp":"([^"]{1,40})"/.exec(head)?.[1] ?? '');
}

/** Of what passes, only this says something about the address after a month; rates, greylists and broken networks do not. */
function isFull({ bounce_type, bounce_category }: BouncedRow): boolean {
	return bounce_type === 'soft' && bounce_category === 'mailbox_full';
}

/** Five people at a company that is gone stand together on a sorted list; the server names that company, and not us. */
function namesItsDomain({ bounce_category, recipient_domain, smtp_response }: BouncedRow): boolean {
	return bounce_category === 'invalid_domain' && smtp_response.toLowerCase().includes(recipient_domain);
}

function reasonOf({ smtp_stage, smtp_response }: BouncedRow): string {
	return normaliseRefusal(smtp_stage, replyFromText(smtp_response));
}
