/** What it costs to find out what a refusal means: all real replies of the test fixture, again and again. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spread } from './measure.ts';
import { cpuUsEach, probe } from './probe.ts';
import { show } from './race-table.ts';
import { type Measure, scaled } from './section.ts';

const fixture = fileURLToPath(new URL('../fixtures/replies/providers.json', import.meta.url));

export const measureClassify: Measure = async (context) => {
	const { rounds, say } = context;
	const replies: readonly unknown[] = JSON.parse(readFileSync(fixture, 'utf8'));
	const costs: number[] = [];
	for (let round = 1; round <= rounds; round++) {
		const cost = cpuUsEach(await probe('classify', [fixture, `${scaled(context, 200_000)}`]));
		costs.push(cost);
		say(`round ${round}  ${cost.toFixed(2)} us`);
	}
	const cpuUs = spread(costs);
	return {
		name: 'classify',
		title: 'What a refusal means',
		notes: [
			`The ${replies.length} replies of ${fixture.slice(fixture.indexOf('test/fixtures'))}, in turns, in a program that is warm.`,
		],
		columns: ['', 'CPU us each'],
		rows: [['reply classification', show(cpuUs, (us) => us.toFixed(2))]],
		data: { replies: replies.length, cpuUs },
		figures: [{ what: 'reply classification', value: cpuUs.median, unit: 'us', must: 20, aim: 5, better: 'less' }],
	};
};
