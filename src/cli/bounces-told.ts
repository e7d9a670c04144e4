/** What a mail or an event says, as far as it is to be matched with a log: its name, its ids, and the tokens in it that we signed. */
import { createHash } from 'node:crypto';
import type { Told } from '../feedback.ts';
import type { Address } from '../recipients/row.ts';
import { findUnsubscribeToken, readUnsubscribeToken } from '../recipients/tokens/unsubscribe-token.ts';
import { hasVerpForm, readVerp } from '../recipients/tokens/verp.ts';
import type { Reading } from './bounces-reading.ts';

/** Whom a token names that we signed; refused: there is one, and it is forged or broken. */
export type FoundToken = { readonly address: Address; readonly campaign: string } | 'refused' | null;

/** Long enough that nobody can guess it: the names that SES gives. */
const longName = /^<([\w.-]{20,200})@[^<>@\s]+>$/;

export class TellingReader {
	/** Envelope senders that look like ours, and that none of the secrets signed. */
	unsigned = 0;
	readonly #secrets: () => readonly Buffer[];

	/** `secrets` is called when there is something to check, and not before. */
	constructor(secrets: () => readonly Buffer[]) {
		this.#secrets = secrets;
	}

	/** One for each recipient, in order. */
	told(reading: Reading): Told[] {
		switch (reading.kind) {
			case 'problem':
				return [];
			case 'event': {
				const { report, messageId, remoteId, date } = reading.event;
				const noticeId = noticeIdOf('event', [report.kind, report.recipient, messageId, remoteId, date]);
				const at = timeOf(date);
				return [
					{ report, source: sourceOf(report), noticeId, messageId, remoteId, envelopeId: '', verpPrefix: null, at },
				];
			}
			case 'mail': {
				const { reports, original, envelopeId, arrivedFor, date } = reading.returned;
				const { messageId } = original;
				// The same mail may come out of an mbox today and out of a Maildir tomorrow, with other headers around it.
				const facts = reports.flatMap(({ kind, recipient, reply }) => [kind, recipient, reply]);
				const noticeId = noticeIdOf('mail', [date, messageId, ...facts]);
				// QUIRK: SES puts its own name for a message in the place of our Message-ID.
				const remoteId = longName.exec(messageId)?.[1] ?? '';
				const ids = { messageId, remoteId, envelopeId, verpPrefix: this.#verpPrefix(arrivedFor), at: timeOf(date) };
				return reports.map((report) => ({ report, source: sourceOf(report), noticeId, ...ids }));
			}
		}
	}

	/** Of a mail that asks to be left alone; null: there is none. */
	unsubscribeToken(reading: Reading): FoundToken {
		if (reading.kind !== 'mail' || reading.returned.kind !== 'unsubscribe') return null;
		const token = findUnsubscribeToken(reading.returned.subject);
		if (token === null) return null;
		const found = readUnsubscribeToken(token, this.#secrets());
		return found.kind === 'valid' ? { address: found.address, campaign: found.campaign } : 'refused';
	}

	#verpPrefix(addresses: readonly string[]): string | null {
		const ours = addresses.filter(hasVerpForm);
		for (const address of ours) {
			const prefix = readVerp(address, this.#secrets());
			if (prefix !== null) return prefix;
		}
		if (ours.length > 0) this.unsigned += 1;
		return null;
	}
}

/** Milliseconds since 1970; null when a date cannot be read. */
export function timeOf(date: string): number | null {
	const at = Date.parse(date);
	return Number.isNaN(at) ? null : at;
}

function sourceOf({ kind }: Told['report']): Told['source'] {
	return kind === 'complaint' ? 'arf' : 'dsn';
}

function noticeIdOf(kind: string, facts: readonly string[]): string {
	return `${kind}:${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 24)}`;
}
