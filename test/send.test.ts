/** The whole way, inside one process: every row of a list ends as exactly one line, whatever stops the run. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compileMessage } from '../src/message/compile-message.ts';
import { loadTemplate } from '../src/message/load-template.ts';
import { KeyTable } from '../src/recipients/key-table.ts';
import { openList } from '../src/recipients/open-list.ts';
import { CampaignLog } from '../src/results/campaign-log.ts';
import { openCampaign } from '../src/results/open-campaign.ts';
import { everybody, passOver, type Selection } from '../src/results/selection.ts';
import { type SendReport, send } from '../src/send.ts';
import { systemClock } from '../src/support/clock.ts';
import { nodeFileSystem } from '../src/support/file-system.ts';
import { temporaryDirectory } from './helpers/temporary-directory.ts';
import { type ScriptedServerOptions, startScriptedServer } from './smtp/peer.ts';

const template = `From: News <news@acme.example>
To: {{name}} <{{email}}>
Subject: Hello {{name}}

<p>Hello {{name}}</p>
`;

interface Sent {
	readonly report: SendReport;
	/** `a@x.example accepted`, in the order written. */
	readonly lines: readonly string[];
	/** Recipients of what the server of this run took. */
	readonly accepted: readonly string[];
	/** That the server of this run saw. */
	readonly connections: number;
	readonly log: CampaignLog;
}

interface SendOptions {
	readonly csv: string;
	/** Where an earlier run left its log; a new folder when there was none. */
	readonly directory?: string;
	readonly server?: Partial<ScriptedServerOptions>;
	readonly limit?: number;
	readonly retryMs?: readonly number[];
	readonly stop?: AbortSignal;
	readonly selection?: Selection;
	/** Writes to journal and log that succeed before the disk is full. */
	readonly writesBeforeFull?: number;
}

async function sendList(context: TestContext, options: SendOptions): Promise<Sent> {
	const directory = options.directory ?? temporaryDirectory(context);
	const listPath = join(directory, 'list.csv');
	const templatePath = join(directory, 'news.hbs');
	const logPath = join(directory, 'results.jsonl');
	writeFileSync(listPath, options.csv);
	writeFileSync(templatePath, template);
	const server = await startScriptedServer({ greeting: () => '220 hi', script: () => ({}), ...options.server });
	context.after(() => server.close());
	const list = await openList({ path: listPath, displayName: 'list.csv' });
	const message = await compileMessage(await loadTemplate(templatePath), {
		columns: list.columns,
		emailColumn: list.emailColumn,
		set: new Map(),
		campaign: 'news',
		campaignId: Buffer.alloc(16, 7),
		clock: systemClock,
		randomBytes: (size) => Buffer.alloc(size, 9),
	});
	const [keys, locals] = [new KeyTable(Buffer.alloc(16, 1)), new KeyTable(Buffer.alloc(16, 2))];
	const opened = await openCampaign(logPath, { keys, locals });
	let writesLeft = Number.POSITIVE_INFINITY;
	const log = await CampaignLog.begin({
		logPath,
		opened,
		keys,
		locals,
		run: runFacts,
		clock: systemClock,
		files: {
			...nodeFileSystem,
			write(descriptor, bytes, offset) {
				writesLeft -= 1;
				if (writesLeft < 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
				return nodeFileSystem.write(descriptor, bytes, offset);
			},
			unlink(path) {
				nodeFileSystem.unlink(path);
				// What the ballast held is free again.
				if (path.endsWith('.ballast')) writesLeft = Number.POSITIVE_INFINITY;
			},
		},
	});
	writesLeft = options.writesBeforeFull ?? Number.POSITIVE_INFINITY;
	const report = await send({
		list,
		keys,
		passOver: passOver(options.selection ?? everybody),
		message,
		limit: options.limit ?? Number.POSITIVE_INFINITY,
		log,
		graceMs: 10_000,
		delivery: {
			servers: [
				{
					settings: {
						host: '127.0.0.1',
						port: server.port,
						tls: 'off',
						auth: null,
						tlsCa: null,
						tlsFingerprint: '',
						clientName: 'client',
					},
					provider: '',
					connections: 3,
					messagesPerConnection: 1000,
					rates: [],
					quotas: null,
				},
			],
			domainRates: new Map(),
			retry: { delaysMs: options.retryMs ?? [] },
			safety: { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: Number.POSITIVE_INFINITY },
			maxWaitMs: 0,
			trace: null,
			onBegin: () => {},
			window: 2,
			clock: systemClock,
			random: () => 0.5,
			stop: options.stop ?? new AbortController().signal,
			drop: new AbortController().signal,
			onNotice: () => {},
			onConnected: () => {},
		},
	});
	const lines = jsonLines(log.path).map(({ recipient, status }) => `${recipient} ${status}`);
	const accepted = server.accepted.map((content) => /^To: .*<(.*)>\r$/m.exec(content)?.[1] ?? content);
	return { report, lines, accepted, connections: server.connections(), log };
}

const runFacts = {
	run_id: 'run',
	campaign_id: '07'.repeat(16),
	campaign: 'news',
	tags: {},
	tool: 'mailshot 0',
	started_at: '2026-11-22T09:00:00.000Z',
	pid: 1,
	pid_started: '',
	boot_id: '',
	host: 'here',
	key_rule: 'address',
	message: {},
	rehearsal: false,
	server_address: '127.0.0.1',
	server_port: 25,
	connections: 3,
	window: 2,
	resend: '',
	verp: '',
};

function jsonLines(path: string): Record<string, unknown>[] {
	return readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line));
}

