/** A long line: messages a second on one and on many connections when each round trip takes 50 ms. */
import { arenaOf } from './arena.ts';
import { mailshot } from './contenders.ts';
import { nodemailerPool } from './peers.ts';
import { type Lap, race } from './race.ts';
import { fasterBy, show, summarise, type Timing, times, whole } from './race-table.ts';
import { measureRoundTrip } from './round-trip.ts';
import { type BenchContext, type Figure, type Section, scaled } from './section.ts';
import { type Server, startCountingSink, startLongLine } from './servers.ts';
import type { Entry } from './weigh.ts';

// The figure of design.md §8.
const roundTripMs = 50;

interface Lines {
	readonly lockStep: Server;
	readonly pipelining: Server;
	readonly chunking: Server;
}

interface Walker {
	readonly name: string;
	readonly line: keyof Lines;
	readonly entry: Entry;
	/** So many take two to ten seconds: beside them the trial of a connection (six round trips) counts little, and so does V8's warming up: on one connection, on twenty. */
	readonly one: number;
	readonly many: number;
}

// One connection for all: after 1,000 messages mailshot opens a new one, whose beginning takes ten round trips.
const kept = ['--messages-per-connection', '100000'];
const window8: Entry = (arena, n) => mailshot(arena, n, { flags: ['--window', '8', ...kept] });
const window32: Entry = (arena, n) => mailshot(arena, n, { flags: ['--window', '32', ...kept] });
const nodemailer = 'nodemailer pool';
const pipelined = 'mailshot, PIPELINING';
const chunked = 'mailshot, CHUNKING, --window 32';

const walkers: readonly Walker[] = [
	{ name: nodemailer, line: 'pipelining', entry: nodemailerPool, one: 30, many: 500 },
	{ name: 'mailshot, lock-step', line: 'lockStep', entry: mailshot, one: 20, many: 300 },
	{ name: pipelined, line: 'pipelining', entry: mailshot, one: 60, many: 1000 },
	{ name: 'mailshot, CHUNKING, --window 8', line: 'chunking', entry: window8, one: 1000, many: 9000 },
	{ name: chunked, line: 'chunking', entry: window32, one: 5000, many: 24_000 },
];

export async function measureWan(context: BenchContext): Promise<Section> {
	const sinks = {
		lockStep: await startCountingSink('--no-chunking', '--no-pipelining'),
		pipelining: await startCountingSink('--no-chunking'),
		chunking: await startCountingSink(),
	};
	const lines = {
		lockStep: await startLongLine(sinks.lockStep, roundTripMs / 2),
		pipelining: await startLongLine(sinks.pipelining, roundTripMs / 2),
		chunking: await startLongLine(sinks.chunking, roundTripMs / 2),
	};
	try {
		const measuredMs = await measureRoundTrip(lines.chunking.port, scaled(context, 20, 3));
		// As the client sees it, without its start: from the first MAIL to the last verdict, and once the way there and back.
		const timing: Timing = (lap) => ((lap.counts?.spanMs ?? Number.NaN) + measuredMs) / 1000;
		const one = await race(contendersOn(context, lines, 1), context);
		const many = await race(contendersOn(context, lines, context.connections), context);
		return {
			name: 'wan',
			title: `A line of ${roundTripMs} ms: one connection and ${context.connections}`,
			notes: [
				`delay-proxy.mjs: ${roundTripMs / 2} ms each way, no loss, no limit of bandwidth; NOOP took ${measuredMs.toFixed(1)} ms there and back (median)`,
				'behind it chunking-sink.mjs, which offers what the row says; nodemailer uses PIPELINING within a message, and knows no CHUNKING',
				'with CHUNKING: --messages-per-connection 100000, so that the connection is one; by default a new one is opened after 1,000 messages, which takes ten round trips',
				'messages a second from the first MAIL to the last verdict: start, dialling and QUIT are taken out',
				'round trips: how many times the line was waited for, for each message of a connection',
			],
			columns: [
				'',
				'connections',
				'messages',
				'messages/s',
				'round trips',
				'by BDAT',
				'CPU us each',
				'against nodemailer',
			],
			rows: [...rowsOf(one, { connections: 1, timing }), ...rowsOf(many, { connections: context.connections, timing })],
			data: {
				measuredRoundTripMs: measuredMs,
				oneConnection: summarise(one, timing),
				manyConnections: summarise(many, timing),
			},
			figures: figuresOf(one, timing),
		};
	} finally {
		await Promise.all(Object.values(lines).map((line) => line.stop()));
		await Promise.all(Object.values(sinks).map((sink) => sink.stop()));
	}
}

function contendersOn(context: BenchContext, lines: Lines, connections: number) {
	return walkers.map(({ name, line, entry, one, many }) => {
		// Twenty connections are what `many` is for.
		const full = connections === 1 ? one : many * (connections / 20);
		return { ...entry(arenaOf(context, lines[line], connections), scaled(context, full, 5)), name };
	});
}

function rowsOf(
	laps: readonly Lap[],
	{ connections, timing }: { readonly connections: number; readonly timing: Timing },
): readonly (readonly string[])[] {
	return summarise(laps, timing).map(({ name, messages, perSecond, cpuUs }) => {
		const own = laps.filter((lap) => lap.name === name);
		const byBdat = own.reduce((sum, lap) => sum + (lap.counts?.chunked ?? 0), 0);
		return [
			name,
			`${connections}`,
			whole(messages),
			show(perSecond, (rate) => (rate < 100 ? rate.toFixed(1) : whole(rate))),
			(connections / perSecond.median / (roundTripMs / 1000)).toFixed(2),
			`${whole((100 * byBdat) / (messages * own.length))} %`,
			whole(cpuUs.median),
			name === nodemailer ? '' : show(fasterBy(laps, { fast: name, slow: nodemailer }, timing), times),
		];
	});
}

function figuresOf(oneConnection: readonly Lap[], timing: Timing): readonly Figure[] {
	const rate = (name: string) =>
		summarise(oneConnection, timing).find((each) => each.name === name)?.perSecond.median ?? Number.NaN;
	const what = `one connection at ${roundTripMs} ms round trip`;
	return [
		{ what: `${what}, PIPELINING`, value: rate(pipelined), unit: '/s', must: 18, aim: 18, better: 'more' },
		{ what: `${what}, CHUNKING, --window 32`, value: rate(chunked), unit: '/s', must: 500, aim: 500, better: 'more' },
	];
}
