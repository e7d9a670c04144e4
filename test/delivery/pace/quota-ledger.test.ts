/** Whatever several processes, kills, clocks and other people's lines do: in no window more than the quota, and nearly all of it used. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pace } from '../../../src/delivery/pace/pace.ts';
import { FileQuotaLedger, type Quota } from '../../../src/delivery/pace/quota-ledger.ts';
import type { Rate } from '../../../src/delivery/pace/rate.ts';
import { RunError } from '../../../src/support/errors.ts';
import { type DiskHooks, LedgerDisk, systemError } from './ledger-disk.ts';
import { simulateLedgers } from './simulate-ledgers.ts';
import {
	assertEven,
	assertNeverAbove,
	assertUsed,
	day,
	hour,
	randomFrom,
	second,
	seeds,
	sendThrough,
} from './simulate-pace.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const aDay = (count: number): Rate => ({ count, periodMs: day, burst: 1 });
const anHour = (count: number): Rate => ({ count, periodMs: hour, burst: 1 });

function ledgerOn(disk: LedgerDisk, { account = 'relay.example:587 news', seed = 1 } = {}): FileQuotaLedger {
	return new FileQuotaLedger({ directory: '/ledger', account, files: disk, random: randomFrom(seed) });
}

/** Spends as much as it can at this time, at most `most`. */
function spendAll(quota: Quota, nowMs: number, most = Number.POSITIVE_INFINITY): number {
	let count = 0;
	for (; count < most && quota.readyAtMs(nowMs) <= nowMs; count += 1) {
		assert.ok(count < 100_000, 'it never ends');
		quota.spend(nowMs);
	}
	return count;
}

const quotas = fc.oneof(
	fc.integer({ min: 1, max: 3_000 }).map((count) => [anHour(count)]),
	fc.integer({ min: 1, max: 3_000 }).map((count) => [aDay(count)]),
	fc
		.record({ inHour: fc.integer({ min: 1, max: 500 }), inDay: fc.integer({ min: 1, max: 3_000 }) })
		.map(({ inHour, inDay }) => [anHour(inHour), aDay(inDay)]),
);

test('several processes at once keep every quota in any window, whatever interrupts, kills, restarts and scribbles', () => {
	fc.assert(
		fc.property(
			quotas,
			seeds,
			fc.integer({ min: 1, max: 6 }),
			fc.double({ min: 0.8, max: 30, noNaN: true }),
			(rates, seed, processes, haste) => {
				const { arrivedMs, kills, disk } = simulateLedgers({
					rates,
					processes,
					spanMs: 2.5 * Math.max(...rates.map(({ periodMs }) => periodMs)),
					random: randomFrom(seed),
					demand: haste * (rates[0]?.count ?? 1),
					interruptions: 0.1,
					kills: 0.0005,
					restarts: 0.001,
					scribbles: 0.01,
				});
				assertNeverAbove(arrivedMs, rates);
				const leastQuota = Math.min(...rates.map(({ count }) => count));
				assert.ok(
					haste < 1 || arrivedMs.length >= 0.98 * leastQuota - kills * Math.max(1, leastQuota / 400),
					String(arrivedMs.length),
				);
				assert.equal(disk.openFiles, 0);
			},
		),
		{ numRuns: 40 },
	);
});

for (const [processes, haste] of [
	[1, 1.3],
	[1, 5],
	[3, 1.5],
	[5, 20],
] as const) {
	for (const rate of [anHour(100), anHour(2_000), aDay(1), aDay(500), aDay(10_000)]) {
		const { count, periodMs } = rate;
		// Few messages at random times would leave gaps of their own.
		if (haste < 1.5 && count < 1_000) continue;
		test(`${processes} processes that want ${haste} times as much use 98 % of ${count} in ${periodMs / hour} h`, () => {
			const spanMs = (count === 1 ? 30 : 4) * periodMs;
			const { arrivedMs } = simulateLedgers({
				rates: [rate],
				processes,
				spanMs,
				random: randomFrom(count),
				demand: haste * count,
				interruptions: 0.02,
				restarts: 0.0005,
			});
			assertNeverAbove(arrivedMs, [rate]);
			assertUsed(arrivedMs.length, rate, spanMs);
		});
	}
}

