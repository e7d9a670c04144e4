/**
 * A small campaign against a simulated server that knows the truth: connections that keep to their window, wait for durable marks, and meet refusals,
 * broken connections and closed sockets by seed, and try again in the same run, in memory or in a further round over the list. Each dot is noted on the disk, so that a crash after any operation knows who had one by then.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Mark } from '../../src/delivery/attempt-marks.ts';
import type { Sequel } from '../../src/delivery/delivery-result.ts';
import { KeyTable, visitedBefore } from '../../src/recipients/key-table.ts';
import { Rounds } from '../../src/recipients/rounds.ts';
import type { Recipient, Row } from '../../src/recipients/row.ts';
import type { RowSource } from '../../src/recipients/row-source.ts';
import { CampaignLog } from '../../src/results/campaign-log.ts';
import type { RunRecord } from '../../src/results/journal/journal-record.ts';
import { isCalled, isSettled } from '../../src/results/journal/key-state.ts';
import { type OpenedCampaign, openCampaign } from '../../src/results/open-campaign.ts';
import type { Tally } from '../../src/results/tally.ts';
import {
	attempt,
	makeAccepted,
	makeBounced,
	makeDeferred,
	makeMalformed,
	makeRecipient,
	makeUnknown,
	TestClock,
} from './make-result.ts';
import type { MemoryFileSystem } from './memory-file-system.ts';

export const logPath = '/campaign/results.jsonl';
export const connections = 3;
export const window = 2;

/** The server took a message; `operation`: how many operations the disk had seen when its dot went out. */
export interface Copy {
	readonly key: string;
	readonly operation: number;
}

export interface SimulatedRun {
	readonly opened: OpenedCampaign;
	readonly notices: readonly string[];
	readonly copies: readonly Copy[];
	/** Recipients that got nothing settled. */
	readonly left: number;
	/** Whom a run recorded as unknown because the connection broke behind the dot. */
	readonly broken: number;
	readonly tally: Tally;
	/** Rounds over the list behind the first. */
	readonly rounds: number;
}

interface Task {
	readonly recipient: Recipient;
	readonly number: number;
	readonly isRetry: boolean;
}

interface Attempt extends Task {
	readonly mark: Mark;
	/** Turns until the verdict; 0 before the dot. */
	turnsLeft: number;
	verdict: Verdict | null;
}

type Verdict = 'accepted' | 'bounced' | 'deferred' | 'broken';

export const runRecord: Omit<RunRecord, 'type' | 'v' | 'run'> = {
	run_id: '01KAMN4Q2V8D6T2YB7N5KXWCRA',
	campaign_id: '000102030405060708090a0b0c0d0e0f',
	campaign: 'november-news',
	tags: { team: 'news' },
	rehearsal: false,
	tool: 'mailshot 0.0.0',
	started_at: '2026-11-22T09:00:00.000Z',
	pid: 1,
	pid_started: '1',
	boot_id: '',
	host: 'acme',
	key_rule: 'address',
	message: { From: 'news@acme.example' },
	server_address: attempt.serverAddress,
	server_port: attempt.serverPort,
	connections,
	window,
	resend: '',
	verp: '',
};

export function openTables(): { readonly keys: KeyTable; readonly locals: KeyTable } {
	return { keys: new KeyTable(Buffer.alloc(16, 1)), locals: new KeyTable(Buffer.alloc(16, 2)) };
}

/** Rows 1 to `rows`; every tenth is a duplicate of the one before, every thirteenth is malformed. */
export function recipientKey(row: number): string {
	return `r${row % 10 === 0 ? row - 1 : row}@old.example`;
}

/** Opens the campaign on this disk, sends what is left of it, and closes the log. */
export async function simulateRun(
	disk: MemoryFileSystem,
	{ rows, random }: { readonly rows: number; readonly random: () => number },
): Promise<SimulatedRun> {
	const { keys, locals } = openTables();
	const opened = await openCampaign(logPath, { files: disk, keys, locals });
	const clock = new TestClock();
	const run = { ...runRecord, run_id: `RUN${opened.kind === 'new' ? 1 : opened.reading.runs + 1}` };
	const log = await CampaignLog.begin({ logPath, opened, keys, locals, run, clock, files: disk });
	const server = new Server(disk, random);
	const source = new Source(log, { rows, keys, clock });
	const lines = Array.from({ length: connections }, (_, index) => new Line(index + 1, { log, server, source, random }));
	log.onDurable(() => {
		for (const line of lines) line.step();
	});
	for (let turn = 0; lines.some((line) => line.isBusy) || !source.isDry; turn += 1) {
		for (const line of lines) line.step();
		await nextTurn();
		clock.advance(Math.floor(random() * 40));
		if (turn > 10_000) throw new Error('the campaign does not end');
		if (log.error !== null) throw log.error;
	}
	await log.close();
	if (log.error !== null) throw log.error;
	return {
		opened,
		notices: log.notices,
		copies: server.copies,
		left: log.tally.count('deferred'),
		broken: log.tally.count('unknown'),
		tally: log.tally,
		rounds: source.rounds,
	};
}

class Server {
	readonly copies: Copy[] = [];
	readonly #disk: MemoryFileSystem;
	readonly #random: () => number;

	constructor(disk: MemoryFileSystem, random: () => number) {
		this.#disk = disk;
		this.#random = random;
	}

