import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { dryRun } from '../../src/cli/dry-run.ts';
import { holdLog } from '../../src/cli/hold-log.ts';
import { prepareCampaign } from '../../src/cli/prepare-campaign.ts';
import { parseSendOptions, type SendFlags } from '../../src/cli/send-options.ts';
import { openSettings } from '../../src/cli/settings/open-settings.ts';
import { buildTemplate, writeFileIn } from '../helpers/list-builder.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';

const template = 'From: news@acme.example\nTo: {{email}}\nSubject: Hi {{first_name}}\n\n<p>x</p>\n';

async function rehearse(context: TestContext, list: string, flags: SendFlags = {}) {
	const directory = temporaryDirectory(context);
	const listPath = writeFileIn(directory, 'list.csv', list);
	const settings = await openSettings(flags, { env: {}, directory });
	const options = parseSendOptions(
		listPath,
		{ template: buildTemplate(directory, template), ...flags },
		{ settings, now: 0 },
	);
	const [stdout, stderr] = [new FakeOutput(), new FakeOutput()];
	const { signal } = new AbortController();
	const tools = {
		env: {},
		stdin: new PassThrough(),
		clock: new TestClock(),
		randomBytes: (count: number) => Buffer.alloc(count, 7),
	};
	const held = await holdLog(
		join(directory, 'results.jsonl'),
		{ purpose: 'look', allowsNetworkFiles: false },
		{ ...tools, signal, onRecords: () => {} },
	);
	const campaign = await prepareCampaign(options, tools, { held, isRehearsal: false, signal, onRows: () => {} });
	const exitCode = await dryRun(campaign, options.output, { stdout, stderr, signal });
	return { exitCode, stdout: stdout.text, stderr: stderr.text.replaceAll(directory, '.') };
}

const faulty = 'email,first_name\na@example.com,Anna\nbob@,Bob\nc@example.com,"Carl\nX: y"\na@example.com,Anna\n';

test('every row that would fail is named with its line, and the end is 65', async (context) => {
	const { exitCode, stdout, stderr } = await rehearse(context, faulty);
	assert.equal(exitCode, 65);
	assert.equal(stdout, '');
	const lines = stderr.trimEnd().split('\n');
	assert.equal(lines[0], 'line 3 of ./list.csv: "bob@" has no domain');
	assert.match(lines[1] ?? '', /^line 4 of \.\/list\.csv: .*Subject/);
	assert.equal(lines[2], 'dry run: 1 message rendered, 2 rows that fail, 1 duplicate skipped; nothing was sent');
});

test('a list without fault ends with 0', async (context) => {
	const { exitCode, stderr } = await rehearse(context, 'email,first_name\na@example.com,Anna\n');
	assert.equal(exitCode, 0);
	assert.equal(stderr, 'dry run: 1 message rendered, 0 rows that fail; nothing was sent\n');
});

test('--quiet says nothing about a list without fault', async (context) => {
	const { exitCode, stdout, stderr } = await rehearse(context, 'email,first_name\na@example.com,Anna\n', {
		quiet: true,
	});
	assert.deepEqual([exitCode, stdout + stderr], [0, '']);
});

test('--json gives the same as lines for programs', async (context) => {
	const { stdout } = await rehearse(context, faulty, { json: true });
	const objects = stdout
		.trimEnd()
		.split('\n')
		.map((line): Record<string, unknown> => JSON.parse(line));
	assert.deepEqual(
		objects.map(({ type, line }) => [type, line]),
		[
			['problem', 3],
			['problem', 4],
			['dry_run', undefined],
		],
	);
	const { rendered, failed, duplicates } = objects[2] ?? {};
	assert.deepEqual([rendered, failed, duplicates], [1, 2, 1]);
});

test('a list that is to come from a terminal is refused instead of waiting for somebody to type it', async (context) => {
	const directory = temporaryDirectory(context);
	const settings = await openSettings({}, { env: {}, directory });
	const options = parseSendOptions('-', { template: buildTemplate(directory, template) }, { settings, now: 0 });
	const stdin = Object.assign(new PassThrough(), { isTTY: true });
	const tools = { env: {}, stdin, clock: new TestClock(), randomBytes: (count: number) => Buffer.alloc(count) };
	const { signal } = new AbortController();
	const use = { purpose: 'look', allowsNetworkFiles: false } as const;
	const held = await holdLog(join(directory, 'results.jsonl'), use, { ...tools, signal, onRecords: () => {} });
	const watch = { held, isRehearsal: false, signal, onRows: () => {} };
	await assert.rejects(prepareCampaign(options, tools, watch), {
		exitCode: 2,
		hint: /cat list\.csv \| mailshot send -/,
	});
});