test('a clock that is set back lets nobody send more, and a process that runs on does not stall', () => {
	fc.assert(
		fc.property(
			seeds,
			fc.integer({ min: 1, max: 4 }),
			fc.constantFrom(0.9 * second, 90 * second, 5 * hour),
			(seed, processes, mostMs) => {
				const rates = [anHour(200), aDay(2_000)];
				const { arrivedMs } = simulateLedgers({
					rates,
					processes,
					spanMs: 2 * day,
					random: randomFrom(seed),
					demand: 400,
					interruptions: 0.05,
					kills: 0.0002,
					restarts: 0.002,
					setBack: { chance: 0.002, mostMs },
				});
				assertNeverAbove(arrivedMs, rates);
			},
		),
		{ numRuns: 30 },
	);
	const { arrivedMs } = simulateLedgers({
		rates: [anHour(200)],
		processes: 2,
		spanMs: 10 * hour,
		random: randomFrom(1),
		demand: 400,
		setBack: { chance: 0.01, mostMs: 20 * 60 * second },
	});
	assertUsed(arrivedMs.length, anHour(200), 10 * hour);
});

test('what was sent while the clock was wrong still counts when it is set right', () => {
	const disk = new LedgerDisk();
	const sendAt = (seed: number, wallMs: number, most: number) => {
		const quota = ledgerOn(disk, { seed }).open([aDay(1_000)], () => wallMs);
		const sent = spendAll(quota, 0, most);
		quota.close();
		return sent;
	};
	assert.equal(sendAt(1, noon, 300), 300);
	// A machine without a battery, before it has asked for the time.
	assert.equal(sendAt(2, 0, 400), 400);
	assert.equal(sendAt(3, noon + hour, 1_000), 300);
});

test('a machine that sleeps sends no more than the quota, and what expired in its sleep is there when it wakes', () => {
	fc.assert(
		fc.property(seeds, fc.integer({ min: 1, max: 4 }), (seed, processes) => {
			const rates = [anHour(200), aDay(2_000)];
			const { arrivedMs } = simulateLedgers({
				rates,
				processes,
				spanMs: 2 * day,
				random: randomFrom(seed),
				demand: 400,
				interruptions: 0.05,
				kills: 0.0002,
				restarts: 0.002,
				sleep: { chance: 0.003, mostMs: 9 * hour },
			});
			assertNeverAbove(arrivedMs, rates);
		}),
		{ numRuns: 15 },
	);
	let wallMs = noon;
	const quota = ledgerOn(new LedgerDisk()).open([anHour(100)], () => wallMs);
	assert.equal(spendAll(quota, 0), 100);
	assert.equal(quota.readyAtMs(1), hour + 10_000);
	// Asleep: only the wall clock goes on.
	wallMs += 2 * hour;
	assert.equal(spendAll(quota, 1_000), 100);
});

test('a quota is remembered by the next process, and told apart by account', () => {
	const disk = new LedgerDisk();
	let wallMs = noon;
	const open = (seed: number, account = 'relay.example:587 news') =>
		ledgerOn(disk, { seed, account }).open([aDay(1_000)], () => wallMs);
	const first = open(1);
	assert.equal(spendAll(first, 0, 300), 300);
	first.close();
	assert.equal(spendAll(open(2, 'relay.example:587 other'), 0), 1_000);
	wallMs += 12 * hour;
	const second = open(3);
	assert.equal(spendAll(second, 5), 700);
	assert.equal(second.label, '1,000 a day');
	const roomInMs = second.readyAtMs(5) - 5;
	assert.ok(Math.abs(roomInMs - 12 * hour) < 15_000, String(roomInMs));
	wallMs += 12 * hour + 15_000;
	assert.equal(spendAll(open(4), 0), 300);
});

test('a process that ends gives back what it did not use, and one that is killed leaves at most a quarter of a percent', () => {
	const disk = new LedgerDisk();
	const open = (seed: number) => ledgerOn(disk, { seed }).open([aDay(4_000)], () => noon);
	const ended = open(1);
	spendAll(ended, 0, 1);
	ended.close();
	ended.close();
	const killed = open(2);
	spendAll(killed, 0, 1);
	assert.equal(spendAll(open(3), 0), 4_000 - 1 - 10);
});

test('nothing is touched before somebody asks, and nothing when nothing was claimed', () => {
	const disk = new LedgerDisk();
	const quota = ledgerOn(disk).open([aDay(10)], () => noon);
	quota.close();
	assert.equal(disk.calls, 0);
	assert.throws(() => quota.spend(0), /no quota was reserved/);
});

