/** How long a command takes to begin: the version, the help and the demo beside a bare Node, in turns. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mailshotProgram } from '../helpers/run-mailshot.ts';
import { measure, type Spread, spread } from './measure.ts';
import { show, times } from './race-table.ts';
import { type Measure, type Section, scaled } from './section.ts';

const bareNode = 'node -e 0';
const version = 'mailshot --version';
const demo = 'mailshot demo';

/** `mailshot` as npm links it begins with a line of shell (bin/mailshot.js). */
const commands: ReadonlyMap<string, readonly string[]> = new Map([
	[bareNode, [process.execPath, '-e', '0']],
	[version, [mailshotProgram, '--version']],
	['node bin/mailshot.js --version', [process.execPath, mailshotProgram, '--version']],
	['mailshot --help', [mailshotProgram, '--help']],
	['node bin/mailshot.js --help', [process.execPath, mailshotProgram, '--help']],
	[demo, [mailshotProgram, 'demo']],
]);

// A start takes 50 ms, and bash tells milliseconds: three at a time.
const startsAtOnce = 3;
const startAll = `for ((start = 0; start < ${startsAtOnce}; start++)); do "$@" > /dev/null || exit; done`;

interface Start {
	readonly wallMs: number;
	readonly cpuMs: number;
}

export const measureStartUp: Measure = async (context) => {
	const rounds = scaled(context, Math.max(15, context.rounds), 1);
	const starts = new Map<string, Start[]>();
	const cwd = mkdtempSync(join(context.directory, 'start-up-'));
	try {
		for (let round = 1; round <= rounds; round++) {
			for (const [name, command] of commands) {
				const { seconds, cpuSeconds } = await measure('bash', ['-c', startAll, 'bash', ...command], { cwd });
				const start = { wallMs: (seconds * 1000) / startsAtOnce, cpuMs: (cpuSeconds * 1000) / startsAtOnce };
				starts.set(name, [...(starts.get(name) ?? []), start]);
			}
			context.say(`round ${round}  ${[...starts].map(([, all]) => all.at(-1)?.wallMs.toFixed(0)).join('  ')} ms`);
		}
	} finally {
		rmSync(cwd, { recursive: true });
	}
	return section(starts);
};

function section(starts: ReadonlyMap<string, readonly Start[]>): Section {
	const bare = starts.get(bareNode) ?? [];
	const rows = [...starts].map(([name, all]) => ({
		name,
		wallMs: spread(all.map(({ wallMs }) => wallMs)),
		cpuMs: spread(all.map(({ cpuMs }) => cpuMs)),
		overBareNode: spread(all.map(({ wallMs }, round) => wallMs / (bare[round]?.wallMs ?? Number.NaN))),
		cpuOverBareNode: spread(all.map(({ cpuMs }, round) => cpuMs / (bare[round]?.cpuMs ?? Number.NaN))),
	}));
	const median = (name: string, of: (row: (typeof rows)[number]) => Spread) =>
		rows.filter((row) => row.name === name).map((row) => of(row).median)[0] ?? Number.NaN;
	return {
		name: 'start_up',
		title: 'Start',
		notes: [
			`From start to exit, mean of ${startsAtOnce} starts, the commands in turns; rounds: ${bare.length}. The ratio is that of the round.`,
			'`mailshot` is bin/mailshot.js as npm links it: a line of shell that becomes Node. The demo sends 33 messages to a mail server of its own, with log and journal.',
		],
		columns: ['', 'ms', 'CPU ms', 'over bare node', 'CPU over bare node'],
		rows: rows.map(({ name, wallMs, cpuMs, overBareNode, cpuOverBareNode }) => [
			name,
			show(wallMs, milliseconds),
			show(cpuMs, milliseconds),
			name === bareNode ? '' : show(overBareNode, times),
			name === bareNode ? '' : show(cpuOverBareNode, times),
		]),
		data: rows,
		figures: [
			{
				what: `${version} against bare node`,
				value: median(version, ({ overBareNode }) => overBareNode),
				unit: 'x',
				must: 1.5,
				aim: 1.3,
				better: 'less',
			},
			{
				what: `${demo} from a built tree`,
				value: median(demo, ({ wallMs }) => wallMs) / 1000,
				unit: 's',
				must: 2,
				aim: 1,
				better: 'less',
			},
		],
	};
}

function milliseconds(ms: number): string {
	return ms.toFixed(ms < 100 ? 1 : 0);
}