	/** Takes the final dot, and gives what it will say. */
	dot(key: string): Verdict {
		this.#disk.note(`dot ${key}`);
		const dice = this.#random();
		const verdict = dice < 0.55 ? 'accepted' : dice < 0.8 ? 'deferred' : dice < 0.9 ? 'bounced' : 'broken';
		// A connection that breaks behind the dot: the server has it, or not.
		const hasIt = verdict === 'accepted' || (verdict === 'broken' && this.#random() < 0.7);
		if (hasIt) this.copies.push({ key, operation: this.#disk.operations.length });
		return verdict;
	}
}

const mostTries = 4;

class Source {
	/** Fallen with a connection, or to be tried again. */
	readonly again: Task[] = [];
	readonly #list: Rounds<Task>;
	readonly #clock: TestClock;

	constructor(
		log: CampaignLog,
		{ rows, keys, clock }: { readonly rows: number; readonly keys: KeyTable; readonly clock: TestClock },
	) {
		this.#clock = clock;
		this.#list = new Rounds<Task>({
			list: { rows: () => new SimulatedRows(rows) },
			keys,
			clock,
			first(row) {
				if (row.kind === 'malformed') {
					log.record({ kind: 'malformed', row });
					return null;
				}
				const state = keys.visit(row.key);
				if (state >= visitedBefore) log.record({ kind: 'skipped', recipient: row, reason: 'duplicate' });
				else if (!isSettled(state)) return { recipient: row, number: 1, isRetry: false };
				return null;
			},
			isCalled: ({ key }) => isCalled(keys, key),
			again: (recipient) => ({ recipient, number: this.#list.round + 1, isRetry: true }),
		});
	}

	get rounds(): number {
		return this.#list.round;
	}

	get isDry(): boolean {
		return this.#list.ended;
	}

	next(): Task | null {
		return this.again.shift() ?? this.#list.next();
	}

	/** A message was deferred: what becomes of it, and that it does. */
	sequelOf({ recipient, number }: Task, random: number): Sequel {
		if (number >= mostTries || random < 0.3) return { kind: 'left' };
		if (random < 0.65) {
			this.again.push({ recipient, number: number + 1, isRetry: true });
			return { kind: 'retry', at: this.#clock.now() + 30 };
		}
		const atMs = this.#clock.monotonicMs() + 30;
		this.#list.again(atMs);
		return { kind: 'round', atMs };
	}
}

class SimulatedRows implements RowSource {
	readonly #rows: number;
	#row = 0;

	constructor(rows: number) {
		this.#rows = rows;
	}

	get ended(): boolean {
		return this.#row >= this.#rows;
	}

	next(): Row | null {
		if (this.ended) return null;
		this.#row += 1;
		const [row, line] = [this.#row, this.#row + 1];
		if (row % 13 === 0) return makeMalformed({ row, line, cell: `row${row}@` }).row;
		return makeRecipient({ address: recipientKey(row).replace('r', 'R'), key: recipientKey(row), row, line });
	}

	whenReadable(listener: () => void): void {
		queueMicrotask(listener);
	}

	close(): void {}
}

/** A connection: up to `window` marks open, one message under way at a time. */
class Line {
	readonly #number: number;
	readonly #log: CampaignLog;
	readonly #server: Server;
	readonly #source: Source;
	readonly #random: () => number;
	#attempts: Attempt[] = [];

	constructor(
		number: number,
		world: {
			readonly log: CampaignLog;
			readonly server: Server;
			readonly source: Source;
			readonly random: () => number;
		},
	) {
		this.#number = number;
		this.#log = world.log;
		this.#server = world.server;
		this.#source = world.source;
		this.#random = world.random;
	}

	get isBusy(): boolean {
		return this.#attempts.length > 0 || this.#source.again.length > 0;
	}

	step(): void {
		this.#take();
		const [head] = this.#attempts;
		if (head === undefined) return;
		if (head.verdict !== null) {
			head.turnsLeft -= 1;
			if (head.turnsLeft > 0) return;
			this.#attempts.shift();
			this.#record(head, head.verdict);
			this.#take();
		} else if (!head.mark.isDurable) {
			this.#log.hurry();
		} else if (this.#random() < 0.05) {
			this.#fall();
		} else {
			head.verdict = this.#server.dot(head.recipient.key);
			head.turnsLeft = 1 + Math.floor(this.#random() * 3);
		}
	}

	#take(): void {
		while (this.#attempts.length < window) {
			const next = this.#source.next();
			if (next === null) return;
			const { message } = makeAccepted({ recipient: next.recipient });
			const mark = this.#log.mark(message, { number: next.number, connection: this.#number });
			this.#attempts.push({ ...next, mark, turnsLeft: 0, verdict: null });
		}
	}

	/** The connection breaks before the dot: certainly not sent, and tried again. */
	#fall(): void {
		for (const { mark, recipient, number, isRetry } of this.#attempts) {
			this.#log.release(mark, 'closed');
			this.#source.again.push({ recipient, number, isRetry });
		}
		this.#attempts = [];
	}

	#record(task: Attempt, verdict: Verdict): void {
		const { recipient, number, isRetry, mark } = task;
		const facts = { recipient, attempt: { ...attempt, number, isRetry, mark: mark.id, connection: this.#number } };
		if (verdict === 'accepted') this.#log.record(makeAccepted(facts));
		else if (verdict === 'bounced') this.#log.record(makeBounced(facts));
		else if (verdict === 'deferred')
			this.#log.record(makeDeferred({ ...facts, sequel: this.#source.sequelOf(task, this.#random()) }));
		else this.#log.record(makeUnknown(facts));
	}
}