test('a claim is on disk before its first message may go, and a file is touched once for many messages', () => {
	const disk = new LedgerDisk();
	const quota = ledgerOn(disk).open([aDay(400_000)], () => noon);
	assert.equal(quota.readyAtMs(0), 0);
	assert.equal(disk.isSynced, true);
	const before = disk.calls;
	assert.equal(spendAll(quota, 0, 1_000), 1_000);
	assert.equal(disk.calls, before);
});

test('what is left of a claim that has ended is not spent: it was counted for the time before', () => {
	for (const passes of ['awake', 'asleep'] as const) {
		const disk = new LedgerDisk();
		let wallMs = noon;
		const quota = ledgerOn(disk).open([aDay(4_000)], () => wallMs);
		assert.equal(spendAll(quota, 0, 1), 1);
		const before = disk.calls;
		wallMs += day / 100 - 1;
		assert.equal(spendAll(quota, passes === 'awake' ? day / 100 - 1 : 1, 1), 1);
		assert.equal(disk.calls, before);
		wallMs += 1;
		assert.equal(spendAll(quota, passes === 'awake' ? day / 100 : 1, 1), 1);
		assert.notEqual(disk.calls, before);
		assert.match(disk.text, /"count":2,/);
	}
});

test('who has no room looks again without asking the disk each time', () => {
	const disk = new LedgerDisk();
	const quota = ledgerOn(disk).open([aDay(10)], () => noon);
	spendAll(quota, 0);
	const before = disk.calls;
	for (let nowMs = 1; nowMs < 200; nowMs += 1) assert.equal(quota.readyAtMs(nowMs), day + 10_000);
	assert.equal(disk.calls, before);
	quota.readyAtMs(1_000);
	assert.notEqual(disk.calls, before);
});

test('what another process gives back is found before the quota is due', () => {
	const disk = new LedgerDisk();
	const [one, other] = [1, 2].map((seed) => ledgerOn(disk, { seed }).open([aDay(4_000)], () => noon));
	if (one === undefined || other === undefined) return assert.fail();
	one.readyAtMs(0);
	assert.equal(spendAll(other, 0), 3_990);
	one.close();
	assert.equal(spendAll(other, 1_000), 10);
});

test('a smaller quota than last time counts what was sent under the larger one', () => {
	const disk = new LedgerDisk();
	let wallMs = noon;
	const first = ledgerOn(disk).open([aDay(1_000)], () => wallMs);
	spendAll(first, 0, 900);
	first.close();
	wallMs += hour;
	const strict = ledgerOn(disk, { seed: 2 }).open([aDay(500), anHour(50)], () => wallMs);
	assert.equal(spendAll(strict, 0), 0);
	assert.equal(strict.label, '500 a day');
	assert.equal(
		spendAll(
			ledgerOn(disk, { seed: 3 }).open([anHour(50)], () => wallMs + 11_000),
			0,
		),
		50,
	);
});

test('torn, glued and foreign lines neither count nor hide a line that is whole', () => {
	const rubbish = fc.oneof(
		fc.string({ unit: 'binary', maxLength: 300 }),
		fc.constantFrom(
			'{"id":"a","count":9,"from":1,"until"',
			'{"id":"a","count":-9,"from":1,"until":1}\n',
			'{}\n',
			'[1]\nnull\n',
		),
		fc.constantFrom('{"id":"a","count":1e999,"from":1,"until":1}\n', '\u0000'.repeat(70_000), 'x'.repeat(200_000)),
		// From a day that is in no file of today.
		fc.constant(`{"id":"far","count":5000,"from":${noon + 400 * day},"until":${noon + 400 * day}}\n`),
	);
	fc.assert(
		fc.property(fc.array(rubbish, { minLength: 1, maxLength: 5 }), (pieces) => {
			const disk = new LedgerDisk();
			let sent = 0;
			for (const [seed, piece] of pieces.entries()) {
				sent += spendAll(
					ledgerOn(disk, { seed }).open([aDay(1_000)], () => noon),
					0,
					2,
				);
				disk.scribble(piece);
			}
			sent += spendAll(
				ledgerOn(disk, { seed: 99 }).open([aDay(1_000)], () => noon),
				0,
			);
			assert.equal(sent, 1_000);
		}),
		{ numRuns: 60 },
	);
});

