/** A journal for tests: keeps the ledger of marks, holds every event against the promises, and makes marks durable when the test says so. */
import type { AttemptMarks, Mark } from '../../src/delivery/attempt-marks.ts';
import type { DeliveryResult } from '../../src/delivery/delivery-result.ts';
import type { RenderedMessage } from '../../src/message/rendered-message.ts';

interface Entry {
	readonly id: number;
	readonly to: string;
	readonly number: number;
	readonly connection: number;
	isDurable: boolean;
	isOpen: boolean;
	isReleased: boolean;
}

export interface ScriptedMarksOptions {
	readonly window?: number;
	/**
	 * `at_once`: durable when made. `by_hand`: when commit() is called. A function: as a journal does, once somebody hurries, at the end of the turn, and
	 * so many turns of the event loop after that; one commit at a time.
	 */
	readonly durable?: 'at_once' | 'by_hand' | (() => number);
	/** Called for each event, after it was checked. */
	readonly onEvent?: (event: string) => void;
}

export class ScriptedMarks implements AttemptMarks {
	/** `mark 3 r7@x.example over 1`, `release 3 closed`, `result 4 accepted`, `hurry`, `durable 5` (marks up to that one). */
	readonly events: string[] = [];
	/** Promises that were broken; empty after a good run. */
	readonly violations: string[] = [];
	/** The most that any connection had open at once. */
	mostOpen = 0;
	readonly #options: ScriptedMarksOptions;
	readonly #entries: Entry[] = [];
	readonly #latest = new Map<string, Entry>();
	#listener: (() => void) | null = null;
	#isCommitting = false;
	#isHurried = false;

	constructor(options: ScriptedMarksOptions = {}) {
		this.#options = options;
	}

	mark(message: RenderedMessage, attempt: { readonly number: number; readonly connection: number }): Mark {
		const to = message.recipient.key;
		const isDurable = this.#durable === 'at_once';
		const entry = { id: this.#entries.length + 1, to, ...attempt, isDurable, isOpen: true, isReleased: false };
		this.#expect(this.#latest.get(to)?.isOpen !== true, `${to} is marked twice at once`);
		this.#entries.push(entry);
		this.#latest.set(to, entry);
		const open = this.open(attempt.connection);
		this.mostOpen = Math.max(this.mostOpen, open);
		// What is recorded when its connection is gone is marked and settled in one turn.
		this.#expect(
			open <= this.window || attempt.connection === 0,
			`connection ${attempt.connection} has ${open} marks open`,
		);
		this.#tell(`mark ${entry.id} ${to} over ${attempt.connection}`);
		return entry;
	}

	release(mark: Mark, why: string): void {
		const entry = this.#entries[mark.id - 1];
		this.#expect(entry === mark, `release of mark ${mark.id}, which was never made`);
		this.#expect(entry?.isOpen === true, `release of mark ${mark.id}, which is closed`);
		this.#expect(/^[a-z_]+$/.test(why), `"${why}" is no reason`);
		if (entry !== undefined) {
			entry.isOpen = false;
			entry.isReleased = true;
		}
		this.#tell(`release ${mark.id} ${why}`);
	}

	hurry(): void {
		this.#tell('hurry');
		if (typeof this.#durable !== 'function') return;
		this.#isHurried = true;
		this.#startCommit(this.#durable);
	}

	onDurable(listener: (() => void) | null): void {
		this.#listener = listener;
	}

	get isListenedTo(): boolean {
		return this.#listener !== null;
	}

	get window(): number {
		return this.#options.window ?? 2;
	}

	/** To be called with each result, before anything else hears of it. */
	settle(result: DeliveryResult): void {
		const { mark, connection, number } = result.attempt;
		const entry = this.#entries[mark - 1];
		if (result.kind === 'failed') {
			this.#expect(mark === 0, `${result.message.recipient.key} failed without being tried, but was marked`);
		} else if (entry === undefined) {
			this.#expect(false, `a result names mark ${mark}, which was never made`);
		} else {
			this.#expect(entry.isOpen, `a result names mark ${mark}, which is closed`);
			this.#expect(entry.to === result.message.recipient.key, `a result names mark ${mark} of ${entry.to}`);
			this.#expect(
				[0, connection].includes(entry.connection),
				`a result names mark ${mark} of connection ${entry.connection}`,
			);
			this.#expect(entry.number === number, `a result names mark ${mark} of attempt ${entry.number}`);
			entry.isOpen = false;
		}
		this.#tell(`result ${mark} ${result.kind}`);
	}

	/** To be called by the server for each content whose final dot it received. */
	dotArrived(to: string): void {
		const entry = this.#latest.get(to);
		this.#expect(entry?.isDurable === true, `the dot of ${to} arrived before its mark was durable`);
		// A dot that was on its way when its connection was given up arrives after it was called unknown.
		this.#expect(entry?.isReleased === false, `the dot of ${to} arrived, although its mark was released`);
	}

	/** Makes every mark so far durable. */
	commit(upTo = this.#entries.length): void {
		for (const entry of this.#entries.slice(0, upTo)) entry.isDurable = true;
		this.#tell(`durable ${upTo}`);
		this.#listener?.();
	}

	/** Marks of the connection that are neither released nor settled; of all connections when none is named. */
	open(connection = 0): number {
		return this.#entries.filter((entry) => entry.isOpen && (connection === 0 || entry.connection === connection))
			.length;
	}

	/** Events of one kind: `release`, or `release \d+ stopped`. */
	count(pattern: string): number {
		return this.events.filter((event) => new RegExp(`^${pattern}`).test(event)).length;
	}

	get #durable(): 'at_once' | 'by_hand' | (() => number) {
		return this.#options.durable ?? 'at_once';
	}

	#startCommit(turns: () => number): void {
		if (this.#isCommitting || !this.#isHurried) return;
		this.#isCommitting = true;
		setImmediate(() => {
			this.#isHurried = false;
			const upTo = this.#entries.length;
			laterByTurns(turns(), () => {
				this.#isCommitting = false;
				this.commit(upTo);
				this.#startCommit(turns);
			});
		});
	}

	#expect(isSo: boolean, otherwise: string): void {
		if (!isSo) this.violations.push(otherwise);
	}

	#tell(event: string): void {
		this.events.push(event);
		this.#options.onEvent?.(event);
	}
}

/** So many turns of the event loop later; whatever was written in this process is read and answered within some twenty. */
export function laterByTurns(turns: number, callback: () => void): void {
	if (turns <= 0) callback();
	else setImmediate(() => laterByTurns(turns - 1, callback));
}

/** Marks that become durable by hand; `onWait` is called when somebody hurries, and once more for those who hurried in the turns after that. */
export function handMade(options: ScriptedMarksOptions, onWait: () => void): ScriptedMarks {
	let isTold = false;
	let isHurried = false;
	const tell = () => {
		isTold = true;
		isHurried = false;
		onWait();
		laterByTurns(50, () => {
			isTold = false;
			if (isHurried) tell();
		});
	};
	return new ScriptedMarks({
		...options,
		durable: 'by_hand',
		onEvent(event) {
			if (event !== 'hurry') return;
			isHurried = true;
			if (!isTold) tell();
		},
	});
}
