/**
 * Mailboxes that were full, campaign after campaign (reference/bounces.md §1 rule 6), in a file beside the suppression list: `suppress.csv.soft.jsonl`.
 *
 * Five times in three campaigns over thirty days, with no accepted message in between, and nobody reads that mailbox any more. One line an event, append
 * only, so that runs that end at once do not disturb one another; a line that is there already is not written again.
 */
import { constants } from 'node:fs';
import { errorCode, type FileSystem, nodeFileSystem } from '../../support/file-system.ts';
import { readOctetLines } from './read-octet-lines.ts';

/** All three have to hold. */
export const softLimits = { times: 5, campaigns: 3, days: 30 } as const;

const dayMs = 86_400_000;
const longestLine = 4096;

interface History {
	/** When it was full -> in which campaign. Milliseconds since 1970. */
	readonly softs: Map<number, string>;
	/** When a message was accepted that is not known to have come back. */
	readonly acceptances: Set<number>;
	/** Accepted by a relay, and returned because the mailbox was full: no sign of life. */
	readonly returned: Set<number>;
}

export class SoftBook {
	readonly #path: string;
	readonly #files: FileSystem;
	readonly #histories = new Map<string, History>();
	#unwritten: string[] = [];

	/** Throws what the file system throws, but for a file that is not there. */
	static read(listPath: string, files: FileSystem = nodeFileSystem): SoftBook {
		const book = new SoftBook(softBookPath(listPath), files);
		try {
			readOctetLines(book.#path, (octets, { start, end }) => book.#replay(octets.toString('utf8', start, end)), {
				files,
				maxOctets: longestLine,
			});
		} catch (error) {
			if (errorCode(error) !== 'ENOENT') throw error;
		}
		return book;
	}

	private constructor(path: string, files: FileSystem) {
		this.#path = path;
		this.#files = files;
	}

	/** Addresses with a history: nobody else need be asked about. */
	get size(): number {
		return this.#histories.size;
	}

	/** A run gave up on the address for now, or a message came back that was accepted at `acceptedAt`. `key`: recipientKey. */
	soft(key: string, campaign: string, { at, acceptedAt }: { readonly at: number; readonly acceptedAt?: number }): void {
		if (!this.#takeSoft({ address: key, campaign, at, acceptedAt: acceptedAt ?? null })) return;
		const accepted = acceptedAt === undefined ? {} : { accepted_at: isoTime(acceptedAt) };
		this.#note({ v: 1, type: 'soft', address: key, campaign, at: isoTime(at), ...accepted });
	}

	/** The address took a message: what was before no longer counts. */
	accepted(key: string, at: number): void {
		const history = this.#histories.get(key);
		if (history === undefined || history.returned.has(at)) return;
		const last = lastAcceptance(history);
		if (at <= last || ![...history.softs.keys()].some((soft) => soft > last && soft <= at)) return;
		history.acceptances.add(at);
		this.#note({ v: 1, type: 'accepted', address: key, at: isoTime(at) });
	}

	/** Who has been full for too long. `since`: what was before that does not count, for an address that somebody took off the list. */
	overdue(since: (key: string) => number): readonly { readonly key: string; readonly at: number }[] {
		const found: { readonly key: string; readonly at: number }[] = [];
		for (const [key, history] of this.#histories) {
			const { softs } = history;
			if (softs.size < softLimits.times) continue;
			const from = Math.max(lastAcceptance(history), since(key));
			const times = [...softs.keys()].filter((at) => at > from);
			const campaigns = new Set(times.map((at) => softs.get(at)));
			const [first, last] = [Math.min(...times), Math.max(...times)];
			const isOverdue =
				times.length >= softLimits.times &&
				campaigns.size >= softLimits.campaigns &&
				last - first >= softLimits.days * dayMs;
			if (isOverdue) found.push({ key, at: last });
		}
		return found;
	}

	/** Appends what is new, 0600, durable when it returns; throws what the file system throws. */
	write(): void {
		if (this.#unwritten.length === 0) return;
		const bytes = Buffer.from(this.#unwritten.join(''));
		const descriptor = this.#files.open(this.#path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
		try {
			for (let offset = 0; offset < bytes.length; ) offset += this.#files.write(descriptor, bytes, offset);
			this.#files.fsync(descriptor);
		} finally {
			this.#files.close(descriptor);
		}
		this.#unwritten = [];
	}

	#takeSoft({ address: key, campaign, at, acceptedAt }: Omit<SoftEvent, 'type'>): boolean {
		let history = this.#histories.get(key);
		if (history === undefined) {
			history = { softs: new Map(), acceptances: new Set(), returned: new Set() };
			this.#histories.set(key, history);
		}
		if (acceptedAt !== null) {
			history.returned.add(acceptedAt);
			history.acceptances.delete(acceptedAt);
		}
		if (history.softs.has(at)) return false;
		history.softs.set(at, campaign);
		return true;
	}

	#note(event: Readonly<Record<string, unknown>>): void {
		// After a crash the last line may be torn: a blank line in between costs nothing.
		if (this.#unwritten.length === 0) this.#unwritten.push('\n');
		this.#unwritten.push(`${JSON.stringify(event)}\n`);
	}

	#replay(line: string): void {
		const event = readEvent(line);
		if (event === null) return;
		if (event.type === 'soft') this.#takeSoft(event);
		const history = this.#histories.get(event.address);
		if (event.type === 'accepted' && history?.returned.has(event.at) === false) history.acceptances.add(event.at);
	}
}

/** 0: never. */
function lastAcceptance({ acceptances }: History): number {
	return Math.max(0, ...acceptances);
}

export function softBookPath(listPath: string): string {
	return `${listPath}.soft.jsonl`;
}

interface SoftEvent {
	readonly type: string;
	readonly address: string;
	readonly campaign: string;
	readonly at: number;
	/** When the message was accepted that came back; null when none did. */
	readonly acceptedAt: number | null;
}

/** Null for a line that is none of ours, or torn: a mailbox that is counted once too seldom is written to once more. */
function readEvent(line: string): SoftEvent | null {
	if (line === '') return null;
	try {
		const value: unknown = JSON.parse(line);
		if (typeof value !== 'object' || value === null) return null;
		const fields = new Map<string, unknown>(Object.entries(value));
		const text = (name: string) => {
			const field = fields.get(name);
			return typeof field === 'string' ? field : '';
		};
		const at = Date.parse(text('at'));
		if (Number.isNaN(at)) return null;
		const accepted = Date.parse(text('accepted_at'));
		const acceptedAt = Number.isNaN(accepted) ? null : accepted;
		return { type: text('type'), address: text('address'), campaign: text('campaign'), at, acceptedAt };
	} catch {
		return null;
	}
}

function isoTime(at: number): string {
	return new Date(at).toISOString();
}
