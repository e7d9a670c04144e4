/** What it costs to go on: the journal read alone, a campaign with nothing left to send, and one of which half is left. */
import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inDirectory, logName, readCounts, type Setting, sendFromFile } from './big-campaign.ts';
import { type Cost, spread } from './measure.ts';
import { probe } from './probe.ts';
import { show, whole } from './race-table.ts';
import { type BenchContext, type Measure, type Section, scaled } from './section.ts';
import { startQuickSink } from './servers.ts';

const million = 1e6;

/** A step that reads `records` of the journal before it does anything else. */
interface Step {
	readonly name: string;
	readonly records: number;
	readonly cost: Cost;
}

export const measureResume: Measure = async (context) => {
	const { workload, connections } = context;
	const rows = scaled(context, million);
	// Half of ten million takes minutes to send.
	const rounds = rows > million ? 1 : context.rounds;
	const server = await startQuickSink();
	try {
		return await inDirectory(context.directory, async (directory) => {
			const campaign = new HalfCampaign(directory, { workload, server, connections }, rows);
			await campaign.sendFirstHalf();
			const steps: Step[] = [];
			for (let round = 1; round <= rounds; round++) {
				const taken = await campaign.takeUp(round);
				steps.push(...taken);
				const seconds = taken.map(({ name, cost }) => `${name} ${cost.seconds.toFixed(2)} s`);
				context.say(`round ${round}  ${seconds.join(', ')}`);
			}
			return section(context, { rows, rounds, steps });
		});
	} finally {
		await server.stop();
	}
};

class HalfCampaign {
	readonly #directory: string;
	readonly #setting: Setting;
	readonly #rows: number;

	constructor(directory: string, setting: Setting, rows: number) {
		this.#directory = directory;
		this.#setting = setting;
		this.#rows = rows;
	}

	get #half(): string {
		return join(this.#directory, 'half');
	}

	/** The first rows of the list are a list. */
	async sendFirstHalf(): Promise<void> {
		mkdirSync(this.#half);
		await this.#send(this.#half, { rows: Math.ceil(this.#rows / 2), due: Math.ceil(this.#rows / 2) });
	}

	takeUp(round: number): Promise<readonly Step[]> {
		return inDirectory(this.#directory, async (cwd) => {
			copyDurably(this.#half, cwd);
			const left = Math.floor(this.#rows / 2);
			const before = await probe('read-journal', [join(cwd, logName)]);
			const half = await this.#send(cwd, { rows: this.#rows, due: left });
			// What stands in the files now is what two runs have written.
			const journal = await probe('read-journal', [join(cwd, logName)]);
			const opened = await probe('open-campaign', [join(cwd, logName)]);
			const nothing = await this.#send(cwd, { rows: this.#rows, due: 0 });
			if (opened.count !== journal.count || journal.count < 2 * this.#rows) {
				throw new Error(`round ${round}: ${journal.count} records of ${this.#rows} messages, then ${opened.count}`);
			}
			return [
				{ name: steps.journal, records: journal.count, cost: journal },
				{ name: steps.opened, records: opened.count, cost: opened },
				{ name: steps.nothing, records: journal.count, cost: nothing },
				{ name: steps.half, records: before.count, cost: half },
			];
		});
	}

	async #send(cwd: string, { rows, due }: { readonly rows: number; readonly due: number }): Promise<Cost> {
		const cost = await sendFromFile(this.#setting, cwd, { list: this.#setting.workload.list(rows) });
		const counts = readCounts(cwd);
		if (counts.to_send !== due || counts.accepted !== rows || counts.left !== 0) {
			throw new Error(`${rows} rows with ${due} to send ended as ${JSON.stringify(counts)}`);
		}
		return cost;
	}
}

const steps = {
	journal: 'the journal read, alone',
	opened: 'journal read, log compared with it, alone',
	nothing: 'the same command again, 0 to send',
	half: 'the same command, half left',
};

/** What the copy left to be written would be on the bill of the first fdatasync of the run. */
function copyDurably(from: string, to: string): void {
	for (const name of readdirSync(from)) {
		copyFileSync(join(from, name), join(to, name));
		const file = openSync(join(to, name), 'r+');
		fsyncSync(file);
		closeSync(file);
	}
}

function section(
	{ connections }: BenchContext,
	measured: { readonly rows: number; readonly rounds: number; readonly steps: readonly Step[] },
): Section {
	const { rows, rounds } = measured;
	const lines = Object.values(steps).map((name) => {
		const own = measured.steps.filter((step) => step.name === name);
		return {
			name,
			records: own[0]?.records ?? 0,
			seconds: spread(own.map(({ cost }) => cost.seconds)),
			cpuSeconds: spread(own.map(({ cost }) => cost.cpuSeconds)),
			recordsPerSecond: spread(own.map(({ records, cost }) => records / cost.seconds)),
			recordsPerCpuSecond: spread(own.map(({ records, cost }) => records / cost.cpuSeconds)),
			peakMegabytes: Math.max(...own.map(({ cost }) => cost.peakBytes)) / 1e6,
		};
	});
	return {
		name: 'resume',
		title: 'Going on with a campaign',
		notes: [
			`A campaign of ${whole(rows)} rows in two runs over ${connections} connections: half of the list, then all of it. ${rounds === 1 ? 'One round' : `${rounds} rounds`}. The files are in the page cache.`,
			'Alone: called as the program calls it, in a process of its own, without its start. The commands are whole: start, journal, log, both passes over the list.',
		],
		columns: ['', 'records', 's', 'CPU s', 'records/s', 'records per CPU s', 'peak RSS'],
		rows: lines.map((line) => {
			const isReading = line.name === steps.journal || line.name === steps.opened;
			return [
				line.name,
				whole(line.records),
				show(line.seconds, (seconds) => seconds.toFixed(2)),
				show(line.cpuSeconds, (seconds) => seconds.toFixed(2)),
				isReading ? show(line.recordsPerSecond, whole) : '',
				isReading ? show(line.recordsPerCpuSecond, whole) : '',
				`${whole(line.peakMegabytes)} MB`,
			];
		}),
		data: lines,
		figures: [
			{
				what: `journal records read on resume, ${whole(rows)} rows`,
				value: lines[0]?.recordsPerSecond.median ?? Number.NaN,
				unit: '/s',
				must: 1e6,
				aim: 5e6,
				better: 'more',
			},
		],
	};
}
