/**
 * Quotas of an account whose ledger several processes write at once. A message needs a token; tokens are claimed in blocks, so that a file is touched
 * once for many messages.
 *
 *     look for room --> append a claim --> read up to it --+-- fits ------> its tokens may be spent until it ends
 *                                                          +-- does not --> append a smaller one for the same id
 *
 * Why that is never too much: of all claims that stand, take the one that was appended last. Its process has read all the others before it stood, and
 * counted each until `period` after its end. Order in a file is order in time (O_APPEND); lines in other files are counted whatever their order.
 *
 * A process that is killed leaves a claim of which nobody knows what was used: all of it counts, which is at most a quarter of a percent of the quota.
 */
import { exitCodes, RunError } from '../../support/errors.ts';
import { QuotaBook } from './quota-book.ts';
import { encodeClaim, longestClaimMs, parseClaim, type QuotaClaim } from './quota-claim.ts';
import { dayOf, type QuotaFiles } from './quota-files.ts';
import type { Quota } from './quota-ledger.ts';
import type { Rate } from './rate.ts';
import { SteadyTime } from './steady-time.ts';

/** Tokens that this process may spend. */
interface Block {
	/** As it stands in the ledger. */
	readonly claim: QuotaClaim;
	/** Steady time. */
	readonly fromMs: number;
	readonly untilMs: number;
	lastSpendMs: number;
	left: number;
}

export interface FileQuotaOptions {
	readonly files: QuotaFiles;
	/** Wall clock. */
	readonly now: () => number;
	readonly random: () => number;
}

// What a claim holds and nobody has sent yet is lost to the others: little, but not so little that each message needs a file.
const blockShare = 1 / 400;
const validShare = 1 / 100;
// Others may give something back meanwhile.
const lookAgainMs = 250;
// Several processes can find the same room, and all but one of them none at the second look.
const mostTries = 3;
const keptDays = 33;
const dayMs = 86_400_000;

export class FileQuota implements Quota {
	readonly #files: QuotaFiles;
	readonly #random: () => number;
	readonly #time: SteadyTime;
	readonly #book: QuotaBook;
	readonly #blockSize: number;
	readonly #validMs: number;
	#name = '';
	#claims = 0;
	#block: Block | null = null;
	/** Lines that save others a wait, and go out with the next claim. */
	#unwritten = '';
	/** Monotonic, as long as there is no room. */
	#roomAtMs = Number.NEGATIVE_INFINITY;
	#lookAgainAtMs = Number.NEGATIVE_INFINITY;
	#label = '';

