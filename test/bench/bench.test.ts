/** The benchmark runs to its end and compares like with like; its figures are nobody's business here. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needs } from '../helpers/needs.ts';
import type { Lap } from './race.ts';
import { fasterBy, summarise } from './race-table.ts';
import { closingText, type JudgedFigure, withVerdicts } from './report.ts';
import type { Section } from './section.ts';

const script = fileURLToPath(new URL('run.ts', import.meta.url));
const bench = (...flags: readonly string[]) =>
	promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...flags], { maxBuffer: 2 ** 24 });

function lap(name: string, round: number, seconds: number): Lap {
	const cost = { seconds, cpuSeconds: 0.05, peakBytes: 1e8 * round };
	return { name, round, messages: 1000, cost, serverCpuSeconds: 0.02, counts: null };
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
	const [mailshot, peer] = summarise(laps);
	assert.deepEqual(peer?.firstIsFasterBy, { median: 3, least: 2, most: 4 });
	assert.deepEqual(fasterBy(laps, { fast: 'peer', slow: 'mailshot' }).most, 0.5);
	assert.deepEqual(mailshot?.perSecond, { median: 1000, least: 100, most: 1000 });
	assert.equal(mailshot.peakMegabytes, 300);
	assert.equal(Math.round(mailshot.cpuUs.median), 50);
});

test('a figure is judged by its goal and its floor, whichever way is better', () => {
	const figures = [
		{ what: 'speed', value: 1.2, unit: 'x', must: 1, aim: 1.2, better: 'more' },
		{ what: 'cost', value: 45, unit: 'us', must: 50, aim: 40, better: 'less' },
		{ what: 'size', value: 170, unit: 'MB', must: 160, aim: 130, better: 'less' },
		{ what: 'lost', value: Number.NaN, unit: 'x', must: 1, aim: 2, better: 'more' },
	] as const;
	const section: Section = { name: 'one', title: '', notes: [], columns: [], rows: [], data: null, figures };
	const verdicts = withVerdicts([section]).map(({ verdict }) => verdict);
	assert.deepEqual(verdicts, ['aim', 'must', 'below', 'below']);
});

test('the closing table has a line for each figure and says what it was measured on', () => {
	const figure: JudgedFigure = {
		what: 'cost',
		value: 45,
		unit: 'us',
		must: 50,
		aim: 40,
		better: 'less',
		section: 'one',
		verdict: 'must',
	};
	const conditions = {
		date: '',
		rounds: 5,
		scale: 1,
		connections: 20,
		machine: { Node: 'v20' },
		peers: { PHP: '8.2' },
	};
	const text = closingText([figure], conditions);
	assert.match(text, /\| cost +\| +45 us \| <= 50 us \| <= 40 us \| +must \|/);
	assert.match(text, /^- Node: v20$/m);
	assert.match(text, /^- PHP: 8\.2$/m);
});

test('--list names the sections, and --only refuses others', async () => {
	const { stdout } = await bench('--list');
	assert.match(stdout, /^end_to_end\n(?:\w+\n)*wan\n/);
	await assert.rejects(bench('--only', 'end_to_end,wam'), /--only wam: the sections are end_to_end, slow_server/);
});

interface Outcome {
	readonly conditions: { readonly machine: object; readonly peers: object };
	readonly sections: readonly (Section & { readonly data: { readonly contenders?: readonly Entrant[] } })[];
	readonly figures: readonly JudgedFigure[];
}

interface Entrant {
	readonly name: string;
	readonly messages: number;
	readonly octets?: number;
	readonly perSecond: { readonly median: number };
}

const programs = ['smtp-sink', 'openssl', 'python3', 'aiosmtplib', 'php', 'phpmailer'] as const;

test('a small benchmark takes every section and every contender to the end', needs(...programs), async () => {
	const { stdout: names } = await bench('--list');
	const { stdout } = await bench('--scale', '0.0005', '--rounds', '1', '--connections', '4', '--json');
	const { conditions, sections, figures }: Outcome = JSON.parse(stdout);
	assert.deepEqual(
		sections.map(({ name }) => name),
		names.trim().split('\n'),
	);
	for (const { name, columns, rows } of sections) {
		assert.ok(rows.length > 0, name);
		for (const row of rows) assert.equal(row.length, columns.length, `${name}: ${row.join(' | ')}`);
	}
	for (const figure of figures) assert.ok(Number.isFinite(figure.value), figure.what);
	assert.ok(Object.keys(conditions.machine).length > 0 && Object.keys(conditions.peers).length > 0);

	const entrants = sections.find(({ name }) => name === 'end_to_end')?.data.contenders ?? [];
	assert.deepEqual(
		entrants.map(({ name }) => name),
		[
			'mailshot send',
			'mailshot send --window 8',
			'mailshot, no journal',
			'smtp-source -d -s 4',
			'nodemailer pool script',
			'smtplib',
			'smtplib, prebuilt',
			'aiosmtplib',
			'aiosmtplib, prebuilt',
			'PHPMailer keep-alive',
		],
	);
	const size = entrants[0]?.octets ?? Number.NaN;
	for (const { name, octets, perSecond } of entrants) {
		assert.ok(perSecond.median > 0, name);
		assert.ok(Math.abs((octets ?? 0) - size) < size * 0.05, `${name}: ${octets} octets, mailshot ${size}`);
	}
});
