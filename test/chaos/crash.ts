/** `npm run test:crash -- --kills 10000`: the crash loop for as long as asked. Ends with 1 when the promise was broken once. */
import { parseArgs } from 'node:util';
import { type CrashCampaign, type CrashOutcome, crashMatrix, runCrashCampaigns } from './crash-loop.ts';
import { cutPower, recordSyncs } from './power-cut.ts';

const help = `npm run test:crash -- [options]

  --kills <n>            kill -9 so often (default: 200)
  --kills-each <n>       most kills of one campaign (default: 6)
  --rows <n>             of each campaign (default: 500 or more, by shape)
  --seed <n>             of the first campaign, counted up from there (default: the time)
  --connections <n>      only these: 5, 10 or 50 (default: all)
  --window <n>           only this: 1, 2, 8 or 32 (default: all)
  --pipelining <on|off>  only this (default: both)
  --chunking <on|off>    only this (default: both)
  --faults <on|off>      only this (default: both)
  --power-cut            cut the files back to their last sync after each kill
  --jobs <n>             campaigns at the same time (default: 2)
  --program <path>       another program than bin/mailshot.js
`;

const { values } = parseArgs({
	options: {
		kills: { type: 'string', default: '200' },
		'kills-each': { type: 'string', default: '6' },
		rows: { type: 'string' },
		seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) % 1_000_000) },
		connections: { type: 'string' },
		window: { type: 'string' },
		pipelining: { type: 'string' },
		chunking: { type: 'string' },
		faults: { type: 'string' },
		'power-cut': { type: 'boolean', default: false },
		jobs: { type: 'string', default: '2' },
		program: { type: 'string' },
		help: { type: 'boolean', default: false },
	},
});

class CrashRun {
	readonly #kills = whole(values.kills);
	readonly #shapes = crashMatrix().filter(
		({ connections, window, pipelining, chunking, faults }) =>
			matches(values.connections, String(connections)) &&
			matches(values.window, String(window)) &&
			matches(values.pipelining, pipelining ? 'on' : 'off') &&
			matches(values.chunking, chunking ? 'on' : 'off') &&
			matches(values.faults, faults.length > 0 ? 'on' : 'off'),
	);
	readonly #firstSeed = whole(values.seed);
	#campaigns = 0;
	#totals = { kills: 0, runs: 0, rows: 0, dots: 0, accepted: 0, unknown: 0, doubled: 0, lost: 0, violations: 0 };

	async run(): Promise<number> {
		if (this.#shapes.length === 0) throw new Error('no campaign has this shape');
		const startedAt = performance.now();
		await runCrashCampaigns(() => this.#next(), {
			jobs: whole(values.jobs),
			onOutcome: (campaign, outcome) => this.#count(campaign, outcome),
		});
		const seconds = Math.round((performance.now() - startedAt) / 1000);
		console.log(`\n${this.#campaigns} campaigns in ${seconds} s, seeds from ${this.#firstSeed}`);
		console.log(
			Object.entries(this.#totals)
				.map(([name, count]) => `${name} ${count}`)
				.join(', '),
		);
		return this.#totals.violations === 0 ? 0 : 1;
	}

	#next(): CrashCampaign | null {
		if (this.#totals.kills >= this.#kills) return null;
		const shape = this.#shapes[this.#campaigns % this.#shapes.length];
		if (shape === undefined) throw new Error('no campaign has this shape');
		const seed = this.#firstSeed + this.#campaigns;
		this.#campaigns += 1;
		return {
			...shape,
			seed,
			...(values.rows === undefined ? {} : { rows: whole(values.rows) }),
			kills: whole(values['kills-each']),
			keepsFiles: true,
			...(values.program === undefined ? {} : { program: values.program }),
			...(values['power-cut'] ? powerCut : {}),
		};
	}

	#count(campaign: CrashCampaign, outcome: CrashOutcome): void {
		const { kills, runs, dots, accepted, unknown, unknownBound, doubled, lost, violations, directory } = outcome;
		const totals = this.#totals;
		this.#totals = {
			kills: totals.kills + kills,
			runs: totals.runs + runs,
			rows: totals.rows + campaign.rows,
			dots: totals.dots + dots,
			accepted: totals.accepted + accepted,
			unknown: totals.unknown + unknown,
			doubled: totals.doubled + doubled,
			lost: totals.lost + lost,
			violations: totals.violations + violations.length,
		};
		console.log(
			`${describeCampaign(campaign)}: ${kills} kills, ${runs} runs, ${dots} dots, ${unknown} of at most ${unknownBound} unknown` +
				`, ${doubled} doubled, ${lost} lost (${this.#totals.kills} kills so far)`,
		);
		if (violations.length > 0) console.log(`${violations.slice(0, 5).join('\n')}\nThe files are in ${directory}`);
	}
}

const powerCut: Partial<CrashCampaign> = {
	files: 'cut',
	envIn: recordSyncs,
	afterKill: (site, random) => cutPower([site.journalPath, site.logPath], random),
};

function describeCampaign({ seed, connections, window, pipelining, chunking, faults }: CrashCampaign): string {
	const shape = [
		`${connections} connections`,
		`window ${window}`,
		`${pipelining ? 'PIPELINING' : 'no PIPELINING'}${chunking ? ' and CHUNKING' : ''}`,
		faults.length > 0 ? 'faults' : 'no faults',
	];
	return `seed ${seed}, ${shape.join(', ')}`;
}

function whole(text: string): number {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 0) throw new Error(`"${text}" is not a whole number`);
	return number;
}

function matches(wanted: string | undefined, is: string): boolean {
	return wanted === undefined || wanted === is;
}

if (values.help) console.log(help);
else process.exitCode = await new CrashRun().run();