function people(count: number): string {
	return `email,name\n${Array.from({ length: count }, (_, at) => `r${at}@x.example,R\n`).join('')}`;
}

test('accepted, bounced, failed and skipped rows all have their one line', async (context) => {
	const { report, lines, log } = await sendList(context, {
		csv: [
			'email,name',
			'ann@x.example,Ann',
			'gone@x.example,Bob',
			'not an address,Cid',
			'ANN@x.example,Ann again',
			'short@x.example',
			'"zoe@x.example","Zoe',
			'Bcc: eve@y.example"',
			'dan@x.example,Dan',
		].join('\n'),
		server: { script: () => ({ rcpt: (to) => (to.startsWith('gone') ? '550 5.1.1 no such user' : '250 ok') }) },
	});
	assert.equal(report.stopped, null);
	assert.deepEqual([...lines].sort(), [
		'ANN@x.example skipped',
		'ann@x.example accepted',
		'dan@x.example accepted',
		'gone@x.example bounced',
		'not an address failed',
		'short@x.example failed',
		'zoe@x.example failed',
	]);
	assert.doesNotThrow(() => log.tally.assertAddsUp({ read: 7, earlier: 0, left: 0 }));
});

test('a limit sends that many messages and leaves the rest of the list alone', async (context) => {
	const rows = Array.from({ length: 50 }, (_, at) => `r${at}@x.example,R`).join('\n');
	const { lines, accepted, report } = await sendList(context, { csv: `email,name\n${rows}\n`, limit: 7 });
	assert.equal(report.stopped, null);
	assert.equal(lines.length, 7);
	assert.equal(accepted.length, 7);
});

test('a list that breaks off in an open quote stops the run and what was sent is in the log', async (context) => {
	const rows = Array.from({ length: 2000 }, (_, at) => `r${at}@x.example,R`).join('\n');
	const { report, lines, accepted } = await sendList(context, {
		csv: `email,name\n${rows}\n"open@x.example,never closed\n`,
	});
	assert.equal(report.stopped?.exitCode, 65);
	assert.match(report.stopped?.message ?? '', /line 2002/);
	assert.equal(lines.length, accepted.length);
	assert.ok(lines.every((line) => line.endsWith('accepted')));
});

test('when the disk is full the run stops with 73 and soon, and everything that the server took is recorded', async (context) => {
	const { report, accepted, lines } = await sendList(context, { csv: people(3000), writesBeforeFull: 20 });
	assert.equal(report.stopped?.exitCode, 73);
	assert.ok(accepted.length > 0 && accepted.length < 500, String(accepted.length));
	const recorded = lines.filter((line) => line.endsWith(' accepted')).map((line) => line.split(' ')[0]);
	assert.deepEqual(recorded.sort(), [...accepted].sort());
});

test('the same command again sends nothing to those who are settled, and writes nothing about them', async (context) => {
	const directory = temporaryDirectory(context);
	const server = {
		script: () => ({ rcpt: (to: string) => (to.startsWith('r3') ? '550 5.1.1 no such user' : '250 ok') }),
	};
	const csv = `${people(10)}r1@x.example,again\nnobody,N\n`;
	await sendList(context, { csv, directory, server });
	const files = ['results.jsonl', 'results.jsonl.journal'].map((name) => join(directory, name));
	const before = files.map((path) => readFileSync(path, 'utf8'));
	const second = await sendList(context, { csv, directory });
	assert.deepEqual([second.accepted, second.connections], [[], 0]);
	assert.deepEqual(
		files.map((path) => readFileSync(path, 'utf8')),
		before,
	);
	assert.deepEqual([second.log.tally.count('skipped'), second.log.tally.count('failed')], [1, 1]);
});

