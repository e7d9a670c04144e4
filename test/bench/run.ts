/** `npm run bench`: contenders take turns on the same smtp-sink, round after round; medians, and ratios of each round (README.md beside this file). */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSmtpSink } from '../helpers/smtp-sink.ts';
import {
	type Arena,
	type Contender,
	mailshot,
	measureSizes,
	nodemailerPool,
	smtpSource,
	startSlowServer,
} from './contenders.ts';
import { cpuSecondsOf } from './measure.ts';
import { type Lap, printTable, summarise } from './report.ts';
import { prepareWorkload } from './workload.ts';

const { values } = parseArgs({
	options: {
		messages: { type: 'string', default: '100000' },
		'nodemailer-messages': { type: 'string', default: '10000' },
		'slow-messages': { type: 'string', default: '5000' },
		rounds: { type: 'string', default: '5' },
		connections: { type: 'string', default: '20' },
		json: { type: 'boolean', default: false },
	},
});
const messages = positive('messages', values.messages);
const connections = positive('connections', values.connections);
const rounds = positive('rounds', values.rounds);
// The figure of design.md §8: journal on against off.
const slowVerdictMs = 20;
const slowConnections = 10;

if (!existsSync(fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)))) {
	throw new Error('nothing is built: npm run build');
}

const directory = mkdtempSync(join(tmpdir(), 'mailshot-bench-'));
const sink = await startSmtpSink();
try {
	const arena: Arena = { directory, workload: prepareWorkload(directory), port: sink.port, connections };
	const { wireBytes, payloadBytes } = await measureSizes(arena);
	const contenders = [
		mailshot(arena, messages),
		mailshot(arena, messages, { flags: ['--window', '8'] }),
		mailshot(arena, messages, { withoutJournal: true, name: 'mailshot, no journal' }),
		smtpSource(arena, messages, { payloadBytes }),
		nodemailerPool(arena, positive('nodemailer-messages', values['nodemailer-messages'])),
	];
	const laps: Lap[] = [];
	for (let round = 1; round <= rounds; round++) {
		for (const contender of contenders) laps.push(await runLap(contender, round, sink.pid));
	}
	const conditions = { rounds, wireBytes, node: process.version, cores: cpus().length };
	const summary = summarise(laps, { ...conditions, connections });
	const slow = summarise(await slowLaps(arena), { ...conditions, connections: slowConnections });
	if (values.json) {
		process.stdout.write(`${JSON.stringify({ ...summary, slow_server: slow })}\n`);
	} else {
		printTable(summary);
		process.stdout.write(`\nA server that takes ${slowVerdictMs} ms for each verdict:\n`);
		printTable(slow);
	}
} finally {
	await sink.stop();
	rmSync(directory, { recursive: true, force: true });
}

/** What the journal costs where the server is what everybody waits for. */
async function slowLaps(arena: Arena): Promise<Lap[]> {
	const count = positive('slow-messages', values['slow-messages']);
	const server = await startSlowServer(slowVerdictMs);
	try {
		const here = { ...arena, port: server.port, connections: slowConnections };
		const contenders = [
			mailshot(here, count),
			mailshot(here, count, { withoutJournal: true, name: 'mailshot, no journal' }),
		];
		const laps: Lap[] = [];
		for (let round = 1; round <= rounds; round++) {
			for (const contender of contenders) laps.push(await runLap(contender, round, server.pid));
		}
		return laps;
	} finally {
		server.stop();
	}
}

async function runLap(contender: Contender, round: number, sinkPid: number): Promise<Lap> {
	const sinkBefore = cpuSecondsOf(sinkPid);
	const cost = await contender.run();
	const lap = {
		name: contender.name,
		round,
		messages: contender.messages,
		cost,
		sinkCpuSeconds: cpuSecondsOf(sinkPid) - sinkBefore,
	};
	process.stderr.write(`round ${round}  ${contender.name}  ${Math.round(contender.messages / cost.seconds)}/s\n`);
	return lap;
}

function positive(name: string, text: string): number {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
	return number;
}