	/** `rates`: at least one. */
	constructor(rates: readonly Rate[], { files, now, random }: FileQuotaOptions) {
		this.#files = files;
		this.#random = random;
		this.#time = new SteadyTime(now);
		this.#book = new QuotaBook(rates);
		this.#blockSize = Math.max(1, Math.floor(Math.min(...rates.map(({ count }) => count)) * blockShare));
		this.#validMs = Math.min(
			longestClaimMs,
			Math.floor(Math.min(...rates.map(({ periodMs }) => periodMs)) * validShare),
		);
	}

	get label(): string {
		return this.#label;
	}

	readyAtMs(nowMs: number): number {
		const steadyMs = this.#time.at(nowMs);
		if (this.#block !== null && this.#block.left > 0 && steadyMs < this.#block.untilMs) return nowMs;
		if (nowMs < this.#lookAgainAtMs) return this.#roomAtMs;
		if (this.#reserve(steadyMs, nowMs)) return nowMs;
		const room = this.#book.nextRoom(steadyMs);
		this.#label = room.label;
		// Room that is there already was somebody else's a moment ago.
		this.#roomAtMs = nowMs + Math.max(room.atMs - steadyMs, 1);
		this.#lookAgainAtMs = Math.min(this.#roomAtMs, nowMs + lookAgainMs);
		return this.#roomAtMs;
	}

	spend(nowMs: number): void {
		const block = this.#block;
		if (block === null || block.left === 0) throw new Error('a message went out that no quota was reserved for');
		block.left -= 1;
		block.lastSpendMs = this.#time.at(nowMs);
	}

	close(): void {
		this.#finishBlock();
		try {
			this.#writeFinished();
		} catch {
			// It stays reserved until its claim ends, as after a kill.
		}
	}

	/** True: there is a block now. */
	#reserve(steadyMs: number, nowMs: number): boolean {
		this.#finishBlock();
		this.#book.prune(steadyMs);
		this.#read(steadyMs, dayOf(this.#time.wallMs));
		for (let tries = 0; tries < mostTries; tries += 1) {
			const free = this.#book.free(steadyMs, null);
			if (free < 1) break;
			this.#block = this.#claim(steadyMs, Math.min(this.#blockSize, free));
			if (this.#block === null) continue;
			if (this.#time.at(nowMs) < this.#block.untilMs) return true;
			// The machine slept meanwhile: the claim ended before it was made.
			this.#finishBlock();
			break;
		}
		this.#writeFinished();
		return false;
	}

	/** Null when others were faster. */
	#claim(steadyMs: number, count: number): Block | null {
		const { wallMs } = this.#time;
		// A clock that was set back must not make the claim look older than those before it, should it be set right again.
		const fromMs = Math.max(Math.floor(wallMs), this.#book.latestFromMs);
		const claim = { id: this.#nextId(), count, fromMs, untilMs: fromMs + this.#validMs };
		const day = dayOf(fromMs);
		this.#files.append(day, `${this.#unwritten}${encodeClaim(claim)}`);
		this.#unwritten = '';
		this.#read(steadyMs, day);
		if (!this.#book.has(claim.id)) throw lostClaim();
		const granted = Math.max(0, Math.min(count, this.#book.free(steadyMs, claim.id)));
		if (granted < count) {
			const smaller = { ...claim, count: granted };
			this.#learn(smaller, steadyMs);
			this.#files.append(day, encodeClaim(smaller));
		}
		if (granted === 0) return null;
		return {
			claim: { ...claim, count: granted },
			fromMs: steadyMs,
			untilMs: steadyMs + this.#validMs,
			lastSpendMs: steadyMs,
			left: granted,
		};
	}

	/** What was not used of the block counts no more, and what was used counts from the last of it on. */
	#finishBlock(): void {
		const block = this.#block;
		if (block === null) return;
		this.#block = null;
		const { claim, fromMs, lastSpendMs, left } = block;
		const untilMs = Math.min(claim.untilMs, claim.fromMs + Math.ceil(lastSpendMs - fromMs));
		const finished = { ...claim, count: claim.count - left, untilMs };
		this.#learn(finished, lastSpendMs);
		this.#unwritten += encodeClaim(finished);
	}

	#writeFinished(): void {
		if (this.#unwritten === '') return;
		const lines = this.#unwritten;
		// Once: a disk that takes nothing would be asked for ever.
		this.#unwritten = '';
		this.#files.append(dayOf(Math.max(this.#time.wallMs, this.#book.latestFromMs)), lines);
	}

	#read(steadyMs: number, lastOfAll: string): void {
		const { wallMs } = this.#time;
		const firstDay = dayOf(wallMs - this.#book.longestHoldMs - longestClaimMs - dayMs);
		this.#files.read({ firstDay, lastOfAll }, (line, endOfDayMs) => {
			const claim = parseClaim(line);
			// A claim of a later day is in no earlier file.
			if (claim !== null && claim.fromMs < endOfDayMs) this.#learn(claim, steadyMs);
		});
	}

	#learn(claim: QuotaClaim, steadyMs: number): void {
		this.#book.learn(claim, { steadyMs, wallMs: this.#time.wallMs });
	}

	#nextId(): string {
		if (this.#name === '') {
			this.#files.deleteBefore(dayOf(this.#time.wallMs - keptDays * dayMs));
			this.#name = `${Math.floor(this.#random() * 2 ** 50).toString(36)}${Math.floor(this.#random() * 2 ** 50).toString(36)}`;
		}
		this.#claims += 1;
		return `${this.#name}-${this.#claims}`;
	}
}

function lostClaim(): RunError {
	return new RunError(
		exitCodes.cannotWriteLog,
		'the file that remembers the quota does not keep what is written to it',
		{
			hint: 'Another program changes it, or its disk is broken.',
		},
	);
}
