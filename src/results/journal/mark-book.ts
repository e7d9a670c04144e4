/**
 * Which marks of a journal are open, and where they stand. Marks of a run ascend and are closed soon, so the last few thousand are kept in a ring:
 * no hashing, nothing allocated. The few that stay open longer move to a map, and so do those of a run that has ended.
 */

const ringSize = 4096;

export interface OpenMark {
	readonly run: number;
	readonly mark: number;
	/** Where its line begins. */
	readonly offset: number;
}

export class MarkBook {
	readonly #runs = new Map<number, RunMarks>();
	/** Runs that have a ring. */
	readonly #living: RunMarks[] = [];
	#lastRun = 0;
	#lastMarks: RunMarks = new RunMarks();

	/** Highest mark of the run so far. */
	last(run: number): number {
		return this.#of(run).last;
	}

	/** `mark` is higher than last(run); its line begins at `offset`. */
	open(run: number, mark: number, offset: number): void {
		const marks = this.#of(run);
		if (!marks.isLiving) this.#living.push(marks);
		marks.open(mark, offset);
	}

	/** Gives where the mark's line begins, also when it was closed before; -1 when that is no longer known. */
	close(run: number, mark: number): number {
		return this.#of(run).close(mark);
	}

	/** Another run has begun: those before it are most likely over. */
	runBegins(): void {
		// A cron line leaves thousands of runs: only those that marked something since are looked at.
		for (const marks of this.#living.splice(0)) marks.retire();
	}

	/** In the order of the file. */
	openMarks(): OpenMark[] {
		const open = [...this.#runs].flatMap(([run, marks]) =>
			marks.list().map(([mark, offset]) => ({ run, mark, offset })),
		);
		return open.sort((a, b) => a.offset - b.offset);
	}

	#of(run: number): RunMarks {
		if (run === this.#lastRun) return this.#lastMarks;
		let marks = this.#runs.get(run);
		if (marks === undefined) {
			marks = new RunMarks();
			this.#runs.set(run, marks);
		}
		this.#lastRun = run;
		this.#lastMarks = marks;
		return marks;
	}
}

/** Offsets are complemented (below 0) once their mark is closed. */
class RunMarks {
	last = 0;
	#numbers = new Float64Array(0);
	#offsets = new Float64Array(0);
	readonly #others = new Map<number, number>();
	#isRetired = false;

	get isLiving(): boolean {
		return this.#numbers.length > 0;
	}

	open(mark: number, offset: number): void {
		if (this.#numbers.length === 0) {
			this.#numbers = new Float64Array(ringSize);
			this.#offsets = new Float64Array(ringSize);
		}
		const slot = mark % ringSize;
		if ((this.#offsets[slot] ?? -1) >= 0) this.#keep(slot);
		this.#numbers[slot] = mark;
		this.#offsets[slot] = offset;
		this.last = mark;
	}

	close(mark: number): number {
		const slot = mark % ringSize;
		if (this.#numbers[slot] === mark) {
			const offset = this.#offsets[slot] ?? -1;
			if (offset >= 0) this.#offsets[slot] = -offset - 1;
			return offset >= 0 ? offset : -offset - 1;
		}
		const offset = this.#others.get(mark);
		if (offset === undefined) return -1;
		// The run that died with it open may still live, and say later what became of it.
		if (this.#isRetired) this.#others.set(mark, offset >= 0 ? -offset - 1 : offset);
		else this.#others.delete(mark);
		return offset >= 0 ? offset : -offset - 1;
	}

	retire(): void {
		for (let slot = 0; slot < this.#offsets.length; slot++) if ((this.#offsets[slot] ?? -1) >= 0) this.#keep(slot);
		this.#numbers = new Float64Array(0);
		this.#offsets = new Float64Array(0);
		this.#isRetired = true;
	}

	list(): [mark: number, offset: number][] {
		const open = [...this.#others];
		for (const [slot, mark] of this.#numbers.entries()) open.push([mark, this.#offsets[slot] ?? -1]);
		return open.filter(([mark, offset]) => mark > 0 && offset >= 0);
	}

	#keep(slot: number): void {
		const mark = this.#numbers[slot] ?? 0;
		if (mark > 0) this.#others.set(mark, this.#offsets[slot] ?? -1);
	}
}
