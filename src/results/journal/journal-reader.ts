/**
 * Takes a journal in pieces, replays it, and tells damage from what a crash leaves (design.md §5, Repair).
 *
 *     |<-- a commit record's CRC vouches for it -->|<-- the tail: every field of every line is looked at -->|
 *      replayed as fast as it can be read                                                                    end of the file
 *
 * Octets are held back until a commit record vouches for them. What is left at the end is the tail: there, what is no JSON object (cut off, NULs) is
 * torn, and the next run cuts it off; unless a commit record promised that place to be durable. An object that is no record, or contradicts the
 * records before it, is no crash's doing wherever it stands.
 */
import { crc32 } from 'node:zlib';
import type { JournalDamage } from './journal-damage.ts';
import type { CommitRecord } from './journal-record.ts';
import { type JournalReplay, promisesTooMuch, tooMuchPromised } from './journal-replay.ts';
import { parseRecord } from './parse-record.ts';
import { commitWord, provesDurable } from './prove-durable.ts';
import { RecordScanner } from './scan-record.ts';

const lineFeed = 0x0a;
const chunkBytes = 1024 * 1024;
/** Octets that are held back for want of a commit record; then they are looked at as the tail is, so that memory stays bounded. */
const heldBytes = 64 * chunkBytes;
const runWord = Buffer.from('{"type":"run",');

export interface TornPlace {
	readonly offset: number;
	readonly what: string;
}

export class JournalReader {
	damage: JournalDamage | null = null;
	torn: TornPlace | null = null;
	readonly #replay: JournalReplay;
	readonly #scanner: RecordScanner;
	readonly #heldBytes: number;
	#buffer = Buffer.allocUnsafe(2 * chunkBytes);
	/** Offset in the file of the buffer's first octet. */
	#base = 0;
	/** In the buffer: the first line that is not replayed yet, where commit records are still to be looked for, the end. */
	#start = 0;
	#searched = 0;
	#end = 0;
	/** Lines before `#start`. */
	#lines = 0;
	/** CRC-32 of so many octets of the file. */
	#crc = 0;
	#crcLength = 0;

	constructor(replay: JournalReplay, options: { readonly heldBytes?: number; readonly scanner?: RecordScanner } = {}) {
		this.#replay = replay;
		this.#scanner = options.scanner ?? new RecordScanner();
		this.#heldBytes = options.heldBytes ?? heldBytes;
	}

	/** Octets taken so far. */
	get length(): number {
		return this.#base + this.#end;
	}

	/** Octets that are good; after `finish`. */
	get goodLength(): number {
		return this.torn?.offset ?? this.length;
	}

	/** CRC-32 of the good octets; after `finish`. */
	get crc(): number {
		return this.#crc;
	}

