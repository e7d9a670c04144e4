/** Several processes that spend from one ledger at once, in simulated time; they are killed, restarted and interrupted between any two file calls. */
import type { Quota } from '../../../src/delivery/pace/quota-ledger.ts';
import { FileQuotaLedger } from '../../../src/delivery/pace/quota-ledger.ts';
import type { Rate } from '../../../src/delivery/pace/rate.ts';
import { Killed, LedgerDisk } from './ledger-disk.ts';

export interface Campaigns {
	readonly rates: readonly Rate[];
	readonly processes: number;
	readonly spanMs: number;
	/** 0 to 1. */
	readonly random: () => number;
	/** Messages of all processes together in the shortest period, had they no quota. */
	readonly demand: number;
	/** Chance for each file call that another process does something before it. */
	readonly interruptions?: number;
	/** Chance for each file call that the process is killed before it. */
	readonly kills?: number;
	/** Chance for each message that its process ends well after it, and another begins. */
	readonly restarts?: number;
	/** Chance for each message that the clock is set back, by up to so many milliseconds. */
	readonly setBack?: { readonly chance: number; readonly mostMs: number };
	/** Chance for each message that the machine sleeps for up to so many milliseconds. */
	readonly sleep?: { readonly chance: number; readonly mostMs: number };
	/** Chance for each message that something else is written into the file. */
	readonly scribbles?: number;
}

export interface Spending {
	readonly arrivedMs: readonly number[];
	readonly kills: number;
	readonly restarts: number;
	/** Milliseconds that the machine slept. */
	readonly sleptMs: number;
	readonly disk: LedgerDisk;
}

interface Process {
	quota: Quota;
	/** Its monotonic clock began at another time. */
	toMonotonicMs: number;
	isBusy: boolean;
	wakesAtMs: number;
}

const startMs = 1_800_000_000_000;
const rubbish = [
	'{"id":"x","count":',
	'foreign',
	'\n\n{}\n',
	'\u0000'.repeat(50),
	'{"id":1,"count":5,"from":1,"until":2}\n',
	']\n{"id',
];

export function simulateLedgers(campaigns: Campaigns): Spending {
	const {
		rates,
		random,
		spanMs,
		demand,
		interruptions = 0,
		kills = 0,
		restarts = 0,
		setBack,
		sleep,
		scribbles = 0,
	} = campaigns;
	const disk = new LedgerDisk();
	const arrivedMs: number[] = [];
	const counts = { kills: 0, restarts: 0, sleptMs: 0 };
	let trueMs = 0;
	let wallMs = startMs;
	let awakeMs = 0;
	let depth = 0;
	const pass = (ms: number) => {
		trueMs += ms;
		wallMs += ms;
		awakeMs += ms;
	};
	const happens = (chance: number | undefined) => chance !== undefined && chance > 0 && random() < chance;
	const begin = (): Quota =>
		new FileQuotaLedger({ directory: '/ledger', account: 'relay.example:587 news', files: disk, random }).open(
			rates,
			() => Math.floor(wallMs),
		);
	const all: Process[] = Array.from({ length: campaigns.processes }, () => ({
		quota: begin(),
		toMonotonicMs: random() * 1e9,
		isBusy: false,
		wakesAtMs: 0,
	}));
	const gapMs = (Math.min(...rates.map(({ periodMs }) => periodMs)) / demand) * campaigns.processes;

	disk.hooks = {
		before() {
			pass(random() * 0.2);
			if (depth < 3 && happens(interruptions)) act();
			if (happens(kills)) throw new Killed();
		},
	};

	function act(): void {
		const idle = all.filter(({ isBusy, wakesAtMs }) => !isBusy && wakesAtMs <= trueMs);
		const process = idle[Math.floor(random() * idle.length)];
		if (process === undefined) return;
		process.isBusy = true;
		depth += 1;
		try {
			live(process);
		} catch (error) {
			// The ledger takes it for a file error, and is never asked again.
			if (!(error instanceof Error && (error instanceof Killed || error.cause instanceof Killed))) throw error;
			counts.kills += 1;
			process.quota = begin();
			process.toMonotonicMs = random() * 1e9;
		} finally {
			process.isBusy = false;
			depth -= 1;
		}
	}

	function live(process: Process): void {
		const nowMs = awakeMs + process.toMonotonicMs;
		const readyAtMs = process.quota.readyAtMs(nowMs);
		if (readyAtMs > nowMs) {
			process.wakesAtMs = trueMs + readyAtMs - nowMs;
			return;
		}
		process.quota.spend(awakeMs + process.toMonotonicMs);
		arrivedMs.push(trueMs + random() * 10);
		process.wakesAtMs = trueMs + gapMs * 2 * random();
		if (happens(scribbles)) disk.scribble(rubbish[Math.floor(random() * rubbish.length)] ?? '');
		if (happens(restarts)) {
			counts.restarts += 1;
			process.quota.close();
			process.quota = begin();
		}
		if (happens(setBack?.chance)) wallMs -= random() * (setBack?.mostMs ?? 0);
		if (happens(sleep?.chance)) {
			const ms = random() * (sleep?.mostMs ?? 0);
			counts.sleptMs += ms;
			trueMs += ms;
			wallMs += ms;
		}
	}

	while (trueMs < spanMs) {
		act();
		const nextMs = Math.min(...all.map(({ wakesAtMs }) => wakesAtMs));
		if (nextMs > trueMs) pass(nextMs - trueMs + random());
	}
	return { arrivedMs: arrivedMs.sort((one, other) => one - other), ...counts, disk };
}
