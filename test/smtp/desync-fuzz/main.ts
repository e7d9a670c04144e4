/** `node --import tsx test/smtp/desync-fuzz/main.ts --sessions 10000000`: the desync fuzz for as long as asked. Ends with 1 when it found something. */
import { parseArgs } from 'node:util';
import { Session } from '../../../src/smtp/session.ts';
import { fuzz } from '../desync-fuzz.ts';
import { runScenario } from './run-scenario.ts';

const { values } = parseArgs({
	options: {
		sessions: { type: 'string', default: '1000000' },
		seed: { type: 'string', default: String(Math.floor(Date.now() / 1000) * 1000) },
		/** Only this one, with its whole story. */
		only: { type: 'string' },
	},
});

async function main(): Promise<number> {
	if (values.only !== undefined) {
		const { story, violations, excuses } = await runScenario(Number(values.only), {
			SessionUnderTest: Session,
			ways: 'both',
		});
		console.log(`${story}\n${[...excuses, ...violations].join('\n')}`);
		return violations.length === 0 ? 0 : 1;
	}
	const startedAt = performance.now();
	const { found, ...counts } = await fuzz({
		sessions: Number(values.sessions),
		seed: Number(values.seed),
		SessionUnderTest: Session,
		ways: 'both',
	});
	console.log({
		...counts,
		firstSeed: Number(values.seed),
		seconds: Math.round((performance.now() - startedAt) / 1000),
	});
	if (found !== null) console.log(`seed ${found.seed}\n${found.story}\n${found.violations.join('\n')}`);
	return found === null ? 0 : 1;
}

process.exitCode = await main();
