/** The main table: a whole campaign, list to log, against everybody else, on one sink in C. */

import { arenaOf } from './arena.ts';
import { mailshot } from './contenders.ts';
import { aiosmtplib, nodemailerPool, phpMailer, requirePeers, smtplib, smtpSource } from './peers.ts';
import { type Lap, race } from './race.ts';
import { fasterBy, raceTable, summarise, whole } from './race-table.ts';
import { type BenchContext, type Figure, type Section, scaled } from './section.ts';
import { startQuickSink } from './servers.ts';
import { type Entry, smtpSourcePayload, weigh } from './weigh.ts';

interface Racer {
	readonly entry: Entry;
	/** Peers that are slow send fewer. */
	readonly messages: number;
	readonly does: string;
}

const noJournal = 'mailshot, no journal';
// Fewer would measure how V8 warms up: that is some 0.9 s of CPU, whatever the number.
const many = 200_000;

export async function measureEndToEnd(context: BenchContext): Promise<Section> {
	requirePeers('smtpSource', 'smtplib', 'aiosmtplib', 'php', 'phpMailer');
	const payloadBytes = await smtpSourcePayload(context);
	const racers: readonly Racer[] = [
		{
			entry: mailshot,
			messages: many,
			does: 'all of it: plan, two passes over the list, marks, fence, full log rows, fsync',
		},
		{ entry: (arena, n) => mailshot(arena, n, { flags: ['--window', '8'] }), messages: many, does: 'the same' },
		{
			entry: (arena, n) => mailshot(arena, n, { withoutJournal: true, name: noJournal }),
			messages: many,
			does: 'the same without marks, fence and journal (not in the product)',
		},
		{
			entry: (arena, n) => smtpSource(arena, n, { payloadBytes }),
			messages: many,
			does: 'C; constant bytes to one address: no list, no template, no log; waits for each reply',
		},
		{
			entry: nodemailerPool,
			messages: 10_000,
			does: 'the same templates and log columns; one pass over the list, no duplicates or addresses checked, no fsync, nothing to resume from',
		},
		{ entry: smtplib, messages: 1_000, does: 'ONE connection; email.message per recipient; short log line, no fsync' },
		{
			entry: (arena, n) => smtplib(arena, n, { prebuilt: true }),
			messages: 5_000,
			does: 'ONE connection; constant bytes; short log line, no fsync',
		},
		{ entry: aiosmtplib, messages: 1_000, does: 'email.message per recipient; short log line, no fsync' },
		{
			entry: (arena, n) => aiosmtplib(arena, n, { prebuilt: true }),
			messages: 10_000,
			does: 'constant bytes; short log line, no fsync',
		},
		{ entry: phpMailer, messages: 100, does: 'ONE connection; short log line, no fsync' },
	];
	const sizes: number[] = [];
	for (const { entry } of racers) sizes.push(await weigh(context, entry));
	const sink = await startQuickSink();
	try {
		const arena = arenaOf(context, sink);
		const contenders = racers.map(({ entry, messages }) => entry(arena, scaled(context, messages)));
		const laps = await race(contenders, context);
		const { columns, rows, contenders: data } = raceTable(laps);
		const notes = racers.map(
			({ does }, index) => `${contenders[index]?.name}: ${whole(sizes[index] ?? 0)} octets a message; ${does}`,
		);
		return {
			name: 'end_to_end',
			title: `End to end: ${context.connections} connections, smtp-sink`,
			notes: ['times are of the whole process, start and exit included', ...notes],
			columns,
			rows,
			data: { contenders: data.map((each, index) => ({ ...each, octets: sizes[index] })) },
			figures: figuresOf(laps, context.connections),
		};
	} finally {
		await sink.stop();
	}
}

function figuresOf(laps: readonly Lap[], connections: number): readonly Figure[] {
	const source = `smtp-source -d -s ${connections}`;
	const ratio = (fast: string, slow: string) => fasterBy(laps, { fast, slow }).median;
	const cpuOf = (name: string) => summarise(laps).find((each) => each.name === name)?.cpuUs.median ?? Number.NaN;
	const more = { unit: 'x', better: 'more' } as const;
	const less = { unit: 'us', better: 'less' } as const;
	const cpu = `CPU per message, ${connections} connections`;
	return [
		{
			what: `end to end against a nodemailer pool script, ${connections} connections`,
			value: ratio('mailshot send', 'nodemailer pool script'),
			must: 8,
			aim: 10,
			...more,
		},
		{ what: `against ${source}, default window`, value: ratio('mailshot send', source), must: 1, aim: 1.2, ...more },
		{
			what: `against ${source}, --window 8`,
			value: ratio('mailshot send --window 8', source),
			must: 1.2,
			aim: 1.5,
			...more,
		},
		{ what: `${cpu}, default window`, value: cpuOf('mailshot send'), must: 50, aim: 40, ...less },
		{ what: `${cpu}, without journal`, value: cpuOf(noJournal), must: 40, aim: 30, ...less },
	];
}