test('a process that was cut off in the middle of a line leaves nothing that spoils the next one', () => {
	for (let length = 1; length < 70; length += 1) {
		const disk = new LedgerDisk();
		const quota = ledgerOn(disk).open([aDay(800)], () => noon);
		let isCut = false;
		disk.hooks = {
			before(call) {
				if (isCut && call === 'write') throw systemError('ENOSPC', 'no space left on device');
			},
			writes() {
				isCut = true;
				return length;
			},
		};
		assert.throws(() => quota.readyAtMs(0), isCannotWrite(/no space left on device \(ENOSPC\)/, /Make room/));
		disk.hooks = {};
		assert.equal(
			spendAll(
				ledgerOn(disk, { seed: 2 }).open([aDay(800)], () => noon),
				0,
			),
			800,
		);
	}
});

test('short writes are completed', () => {
	const disk = new LedgerDisk();
	disk.hooks = { writes: (length) => Math.min(7, length) };
	assert.equal(
		spendAll(
			ledgerOn(disk).open([aDay(1_000)], () => noon),
			0,
		),
		1_000,
	);
});

test('a ledger that cannot be kept stops the run with what the system says and the way out', () => {
	const refusing = (at: string, code: string): DiskHooks => ({
		before(call) {
			if (call === at) throw systemError(code, 'as the system says');
		},
	});
	for (const [at, code, hint] of [
		['write', 'ENOSPC', /^Make room; then the same command goes on\.$/],
		['write', 'EDQUOT', /^Make room/],
		['open', 'EROFS', /^Mount it for writing/],
		['open', 'EACCES', /^Let this user read and write there \(chmod, chown\).*\n {2}ls -ld \/ledger /],
		['open', 'ELOOP', /^Put right what the system says/],
		['readdir', 'EACCES', /^Let this user/],
		['read', 'EIO', /^Put right/],
		['fsync', 'EIO', /^Put right/],
	] as const) {
		const disk = new LedgerDisk();
		disk.isThere = true;
		disk.hooks = refusing(at, code);
		const quota = ledgerOn(disk).open([aDay(10)], () => noon);
		assert.throws(
			() => quota.readyAtMs(0),
			isCannotWrite(new RegExp(`^what was sent of the quota cannot be kept in /ledger.*\\(${code}\\)$`), hint),
		);
		assert.equal(disk.openFiles, 0);
		quota.close();
	}
});

test('a disk that fills up while a claim is made smaller does not let it be spent', () => {
	const disk = new LedgerDisk();
	const [one, other] = [1, 2].map((seed) => ledgerOn(disk, { seed }).open([aDay(10)], () => noon));
	if (one === undefined || other === undefined) return assert.fail();
	spendAll(one, 0, 9);
	let writes = 0;
	disk.hooks = {
		before(call) {
			if (call !== 'write') return;
			writes += 1;
			// Between the look of `other` and its claim `one` takes the last.
			if (writes === 1) assert.equal(spendAll(one, 0), 1);
			if (writes > 3) throw systemError('ENOSPC');
		},
	};
	assert.throws(() => other.readyAtMs(0), RunError);
	assert.throws(() => other.spend(0), /no quota was reserved/);
});

test('a ledger that loses what is written to it stops the run', () => {
	const disk = new LedgerDisk();
	disk.hooks = { writes: (length) => length };
	const lossy = new Proxy(disk, {
		get: (target, key) => {
			if (key === 'write') return (_descriptor: number, bytes: Uint8Array, offset: number) => bytes.length - offset;
			const value: unknown = Reflect.get(target, key);
			return typeof value === 'function' ? value.bind(target) : value;
		},
	});
	const quota = ledgerOn(lossy).open([aDay(10)], () => noon);
	assert.throws(() => quota.readyAtMs(0), isCannotWrite(/does not keep what is written/, /Another program/));
});

test('a ledger that is removed or replaced meanwhile is begun anew, and what this process knows still counts', () => {
	const disk = new LedgerDisk();
	const quota = ledgerOn(disk).open([aDay(1_000)], () => noon);
	assert.equal(spendAll(quota, 0, 400), 400);
	for (const name of disk.names) disk.unlink(`/ledger/${name}`);
	assert.equal(spendAll(quota, 0), 600);
});

