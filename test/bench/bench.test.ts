/** The benchmark runs and compares like with like; its figures are nobody's business here. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needs } from '../helpers/needs.ts';
import { type BenchSummary, type Lap, summarise } from './report.ts';

const conditions = { connections: 20, rounds: 3, wireBytes: 5800, node: 'v20', cores: 2 };

function lap(name: string, round: number, seconds: number): Lap {
	return {
		name,
		round,
		messages: 1000,
		cost: { seconds, cpuSeconds: 0.05, peakBytes: 1e8 * round },
		sinkCpuSeconds: 0.02,
	};
}

test('ratios are taken within a round, so that a slow minute of the machine does not count', () => {
	const laps = [
		lap('mailshot', 1, 1),
		lap('peer', 1, 2),
		lap('mailshot', 2, 10),
		lap('peer', 2, 30),
		lap('mailshot', 3, 1),
		lap('peer', 3, 4),
	];
	const [mailshot, peer] = summarise(laps, conditions).contenders;
	assert.deepEqual(peer?.firstIsFasterBy, { median: 3, least: 2, most: 4 });
	assert.deepEqual(mailshot?.perSecond, { median: 1000, least: 100, most: 1000 });
	assert.equal(mailshot.peakMegabytes, 300);
	assert.equal(Math.round(mailshot.cpuUs.median), 50);
});

test('a small benchmark runs all contenders to their end', needs('smtp-sink'), async () => {
	const script = fileURLToPath(new URL('run.ts', import.meta.url));
	const size = [
		'--messages',
		'300',
		'--nodemailer-messages',
		'100',
		'--slow-messages',
		'100',
		'--rounds',
		'1',
		'--connections',
		'5',
		'--json',
	];
	const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...size]);
	const summary: BenchSummary & { readonly slow_server: BenchSummary } = JSON.parse(stdout);
	assert.deepEqual(
		summary.contenders.map(({ name }) => name),
		[
			'mailshot send',
			'mailshot send --window 8',
			'mailshot, no journal',
			'smtp-source -d -s 5',
			'nodemailer pool script',
		],
	);
	for (const { perSecond, cpuUs, peakMegabytes } of summary.contenders) {
		assert.ok(perSecond.median > 0 && cpuUs.median > 0 && peakMegabytes > 0);
	}
	assert.deepEqual(
		summary.slow_server.contenders.map(({ name }) => name),
		['mailshot send', 'mailshot, no journal'],
	);
	const { wireBytes } = summary.conditions;
	assert.ok(wireBytes > 5000 && wireBytes < 7000, `${wireBytes} bytes a message`);
});
