/** What reading and rendering alone cost, on one core and without a network: both passes over the list, and a message with its fixed text encoded once or every time. */
import { fileURLToPath } from 'node:url';
import { spread } from './measure.ts';
import { cpuUsEach, type ProbeFigures, probe } from './probe.ts';
import { show } from './race-table.ts';
import { type Measure, scaled } from './section.ts';

export const measureSegments: Measure = async (context) => {
	const { workload, rounds, say } = context;
	const list = workload.list(scaled(context, 200_000));
	const messages = `${scaled(context, 100_000)}`;
	const few = workload.list(scaled(context, 1000));
	const render = [few, workload.htmlTemplate, messages];
	const hook = fileURLToPath(new URL('without-segments/hook.mjs', import.meta.url));
	const parts: readonly { readonly name: string; run(): Promise<ProbeFigures> }[] = [
		{ name: 'list, first pass: parsed, checked, counted, duplicates found', run: () => probe('survey-list', [list]) },
		{ name: 'list, second pass: parsed, looked up', run: () => probe('read-list', [list]) },
		{ name: 'message, fixed text encoded once', run: () => probe('render', [...render, 'fast']) },
		{
			name: 'message, everything encoded for each row',
			run: () => probe('render', [...render, 'full'], { node: ['--import', hook] }),
		},
	];
	const costs = parts.map(() => [] as number[]);
	for (let round = 1; round <= rounds; round++) {
		for (const [at, { run }] of parts.entries()) costs[at]?.push(cpuUsEach(await run()));
		say(`round ${round}  ${costs.map((each) => each.at(-1)?.toFixed(2)).join('  ')} us`);
	}
	const spreads = costs.map(spread);
	return {
		name: 'segments',
		title: 'Reading and rendering alone',
		notes: [
			'CPU of user and system, threads of the collector included; the program is loaded and warm. A row has six cells; a message is the one above, down to the octets for the socket.',
			'The last line is the same program with `without-segments/` loaded by a hook.',
		],
		columns: ['', 'CPU us each'],
		rows: parts.map(({ name }, at) => {
			const cost = spreads[at];
			return [name, cost === undefined ? '' : show(cost, (us) => us.toFixed(2))];
		}),
		data: parts.map(({ name }, at) => ({ name, cpuUs: spreads[at] })),
		figures: [],
	};
};
