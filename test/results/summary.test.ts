import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nobody } from '../../src/results/selection.ts';
import { makeSummary, type SummaryStart, summaryPath, writeSummary } from '../../src/results/summary.ts';
import { Tally } from '../../src/results/tally.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { allResults } from './make-result.ts';

const start: SummaryStart = {
	runId: '01KAMN4Q2V8D6T2YB7N5KXWCRA',
	campaign: 'november-news',
	tool: 'mailshot 0.1.0',
	node: '20.20.2',
	startedAt: Date.UTC(2026, 10, 22, 9, 0, 0),
	template: { file: 'news.hbs', sha256: 'aa' },
	data: { file: 'list.csv', sha256: 'bb', rows: 12, encoding: 'utf-8', delimiter: ',' },
	server: { address: 'smtp.acme.example', port: 587, tls: 'starttls' },
	toSend: 11,
	earlier: nobody,
};

const running = makeSummary(start, new Tally(), { state: { state: 'running' }, left: 11, seconds: 0 });

function finished() {
	const tally = new Tally();
	for (const result of allResults()) tally.add(result);
	const state = { state: 'finished', exitCode: 3, finishedAt: Date.UTC(2026, 10, 22, 9, 0, 2) } as const;
	return makeSummary(start, tally, { state, left: 3, seconds: 2 });
}

test('a summary has the counts of the run, and says that it is over', () => {
	const summary = finished();
	assert.equal(summary.state, 'finished');
	assert.equal(summary.exit_code, 3);
	assert.equal(summary.finished_at, '2026-11-22T09:00:02.000Z');
	assert.deepEqual(summary.counts, {
		to_send: 11,
		accepted: 1,
		bounced: 1,
		deferred: 2,
		failed: 3,
		skipped: 1,
		unknown: 1,
		left: 3,
	});
	assert.deepEqual(summary.skipped, { duplicate: 1 });
	assert.deepEqual(summary.bounce_category, { invalid_recipient: 1, mailbox_full: 1, network: 1 });
	assert.equal(summary.failed['address.invalid'], 1);
	assert.equal(summary.rate_per_s, 2.5);
	assert.deepEqual(summary.smtp_ms, { min: 142.1, med: 142.1, p95: 142.1, p99: 142.1, max: 142.1 });
});

test('a run that goes on counts the campaign, and says how much of it earlier runs had settled', () => {
	const tally = new Tally();
	for (const result of allResults()) tally.add(result);
	const earlier = { ...nobody, accepted: 100, bounced: 7 };
	const state = { state: 'finished', exitCode: 3, finishedAt: 0 } as const;
	const summary = makeSummary({ ...start, earlier }, tally, { state, left: 3, seconds: 2 });
	assert.deepEqual(
		[summary.counts.accepted, summary.counts.bounced, summary.counts.deferred, summary.counts.left],
		[101, 8, 2, 3],
	);
	assert.deepEqual(summary.earlier, earlier);
	assert.equal(summary.rate_per_s, 2.5);
});

test('while the run goes on there is no exit code that a script could take for success', () => {
	assert.equal(running.state, 'running');
	assert.ok(!('exit_code' in running));
	assert.ok(!('finished_at' in running));
});

test('the summary replaces the earlier one, for its owner only, and leaves no temporary file', (context) => {
	const directory = temporaryDirectory(context);
	const path = summaryPath(join(directory, 'results.jsonl'));
	writeSummary(path, running);
	writeSummary(path, finished());
	assert.equal(JSON.parse(readFileSync(path, 'utf8')).state, 'finished');
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.deepEqual(readdirSync(directory), ['results.jsonl.summary.json']);
});

test('it is durable before it gets its name', (context) => {
	const files = new FaultyFileSystem({ shortWrites: 100 });
	writeSummary(join(temporaryDirectory(context), 's.json'), running, { files });
	assert.deepEqual(
		files.calls.filter((call) => call !== 'write'),
		['open', 'fsync', 'close', 'rename', 'open', 'fsync', 'close'],
	);
});

test('a full disk leaves the earlier summary whole, exit 73', (context) => {
	const path = join(temporaryDirectory(context), 's.json');
	writeFileSync(path, 'earlier');
	assert.throws(() => writeSummary(path, running, { files: new FaultyFileSystem({ room: 10 }) }), { exitCode: 73 });
	assert.equal(readFileSync(path, 'utf8'), 'earlier');
});
