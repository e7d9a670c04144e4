/**
 * The log of a campaign as one run writes it (design.md §5): takes each result once, records it in the journal, writes its row, counts it, and makes
 * attempts durable before their final dot.
 */
import type { AttemptMarks, Mark } from '../delivery/attempt-marks.ts';
import type { DeliveryResult } from '../delivery/delivery-result.ts';
import type { KeyTable } from '../recipients/key-table.ts';
import type { Clock } from '../support/clock.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { type FileSystem, nodeFileSystem } from '../support/file-system.ts';
import { Ballast, ballastBytes } from './journal/ballast.ts';
import { makeFiles, removeFiles, reopenFiles } from './journal/claim-files.ts';
import { encodeMark, encodeRelease, encodeResolve, encodeRun } from './journal/encode-record.ts';
import { encodeResult, localFacts } from './journal/encode-result.ts';
import { Journal } from './journal/journal.ts';
import { type Durable, JournalFiles, type Stops } from './journal/journal-files.ts';
import { journalPath, journalVersion, type ResolveRecord, type RunRecord } from './journal/journal-record.ts';
import { categoryOfState, isSettled, keyState, waitingForRound } from './journal/key-state.ts';
import { localIdentity } from './journal/local-identity.ts';
import { describeRepair, repair, settleOpenMarks } from './journal/repair.ts';
import { LogRows } from './log-row.ts';
import { lossHint, notSentHint, stoppedHint, survivalHint } from './lost-results.ts';
import type { OpenedCampaign } from './open-campaign.ts';
import { isWaiting, type Result, refusalOf, type WaitingResult } from './result.ts';
import { Tally } from './tally.ts';

export interface CampaignLogOptions {
	readonly logPath: string;
	/** As it was read; nothing was written since. */
	readonly opened: OpenedCampaign;
	/**
	 * As filled by openCampaign. Whoever has an open mark is made unknown in it, if nobody did that before: nobody of them may be sent to unasked. Who is
	 * deferred while the run goes on is kept in it, and whether that is until a later round (waitsForRound).
	 */
	readonly keys: Pick<KeyTable, 'seek' | 'value'>;
	/** As filled by openCampaign: skips and failures that are in the log already. */
	readonly locals: KeyTable;
	readonly run: Omit<RunRecord, 'type' | 'v' | 'run'>;
	readonly clock: Clock;
	readonly files?: FileSystem;
}

export class CampaignLog implements AttemptMarks {
	readonly path: string;
	readonly tally = new Tally();
	/** What was put right after an earlier run that ended badly: lines for people. */
	readonly notices: readonly string[];
	readonly #pair: JournalFiles;
	readonly #journal: Journal;
	readonly #rows: LogRows;
	readonly #run: number;
	readonly #keys: Pick<KeyTable, 'seek' | 'value'>;
	readonly #locals: KeyTable;
	readonly #clock: Clock;
	readonly #files: FileSystem;
	readonly #isNew: boolean;
	/** By mark: whose it is. */
	readonly #openMarks = new Map<number, string>();
	/** Of marks whose release may not be in the file yet. */
	#released: { readonly mark: number; readonly key: string }[] = [];
	#isClosed = false;

