/** Holds what a campaign left on disk against what the server knows: the promise of design.md §1, key by key. */
import { existsSync, readFileSync } from 'node:fs';
import type { LogRow } from '../helpers/read-log.ts';
import { type JournalFacts, type KeyStatus, readJournalFacts, strongest } from './read-journal-facts.ts';
import type { Dot, TruthReport } from './server-truth.ts';

export interface Case {
	readonly logPath: string;
	/** The keys that the list has, or had. */
	readonly keys: readonly string[];
	readonly truth: TruthReport;
	/** Most keys that may be unknown. */
	readonly unknownBound: number;
	/** Most marks of one connection that may be open at any instant. */
	readonly window: number;
	/** Nothing is left: every key must be settled. */
	readonly isFinished: boolean;
	/**
	 * `whole`: nothing but kills happened to the files. `cut`: their ends were cut off, and the log may have kept a row whose record the journal lost.
	 * `shared`: several runs wrote to them at once, so that numbers of runs and marks may be there twice.
	 */
	readonly files: 'whole' | 'cut' | 'shared';
}

export interface Verdict {
	/** Empty: the promise held. */
	readonly violations: readonly string[];
	readonly doubled: number;
	readonly lost: number;
	readonly unknown: number;
}

export function judge(subject: Case): Verdict {
	return new Judge(subject).judge();
}

class Judge {
	readonly #case: Case;
	readonly #journal: JournalFacts;
	readonly #log: ReadonlyMap<string, readonly LogRow[]>;
	readonly #dots = new Map<string, Dot[]>();
	readonly #violations: string[] = [];
	#doubled = 0;
	#lost = 0;
	#unknown = 0;

	constructor(subject: Case) {
		this.#case = subject;
		this.#journal = readJournalFacts(`${subject.logPath}.journal`);
		this.#log = this.#readLog();
		for (const dot of subject.truth.dots) {
			const dots = this.#dots.get(dot.recipient) ?? [];
			dots.push(dot);
			this.#dots.set(dot.recipient, dots);
		}
	}

	judge(): Verdict {
		const { keys, truth, unknownBound, window, files } = this.#case;
		if (files !== 'shared') {
			this.#violations.push(...this.#journal.problems);
			const { mostOpen } = this.#journal;
			if (mostOpen > window) this.#violations.push(`a connection had ${mostOpen} open marks, its window is ${window}`);
		}
		for (const complaint of truth.complaints) this.#violations.push(`the server complains: ${complaint}`);
		for (const key of keys) this.#judgeKey(key);
		for (const recipient of this.#dots.keys()) {
			if (!keys.includes(recipient)) this.#violations.push(`${recipient} is not in the list and was written to`);
		}
		if (this.#unknown > unknownBound) {
			this.#violations.push(`${this.#unknown} are unknown, at most ${unknownBound} may be`);
		}
		this.#judgeMessageIds();
		this.#judgeSummary();
		return {
			violations: this.#violations,
			doubled: this.#doubled,
			lost: this.#lost,
			unknown: this.#unknown,
		};
	}

	#judgeKey(key: string): void {
		const { isFinished, files } = this.#case;
		const dots = this.#dots.get(key) ?? [];
		const rows = this.#log.get(key) ?? [];
		const status = this.#journal.statuses.get(key) ?? 'nothing';
		const inLog = rows.reduce<KeyStatus>((sofar, row) => strongest(sofar, row.status), 'nothing');
		const isTaken = dots.some((dot) => dot.verdict === 'accepted');
		if (status === 'unknown') this.#unknown += 1;
		for (const [index, dot] of dots.slice(1).entries()) {
			const before = dots[index];
			if (before === undefined || isNo(before.said)) continue;
			this.#doubled += 1;
			const answer = before.said === '' ? 'no answer' : before.said.slice(0, 3);
			this.#accuse(key, `dot ${dot.number} for it after dot ${before.number} got ${answer}`);
		}
		this.#judgeMarks(key, dots);
		if (status === 'accepted' && !isTaken) {
			this.#lost += 1;
			this.#accuse(key, 'accepted in the journal, and the server never took it');
		}
		if (isTaken && status !== 'accepted' && status !== 'unknown') {
			this.#accuse(key, `the server took it, and the journal says ${status}`);
		}
		if (status === 'bounced' && !this.#wasRefused(key, dots)) {
			this.#accuse(key, 'bounced, and the server never refused it');
		}
		if (isFinished && (status === 'nothing' || status === 'deferred' || status === 'skipped' || status === 'failed')) {
			this.#lost += 1;
			this.#accuse(key, `the run says that nothing is left, and it is ${status}`);
		}
		if (inLog === status && (files !== 'whole' || rows.length === (this.#journal.rows.get(key) ?? 0))) return;
		if (!isFinished || (files === 'cut' && inLog === 'accepted' && isTaken)) return;
		this.#accuse(
			key,
			inLog === status
				? `${rows.length} lines in the log, ${this.#journal.rows.get(key) ?? 0} records in the journal`
				: `${inLog} in the log, ${status} in the journal`,
		);
	}

	/** Each dot has its mark; the mark of a dot that got no no was not released. */
	#judgeMarks(key: string, dots: readonly Dot[]): void {
		const { marks, unreleased } = this.#journal;
		const withoutNo = dots.filter((dot) => !isNo(dot.said)).length;
		if (dots.length > (marks.get(key) ?? 0)) {
			this.#accuse(key, `${dots.length} dots reached the server, the journal has fewer marks`);
		} else if (withoutNo > (unreleased.get(key) ?? 0)) {
			this.#accuse(key, `${withoutNo} dots got no no, and the journal released their marks`);
		}
	}

