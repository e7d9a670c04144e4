/** `npm run bench`: contenders take turns on the same smtp-sink, round after round; medians, and ratios of each round (README.md beside this file). */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSmtpSink } from '../helpers/smtp-sink.ts';
import { type Arena, type Contender, mailshot, measureSizes, nodemailerPool, smtpSource } from './contenders.ts';
import { cpuSecondsOf } from './measure.ts';
import { type Lap, printTable, summarise } from './report.ts';
import { prepareWorkload } from './workload.ts';

const { values } = parseArgs({
	options: {
		messages: { type: 'string', default: '100000' },
		'nodemailer-messages': { type: 'string', default: '10000' },
		rounds: { type: 'string', default: '5' },
		connections: { type: 'string', default: '20' },
		json: { type: 'boolean', default: false },
	},
});
const messages = positive('messages', values.messages);
const connections = positive('connections', values.connections);
const rounds = positive('rounds', values.rounds);

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
		smtpSource(arena, messages, { payloadBytes }),
		nodemailerPool(arena, positive('nodemailer-messages', values['nodemailer-messages'])),
	];
	const laps: Lap[] = [];
	for (let round = 1; round <= rounds; round++) {
		for (const contender of contenders) laps.push(await runLap(contender, round));
	}
	const conditions = { connections, rounds, wireBytes, node: process.version, cores: cpus().length };
	const summary = summarise(laps, conditions);
	if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
	else printTable(summary);
} finally {
	await sink.stop();
	rmSync(directory, { recursive: true, force: true });
}

async function runLap(contender: Contender, round: number): Promise<Lap> {
	const sinkBefore = cpuSecondsOf(sink.pid);
	const cost = await contender.run();
	const lap = {
		name: contender.name,
		round,
		messages: contender.messages,
		cost,
		sinkCpuSeconds: cpuSecondsOf(sink.pid) - sinkBefore,
	};
	process.stderr.write(`round ${round}  ${contender.name}  ${Math.round(contender.messages / cost.seconds)}/s\n`);
	return lap;
}

function positive(name: string, text: string): number {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
	return number;
}
