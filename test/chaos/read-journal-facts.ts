/** The journal as somebody reads it who knows design.md §5 and nothing of our reader: what it says of each key, and whether its marks are closed as promised. */
import { readFileSync } from 'node:fs';
import type { JournalRecord } from '../../src/results/journal/journal-record.ts';

export type KeyStatus = 'accepted' | 'unknown' | 'bounced' | 'deferred' | 'failed' | 'skipped' | 'nothing';

export interface JournalFacts {
	/** Strongest status by key; open marks count as unknown. */
	readonly statuses: ReadonlyMap<string, KeyStatus>;
	/** Marks by key: as many dots may have gone out. */
	readonly marks: ReadonlyMap<string, number>;
	/** Those that were not released: as many dots may have gone out without a no. */
	readonly unreleased: ReadonlyMap<string, number>;
	/** Lines of the log that there must be: settle and local records by key. */
	readonly rows: ReadonlyMap<string, number>;
	/** Its lines, by key. */
	readonly lines: ReadonlyMap<string, readonly string[]>;
	/** The most marks of one connection of one run that were open at any instant. */
	readonly mostOpen: number;
	/** What is not as promised. */
	readonly problems: readonly string[];
}

const strength: readonly KeyStatus[] = ['nothing', 'skipped', 'failed', 'deferred', 'bounced', 'unknown', 'accepted'];

export function strongest(one: KeyStatus, other: KeyStatus): KeyStatus {
	return strength.indexOf(one) >= strength.indexOf(other) ? one : other;
}

export function readJournalFacts(path: string): JournalFacts {
	const facts = new FactGatherer();
	for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
		if (line !== '') facts.take(line, index + 1);
	}
	return facts.done();
}

interface OpenMark {
	readonly key: string;
	/** `<run>/<connection>` */
	readonly holder: string;
	state: 'open' | 'released' | 'settled';
}

class FactGatherer {
	readonly #statuses = new Map<string, KeyStatus>();
	readonly #marks = new Map<string, OpenMark>();
	readonly #rows = new Map<string, number>();
	readonly #lines = new Map<string, string[]>();
	readonly #problems: string[] = [];
	readonly #open = new Map<string, number>();
	#mostOpen = 0;

	take(line: string, number: number): void {
		let record: JournalRecord;
		try {
			record = JSON.parse(line);
		} catch {
			this.#problems.push(`line ${number} of the journal is no JSON: ${line.slice(0, 60)}`);
			return;
		}
		const place = `line ${number} of the journal`;
		switch (record.type) {
			case 'mark': {
				const id = `${record.run}/${record.mark}`;
				if (this.#marks.has(id)) this.#problems.push(`${place}: mark ${id} a second time`);
				const holder = `${record.run}/${record.connection}`;
				this.#marks.set(id, { key: record.key, holder, state: 'open' });
				this.#opened(holder, 1);
				return this.#note(record.key, line);
			}
			case 'release':
			case 'settle': {
				const id = `${record.run}/${record.mark}`;
				const mark = this.#marks.get(id);
				if (mark === undefined) {
					this.#problems.push(`${place}: ${record.type} of mark ${id}, which there is not`);
					return;
				}
				if (mark.state !== 'open') this.#problems.push(`${place}: mark ${id} was ${mark.state} already`);
				else this.#opened(mark.holder, -1);
				mark.state = record.type === 'settle' ? 'settled' : 'released';
				this.#note(mark.key, line);
				if (record.type === 'release') return;
				if (mark.key !== record.key) this.#problems.push(`${place}: mark ${id} is of ${mark.key}, not ${record.key}`);
				this.#count(record.key);
				return this.#strengthen(record.key, record.status);
			}
			case 'local':
				this.#note(record.key, line);
				this.#count(record.key);
				return this.#strengthen(record.key, record.status);
			case 'resolve':
				this.#note(record.key, line);
				this.#statuses.set(record.key, record.status === 'accepted' ? 'accepted' : 'deferred');
				return;
			case 'run':
			case 'commit':
				return;
			default:
				this.#problems.push(`${place}: a record of an unknown type`);
		}
	}

	done(): JournalFacts {
		const marks = new Map<string, number>();
		const unreleased = new Map<string, number>();
		for (const { key, state } of this.#marks.values()) {
			marks.set(key, (marks.get(key) ?? 0) + 1);
			if (state !== 'released') unreleased.set(key, (unreleased.get(key) ?? 0) + 1);
			if (state === 'open') this.#strengthen(key, 'unknown');
		}
		return {
			statuses: this.#statuses,
			marks,
			unreleased,
			rows: this.#rows,
			lines: this.#lines,
			mostOpen: this.#mostOpen,
			problems: this.#problems,
		};
	}

	#strengthen(key: string, status: KeyStatus): void {
		this.#statuses.set(key, strongest(this.#statuses.get(key) ?? 'nothing', status));
	}

	#opened(holder: string, more: 1 | -1): void {
		const open = (this.#open.get(holder) ?? 0) + more;
		this.#open.set(holder, open);
		this.#mostOpen = Math.max(this.#mostOpen, open);
	}

	#count(key: string): void {
		this.#rows.set(key, (this.#rows.get(key) ?? 0) + 1);
	}

	#note(key: string, line: string): void {
		const lines = this.#lines.get(key) ?? [];
		lines.push(line);
		this.#lines.set(key, lines);
	}
}