	#wasRefused(key: string, dots: readonly Dot[]): boolean {
		return (
			dots.some((dot) => dot.verdict === 'refused') ||
			this.#case.truth.refusals.some((refusal) => refusal.recipient === key)
		);
	}

	/** The same on every attempt, another for each key. */
	#judgeMessageIds(): void {
		const owners = new Map<string, string>();
		for (const { recipient, messageId } of this.#case.truth.dots) {
			const owner = owners.get(messageId) ?? recipient;
			owners.set(messageId, owner);
			if (owner !== recipient) this.#accuse(recipient, `has the Message-ID of ${owner}`);
		}
		for (const [key, dots] of this.#dots) {
			const ids = new Set(dots.map((dot) => dot.messageId));
			if (ids.size > 1) this.#accuse(key, `has ${ids.size} Message-IDs`);
		}
	}

	#judgeSummary(): void {
		const path = `${this.#case.logPath}.summary.json`;
		if (!existsSync(path)) {
			if (this.#case.isFinished) this.#violations.push('there is no summary');
			return;
		}
		const summary: {
			readonly state: string;
			readonly data: { readonly rows: number };
			readonly counts: Readonly<Record<string, number>>;
		} = JSON.parse(readFileSync(path, 'utf8'));
		if (summary.state === 'running') {
			if (this.#case.isFinished) this.#violations.push('the run is over, and the summary says that it runs');
			return;
		}
		const { to_send: _, ...counts } = summary.counts;
		const sum = Object.values(counts).reduce((total, count) => total + count, 0);
		if (sum !== summary.data.rows) {
			this.#violations.push(`the summary has ${summary.data.rows} rows and counts ${sum}: ${JSON.stringify(counts)}`);
		}
	}

	#readLog(): ReadonlyMap<string, readonly LogRow[]> {
		const rows = new Map<string, LogRow[]>();
		const text = readFileSync(this.#case.logPath, 'utf8');
		for (const [index, line] of text.split('\n').entries()) {
			if (line === '') continue;
			try {
				const row: LogRow = JSON.parse(line);
				const ofKey = rows.get(row.key) ?? [];
				ofKey.push(row);
				rows.set(row.key, ofKey);
			} catch {
				this.#violations.push(`line ${index + 1} of the log is no JSON: ${line.slice(0, 60)}`);
			}
		}
		if (text !== '' && !text.endsWith('\n')) this.#violations.push('the log ends in a torn line');
		return rows;
	}

	#accuse(key: string, what: string): void {
		this.#violations.push([`${key}: ${what}`, ...this.#evidence(key)].join('\n    '));
	}

	/** What is known of a key: server, journal, log. */
	#evidence(key: string): string[] {
		const refusals = this.#case.truth.refusals.filter((refusal) => refusal.recipient === key);
		return [
			...refusals.map(({ at, said }) => `server ${time(at)} refused: ${said}`),
			...(this.#dots.get(key) ?? []).map(
				({ number, at, connection, verdict, said }) =>
					`server ${time(at)} dot ${number} on connection ${connection}: ${verdict}, said ${said === '' ? 'nothing' : said}`,
			),
			...(this.#journal.lines.get(key) ?? []).map((line) => `journal ${line}`),
			...(this.#log.get(key) ?? []).map(
				({ timestamp, status, attempt, connection, smtp_response, error_type, run_id }) =>
					`log ${timestamp} ${status} attempt ${attempt} connection ${connection} ${smtp_response} ${error_type} (run ${run_id})`,
			),
		];
	}
}

function isNo(said: string): boolean {
	return /^[45]/.test(said);
}

function time(at: number): string {
	return new Date(at).toISOString();
}