test('files of days that count no more are deleted, those of other accounts too, and nothing else', () => {
	const disk = new LedgerDisk();
	let wallMs = noon - 60 * day;
	spendAll(
		ledgerOn(disk, { account: 'old' }).open([aDay(5)], () => wallMs),
		0,
	);
	wallMs = noon - 32 * day;
	spendAll(
		ledgerOn(disk).open([aDay(5)], () => wallMs),
		0,
	);
	disk.close(disk.open('/ledger/notes.2020-01-01.quota', 0o100, 0o600));
	wallMs = noon;
	spendAll(
		ledgerOn(disk).open([aDay(5)], () => wallMs),
		0,
	);
	assert.deepEqual(
		disk.names.map((name) => name.replace(/^[0-9a-f]{32}/, 'hash')),
		['hash.2026-10-21.quota', 'hash.2026-11-22.quota', 'notes.2020-01-01.quota'].sort((a, b) => (a < b ? -1 : 1)),
	);
	assert.doesNotMatch(disk.names.join(), /relay|news/);
});

test('around midnight two files are one ledger', () => {
	const disk = new LedgerDisk();
	let wallMs = Date.UTC(2026, 10, 22, 23, 59, 59, 990);
	const [one, other] = [1, 2].map((seed) => ledgerOn(disk, { seed }).open([aDay(1_000)], () => wallMs));
	if (one === undefined || other === undefined) return assert.fail();
	let sent = 0;
	for (let nowMs = 0; nowMs < 3_000; nowMs += 1) {
		sent += spendAll(nowMs % 2 === 0 ? one : other, nowMs, 1);
		wallMs += 1;
	}
	assert.equal(sent, 1_000);
	assert.equal(disk.names.length, 2);
});

test('a pace spreads its one daily rate evenly and keeps it across restarts', () => {
	const disk = new LedgerDisk();
	const random = randomFrom(11);
	const rates = [aDay(3_000)];
	const arrivedMs: number[] = [];
	let endMs = 0;
	for (let run = 0; run < 8; run += 1) {
		const clock = { nowMs: endMs };
		const pace = new Pace({ rates, quotas: ledgerOn(disk, { seed: run }), now: () => noon + Math.floor(clock.nowMs) });
		const journey = sendThrough(pace, {
			fromMs: endMs,
			toMs: endMs + day / 2,
			random,
			latenessMs: 3,
			meanwhile(nowMs) {
				clock.nowMs = nowMs;
				return nowMs;
			},
		});
		assertEven(journey.spentMs, aDay(3_000));
		pace.close();
		arrivedMs.push(...journey.arrivedMs);
		endMs = journey.endMs;
	}
	assertNeverAbove(
		arrivedMs.sort((a, b) => a - b),
		rates,
	);
	assertUsed(arrivedMs.length, aDay(3_000), 4 * day);
});

test('a pace sends at its rate a second until the day is spent, says so, and goes on when there is room', () => {
	const disk = new LedgerDisk();
	const clock = { nowMs: 0 };
	const rates = [{ count: 14, periodMs: second, burst: 1 }, aDay(1_000), anHour(800)];
	const pace = new Pace({ rates, quotas: ledgerOn(disk), now: () => noon + Math.floor(clock.nowMs) });
	const meanwhile = (nowMs: number) => {
		clock.nowMs = nowMs;
		return nowMs;
	};
	const world = { random: randomFrom(1), latenessMs: 2, meanwhile };
	const first = sendThrough(pace, { ...world, fromMs: 0, toMs: 60 * second });
	assert.equal(first.spentMs.length, 800);
	assert.equal(pace.waitsFor, '800 an hour');
	const rest = sendThrough(pace, { ...world, fromMs: first.endMs, toMs: 2 * hour });
	assert.equal(rest.spentMs.length, 200);
	assert.equal(pace.waitsFor, '1,000 a day');
	const after = sendThrough(pace, { ...world, fromMs: rest.endMs, toMs: 3 * day });
	assertNeverAbove([...first.arrivedMs, ...rest.arrivedMs, ...after.arrivedMs], rates);
	assertUsed(1_000 + after.spentMs.length, aDay(1_000), 3 * day);
});

function isCannotWrite(message: RegExp, hint: RegExp): (error: unknown) => true {
	return (error) => {
		assert.ok(error instanceof RunError, String(error));
		assert.equal(error.exitCode, 73);
		assert.match(error.message, message);
		assert.match(error.hint, hint);
		return true;
	};
}