	/** Where the next octets of the file go, 1 MB of room; then `take` says how many came. */
	room(): Buffer {
		if (this.torn === null && this.#end - this.#start > this.#heldBytes) this.#replayHeld();
		else if (this.#end - this.#start > this.#heldBytes) this.#start = this.#end;
		const keep = this.torn === null ? Math.min(this.#start, this.#searched) : this.#start;
		if (keep > 0) {
			this.#buffer.copyWithin(0, keep, this.#end);
			this.#base += keep;
			this.#start -= keep;
			this.#searched -= keep;
			this.#end -= keep;
		}
		if (this.#buffer.length - this.#end < chunkBytes) {
			const larger = Buffer.allocUnsafe(2 * this.#buffer.length);
			this.#buffer.copy(larger, 0, 0, this.#end);
			this.#buffer = larger;
		}
		return this.#buffer.subarray(this.#end, this.#end + chunkBytes);
	}

	take(count: number): void {
		this.#end += count;
		if (this.torn === null) this.#findCommits();
		else this.#findPromises();
	}

	/** The file is at its end. */
	finish(): void {
		if (this.damage === null && this.torn === null) {
			this.#replayTail(this.#end);
			if (this.#isWell && this.#start < this.#end) this.#tear('a line without its end');
			if (this.#isWell) this.#checksum(this.length);
		}
		this.#replay.finish();
		if (this.damage === null && this.#replay.firstRun === null && this.length > 0) this.#judgeBeginning();
	}

	get #isWell(): boolean {
		return this.damage === null && this.torn === null;
	}

	/**
	 * The last commit record first: when it is right, one CRC-32 vouches for everything before the place that it names, commit records included, and only those
	 * behind that place are looked for and weighed. When it is not, each of them is, and the first that is wrong says where to look.
	 */
	#findCommits(): void {
		const found = this.#buffer.subarray(this.#searched, this.#end).lastIndexOf(commitWord);
		if (found !== -1) this.#trustLast(this.#searched + found);
		this.#weighCommits();
	}

	#trustLast(at: number): void {
		const lineEnd = this.#buffer.indexOf(lineFeed, at);
		const record = lineEnd === -1 || lineEnd >= this.#end ? null : this.#readCommit(at, lineEnd);
		if (record === null || promisesTooMuch(record, this.#base + at) || !this.#adoptsCrc(record)) return;
		this.#searched = Math.max(this.#searched, record.journal - this.#base);
		this.#replay.commit(record);
		this.#replayVouched(record.journal - this.#base);
	}

	#weighCommits(): void {
		const buffer = this.#buffer;
		while (this.damage === null) {
			const at = buffer.indexOf(commitWord, this.#searched);
			if (at === -1 || at + commitWord.length > this.#end) {
				this.#searched = Math.max(this.#searched, this.#end - commitWord.length + 1);
				return;
			}
			const lineEnd = buffer.indexOf(lineFeed, at);
			if (lineEnd === -1 || lineEnd >= this.#end) {
				this.#searched = at;
				return;
			}
			this.#searched = lineEnd;
			const record = this.#readCommit(at, lineEnd);
			// One that cannot be read vouches for nothing; its line is judged like any other.
			if (record !== null) this.#weigh(record, at);
		}
	}

	#readCommit(at: number, lineEnd: number): CommitRecord | null {
		const scanner = this.#scanner;
		if (scanner.scan(this.#buffer, at, this.#end) === 'commit') {
			const { journal, log, covers, crc, logCrc } = scanner;
			return { type: 'commit', journal, log, covers, crc, log_crc: logCrc };
		}
		const parsed = parseRecord(this.#buffer.subarray(at, lineEnd));
		return parsed.kind === 'record' && parsed.record.type === 'commit' ? parsed.record : null;
	}

	#weigh(record: CommitRecord, at: number): void {
		const line = this.#base + at;
		if (promisesTooMuch(record, line)) {
			this.#damaged(line, tooMuchPromised);
		} else if (this.#adoptsCrc(record)) {
			this.#replay.commit(record);
			this.#replayVouched(record.journal - this.#base);
		} else if (record.journal >= this.#crcLength) {
			this.#locate(record, at);
		}
		// Otherwise one that was overtaken by a commit record of another run: it promises less than is known.
	}

	/** True: its CRC is that of the octets that it calls durable, and these need not be looked at again. */
	#adoptsCrc({ journal, crc }: CommitRecord): boolean {
		if (journal < this.#crcLength || crc !== this.#crcOf(journal)) return false;
		this.#crc = crc;
		this.#crcLength = journal;
		return true;
	}

	/** Something before the commit record is not as it was: where? */
	#locate(record: CommitRecord, at: number): void {
		const [offset, line] = [this.#base + this.#start, this.#lines + 1];
		this.#replayTail(at);
		const { torn } = this;
		if (torn !== null) {
			this.torn = null;
			this.#damaged(torn.offset, torn.what);
		}
		const what = 'its octets are not those that the commit record behind them vouches for';
		this.damage ??= { kind: 'damaged', offset, end: Math.max(record.journal, offset), line, what };
	}

	#replayVouched(limit: number): void {
		const [scanner, replay, octets] = [this.#scanner, this.#replay, this.#buffer];
		while (this.#start < limit) {
			const type = scanner.scan(octets, this.#start, limit);
			if (type === null) {
				if (!this.#replayLine(limit)) return;
				continue;
			}
			const problem = replay.replayScanned(type, scanner, octets, this.#base + this.#start);
			if (problem !== null) return this.#damaged(this.#base + this.#start, problem);
			this.#start = scanner.lineEnd + 1;
			this.#lines++;
		}
	}

	#replayTail(limit: number): void {
		while (this.#start < limit) if (!this.#replayLine(limit)) return;
	}

	/** False: there is no whole line before `limit`, or a bad one. */
	#replayLine(limit: number): boolean {
		const lineEnd = this.#buffer.indexOf(lineFeed, this.#start);
		if (lineEnd === -1 || lineEnd >= limit) return false;
		const offset = this.#base + this.#start;
		const parsed = parseRecord(this.#buffer.subarray(this.#start, lineEnd));
		if (parsed.kind === 'garbage') {
			this.#tear(parsed.what);
		} else if (parsed.kind === 'newer') {
			this.damage = { ...parsed, offset, line: this.#lines + 1 };
		} else {
			const problem = parsed.kind === 'wrong' ? parsed.what : this.#replay.replay(parsed.record, offset);
			if (problem !== null) this.#damaged(offset, problem);
		}
		if (!this.#isWell) return false;
		this.#start = lineEnd + 1;
		this.#lines++;
		return true;
	}

	#replayHeld(): void {
		const before = this.#start;
		this.#replayTail(this.#end);
		if (!this.#isWell) return;
		if (this.#start === before) this.#tear('a line that is longer than any record');
		else this.#checksum(this.#base + this.#start);
	}

	/** The line at `#start` is nothing that can be read. */
	#tear(what: string): void {
		const offset = this.#base + this.#start;
		const hasNul = this.#buffer.subarray(this.#start, this.#end).includes(0);
		const found = hasNul ? 'NUL octets, as a power cut leaves them' : what;
		if (offset < this.#crcLength) return this.#damaged(offset, found);
		this.#checksum(offset);
		this.torn = { offset, what: found };
		this.#findPromises();
	}

	/** Looks behind the torn place for what can only stand there when that place was durable: then it is damage. */
	#findPromises(): void {
		const { torn } = this;
		while (torn !== null && this.damage === null) {
			const lineEnd = this.#buffer.indexOf(lineFeed, this.#start);
			if (lineEnd === -1 || lineEnd >= this.#end) return;
			if (provesDurable(this.#buffer.subarray(this.#start, lineEnd), torn.offset, this.#replay)) {
				this.damage = {
					kind: 'damaged',
					offset: torn.offset,
					end: torn.offset,
					line: this.#lines + 1,
					what: torn.what,
				};
			}
			this.#start = lineEnd + 1;
		}
	}

	/** A crash while the journal was made leaves the beginning of a header, or NULs where it was to be; anything else is not ours to throw away. */
	#judgeBeginning(): void {
		const octets = this.#buffer.subarray(0, this.#end);
		const word = runWord.subarray(0, octets.length);
		const isBegun = octets.subarray(0, word.length).equals(word) && !octets.includes(lineFeed);
		if (this.torn !== null && this.#base === 0 && (isBegun || octets[0] === 0)) return;
		this.torn = null;
		this.damage = { kind: 'damaged', offset: 0, end: 0, line: 1, what: 'it does not begin with the header of a run' };
	}

	#damaged(offset: number, what: string): void {
		let line = this.#lines + 1;
		for (let at = this.#start; at < offset - this.#base; at++) if (this.#buffer[at] === lineFeed) line++;
		this.damage = { kind: 'damaged', offset, end: offset, line, what };
	}

	#crcOf(length: number): number {
		return crc32(this.#buffer.subarray(this.#crcLength - this.#base, length - this.#base), this.#crc);
	}

	#checksum(length: number): void {
		this.#crc = this.#crcOf(length);
		this.#crcLength = length;
	}
}