	/**
	 * Makes the files of a new campaign, or goes on with those of an existing one and puts right what a crash left: torn lines are cut off, missing rows
	 * written, open marks settled as unknown, all of it durable when this resolves. Rejects with RunError 73 when they cannot be made or written, or there
	 * is no room for the ballast, and 74 when they are not what was read. The lock is held by then.
	 */
	static async begin(options: CampaignLogOptions): Promise<CampaignLog> {
		const log = new CampaignLog(options, options.files ?? nodeFileSystem);
		const { opened, keys, clock } = options;
		if (opened.kind === 'new') return log;
		settleOpenMarks(opened.reading.openMarks, keys);
		if (!repair(opened, log.#journal, clock)) return log;
		await log.#journal.settle();
		const { error } = log.#pair;
		if (error === null) return log;
		await log.close();
		const hint = error.hint === '' ? 'Nothing was sent; the same command tries again.' : error.hint;
		throw new RunError(error.exitCode, error.message, { hint, cause: error.cause });
	}

	private constructor({ logPath, opened, keys, locals, run, clock }: CampaignLogOptions, files: FileSystem) {
		const number = opened.kind === 'new' ? 1 : opened.reading.runs + 1;
		this.#pair = openPair(logPath, { opened, files, run, header: headerOf(run, number) });
		// Half of the marks that may be open at once.
		const marksPerCommit = Math.max(1, Math.ceil((run.connections * run.window) / 2));
		this.#journal = new Journal(this.#pair, { marksPerCommit, clock, files });
		const tags = new Map(Object.entries(run.tags));
		this.#rows = new LogRows({ runId: run.run_id, campaign: run.campaign, tags }, clock);
		this.path = logPath;
		this.notices = opened.kind === 'new' ? [] : describeRepair(opened);
		this.#run = number;
		this.#keys = keys;
		this.#locals = locals;
		this.#clock = clock;
		this.#files = files;
		this.#isNew = opened.kind === 'new';
	}

	/** Resolves with the first failure, upon which the run has to stop as `stops` says; never rejects. */
	get failure(): Promise<RunError> {
		return this.#pair.failure;
	}

	/** The same, for those who look; null when all is well. After `close` its hint says which results are not in the files. */
	get error(): RunError | null {
		const { error } = this.#pair;
		if (error === null || !this.#isClosed) return error;
		const { lost } = this.#pair;
		const isOurs = error.exitCode === exitCodes.cannotWriteLog;
		const loss = lossHint(lost) || (isOurs ? survivalHint(lost) : '');
		const ending = isOurs ? '' : stoppedHint(lost);
		const notSent = notSentHint(lost, this.#released, { logPath: this.path });
		const hint = [loss, ending, error.hint, notSent].filter((part) => part !== '').join('\n');
		return new RunError(error.exitCode, error.message, { hint, cause: error.cause });
	}

	get stops(): Stops | null {
		return this.#pair.stops;
	}

	/** Counts the result, and puts its record and its row in the queue: synchronous, throws nothing, in the kernel's hands at the end of this turn. */
	record(result: Result): void {
		if ('attempt' in result && result.attempt.isRetry) this.#takeBackDeferred(result);
		else if (!this.#isNew) this.#replaceEarlier(result);
		this.tally.add(result);
		if (isWaiting(result)) this.#keepDeferred(result);
		if ('attempt' in result && result.attempt.mark !== 0) this.#closes(result);
		const local = localFacts(result);
		// Every row of the list comes by in every run: what would be said again is in both files already.
		if (local !== null && this.#locals.has(localIdentity(local.reason, local.who, local.line))) return;
		this.#journal.append(encodeResult(result, { run: this.#run, at: this.#clock.now() }));
		this.#journal.appendRow(this.#rows.line(result));
	}

	/** Who was settled and is sent to all the same no longer counts as what earlier runs made of him. */
	#replaceEarlier(result: Result): void {
		if (result.kind === 'skipped' || result.kind === 'malformed') return;
		const { key } = result.kind === 'unrenderable' ? result.recipient : result.message.recipient;
		this.#keys.seek(key);
		const state = this.#keys.value;
		if (isSettled(state)) this.tally.replace(state);
	}

	#takeBackDeferred({ message }: DeliveryResult): void {
		this.#keys.seek(message.recipient.key);
		this.tally.takeBackDeferred(message.recipient, categoryOfState(this.#keys.value));
	}

	/** So that the next result can take its place, and a round over the list finds it. */
	#keepDeferred(result: WaitingResult): void {
		const category = refusalOf(result)?.category ?? '';
		this.#keys.seek(result.message.recipient.key);
		this.#keys.value = result.sequel.kind === 'round' ? waitingForRound(category) : keyState('deferred', category);
	}

	/** A settle record closes the mark; for a message that the server cannot take at all there is none, and nothing was tried. */
	#closes(result: DeliveryResult): void {
		const { mark } = result.attempt;
		if (result.kind === 'failed') this.#release(mark, 'unfit');
		else this.#openMarks.delete(mark);
	}

	mark(message: DeliveryResult['message'], attempt: { readonly number: number; readonly connection: number }): Mark {
		const mark = this.#journal.newMark();
		if (mark.id === 0) return mark;
		const { key, address, row, line } = message.recipient;
		this.#openMarks.set(mark.id, key);
		this.#journal.append(
			encodeMark({
				run: this.#run,
				mark: mark.id,
				key,
				to: address === key ? '' : address,
				row,
				line,
				attempt: attempt.number,
				connection: attempt.connection,
			}),
		);
		return mark;
	}

	release(mark: Mark, why: string): void {
		if (mark.id !== 0) this.#release(mark.id, why);
	}

	#release(mark: number, why: string): void {
		if (this.#pair.isJournalWritten) this.#released = [];
		this.#released.push({ mark, key: this.#openMarks.get(mark) ?? '' });
		this.#openMarks.delete(mark);
		this.#journal.append(encodeRelease({ run: this.#run, mark, why }));
	}

	hurry(): void {
		this.#journal.hurry();
	}

	/** What somebody found out about a recipient who was unknown, and its row (resolve-unknown.ts); is not counted. */
	resolve(record: Omit<ResolveRecord, 'type' | 'run'>, row: string): void {
		this.#journal.append(encodeResolve({ run: this.#run, ...record }));
		this.#journal.appendRow(row);
	}

	/** A row of what came back (returned-row.ts). It has no record: it never changes who is sent to, and what a crash loses is read again. */
	addReturned(row: string): void {
		this.#journal.appendRow(row);
	}

	onDurable(listener: (() => void) | null): void {
		this.#journal.onDurable(listener);
	}

	/** Writes and syncs what is left, with a last commit record. Never rejects: `error` has what went wrong, now or before. May be called twice. */
	async close(): Promise<void> {
		await this.#journal.close();
		this.#isClosed = true;
	}

	/**
	 * After `close`, when nothing was recorded that is worth keeping: the same command then finds its log name free. Leaves an existing campaign alone, and
	 * files that hold an open mark or are not ours any more.
	 */
	remove(): void {
		if (!this.#isNew || this.#openMarks.size > 0 || !this.#pair.areUntouched) return;
		removeFiles([this.path, journalPath(this.path)], this.#files);
	}
}

/** Its own number and version, also when the facts come from the record of an earlier run; the fields in their order. */
function headerOf(run: CampaignLogOptions['run'], number: number): string {
	const own = { v: journalVersion, run: number };
	return encodeRun({ ...own, ...run, ...own });
}

function openPair(
	logPath: string,
	context: {
		readonly opened: OpenedCampaign;
		readonly files: FileSystem;
		readonly run: CampaignLogOptions['run'];
		readonly header: string;
	},
): JournalFiles {
	const { opened, files, header } = context;
	const claimed = opened.kind === 'new' ? makeFiles(logPath, files) : reopenFiles(logPath, opened, files);
	try {
		const ballast = Ballast.make(logPath, files, {
			sizeBytes: ballastBytes(context.run),
			isNew: opened.kind === 'new',
		});
		return new JournalFiles({ ...claimed, header, durable: durableBefore(opened), ballast, files });
	} catch (error) {
		for (const { descriptor } of [claimed.journal, claimed.log]) files.close(descriptor);
		if (opened.kind === 'new') removeFiles([logPath, journalPath(logPath)], files);
		throw error;
	}
}

function durableBefore(opened: OpenedCampaign): Durable {
	const last = opened.kind === 'new' ? null : opened.reading.lastCommit;
	if (last === null) return { journal: 0, journalCrc: 0, log: 0, logCrc: 0, covers: 0 };
	return { journal: last.journal, journalCrc: last.crc, log: last.log, logCrc: last.log_crc, covers: last.covers };
}