test('deferred, failed and new rows are sent to by the next run, wherever they stand in the list now', async (context) => {
	const directory = temporaryDirectory(context);
	const busy = { script: () => ({ rcpt: (to: string) => (to.startsWith('busy') ? '450 4.2.0 later' : '250 ok') }) };
	await sendList(context, { csv: 'email,name\nann@x.example,A\nbusy@x.example,B\nbad@,C\n', directory, server: busy });
	const csv = 'email,name\nnew@x.example,N\nbad@x.example,C\nbusy@x.example,B\nANN@x.example,A\n';
	const { accepted, lines } = await sendList(context, { csv, directory });
	assert.deepEqual([...accepted].sort(), ['bad@x.example', 'busy@x.example', 'new@x.example']);
	assert.equal(lines.length, 3 + 3);
});

test('what was settled is sent again only to those who are named', async (context) => {
	const directory = temporaryDirectory(context);
	const full = { script: () => ({ rcpt: (to: string) => (to.startsWith('gone') ? '550 5.1.1 unknown' : '250 ok') }) };
	const csv = 'email,name\nann@x.example,A\ngone@x.example,B\n';
	await sendList(context, { csv, directory, server: full });
	const named = (category: 'invalid_recipient' | 'policy'): Selection => ({
		resend: [{ status: 'bounced', category }],
		only: null,
	});
	assert.deepEqual((await sendList(context, { csv, directory, selection: named('policy') })).accepted, []);
	const again = await sendList(context, { csv, directory, selection: named('invalid_recipient') });
	assert.deepEqual(again.accepted, ['gone@x.example']);
	assert.equal(again.log.tally.replaced.bounced, 1);
});

test('a run that is stopped before it begins sends nothing', async (context) => {
	const { report, accepted, lines } = await sendList(context, {
		csv: 'email,name\na@x.example,A\n',
		stop: AbortSignal.abort(),
	});
	assert.equal(report.stopped, null);
	assert.equal(accepted.length, 0);
	assert.equal(lines.length, 0);
});

test('who is refused for now is tried again in the same run, and has a row for each attempt', async (context) => {
	const tries = new Map<string, number>();
	const { lines, log, accepted } = await sendList(context, {
		csv: people(6),
		retryMs: [1, 1],
		server: {
			script: () => ({
				rcpt: (to) => {
					const count = (tries.get(to) ?? 0) + 1;
					tries.set(to, count);
					const refusals = to.startsWith('r1@') ? 2 : to.startsWith('r2@') ? 3 : 0;
					return count <= refusals ? '450 4.2.0 mailbox busy' : '250 ok';
				},
			}),
		},
	});
	assert.deepEqual(
		lines.filter((line) => line.startsWith('r1@')),
		['r1@x.example deferred', 'r1@x.example deferred', 'r1@x.example accepted'],
	);
	assert.equal(lines.filter((line) => line.startsWith('r2@') && line.endsWith(' deferred')).length, 3);
	assert.equal(accepted.length, 5);
	log.tally.assertAddsUp({ read: 6, earlier: 0, left: 0 });
	assert.deepEqual([log.tally.count('accepted'), log.tally.count('deferred'), log.tally.waiting], [5, 1, 0]);
	const finals = jsonLines(log.path).map(({ final, attempt }) => [attempt, final]);
	assert.equal(finals.filter(([, final]) => final === true).length, 6);
});

test('a stop ends the waiting for another try at once, and who waits is deferred', async (context) => {
	const stop = new AbortController();
	let recipients = 0;
	const { log, report } = await sendList(context, {
		csv: people(60),
		retryMs: [3_600_000],
		stop: stop.signal,
		server: {
			script: () => ({
				rcpt: (to) => {
					recipients += 1;
					if (recipients === 40) stop.abort();
					return to.startsWith('r1@') ? '450 4.2.0 mailbox busy' : '250 ok';
				},
			}),
		},
	});
	assert.equal(report.stopped, null);
	const waits = jsonLines(log.path).filter(({ status }) => status === 'deferred');
	assert.deepEqual(
		waits.map(({ recipient, final }) => [recipient, final]),
		[['r1@x.example', false]],
	);
	assert.deepEqual([log.tally.count('deferred'), log.tally.waiting], [1, 1]);
});
