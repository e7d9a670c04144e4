/** The whole way, inside one process: every row of a list ends as exactly one line, whatever stops the run. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compileMessage } from '../src/message/compile-message.ts';
import { loadTemplate } from '../src/message/load-template.ts';
import { KeySet } from '../src/recipients/key-set.ts';
import { openList } from '../src/recipients/open-list.ts';
import { nodeFileSystem } from '../src/results/file-system.ts';
import { ResultLog } from '../src/results/result-log.ts';
import { type SendReport, send } from '../src/send.ts';
import { systemClock } from '../src/support/clock.ts';
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
	readonly accepted: readonly string[];
	readonly log: ResultLog;
}

interface SendOptions {
	readonly csv: string;
	readonly server?: Partial<ScriptedServerOptions>;
	readonly limit?: number;
	readonly stop?: AbortSignal;
	/** Writes to the log that succeed before the disk is full. */
	readonly writesBeforeFull?: number;
}

async function sendList(context: TestContext, options: SendOptions): Promise<Sent> {
	const directory = temporaryDirectory(context);
	const listPath = join(directory, 'list.csv');
	const templatePath = join(directory, 'news.hbs');
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
		campaignSecret: Buffer.alloc(16, 7),
		clock: systemClock,
		randomBytes: (size) => Buffer.alloc(size, 9),
	});
	let writesLeft = options.writesBeforeFull ?? Number.POSITIVE_INFINITY;
	const log = ResultLog.create(join(directory, 'results.jsonl'), {
		run: { runId: 'run', campaign: 'news', tags: new Map() },
		clock: systemClock,
		files: {
			...nodeFileSystem,
			write(descriptor, bytes, offset) {
				writesLeft -= 1;
				if (writesLeft < 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
				return nodeFileSystem.write(descriptor, bytes, offset);
			},
		},
	});
	const report = await send({
		rows: list.rows(),
		keys: new KeySet(Buffer.alloc(16, 1)),
		message,
		limit: options.limit ?? Number.POSITIVE_INFINITY,
		log,
		delivery: {
			server: { host: '127.0.0.1', port: server.port, tls: 'off', auth: null, tlsCa: null, clientName: 'client' },
			connections: 3,
			messagesPerConnection: 1000,
			clock: systemClock,
			random: () => 0.5,
			stop: options.stop ?? new AbortController().signal,
			drop: new AbortController().signal,
			onNotice: () => {},
			onConnected: () => {},
		},
	});
	const written = readFileSync(log.path, 'utf8');
	const lines = written
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const { recipient, status } = JSON.parse(line);
			return `${recipient} ${status}`;
		});
	return { report, lines, accepted: server.accepted, log };
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
	assert.doesNotThrow(() => log.tally.assertAddsUp({ read: 7, left: 0 }));
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

test('when the log cannot be written any more the run stops with 73 and soon', async (context) => {
	const rows = Array.from({ length: 3000 }, (_, at) => `r${at}@x.example,R`).join('\n');
	const { report, accepted } = await sendList(context, { csv: `email,name\n${rows}\n`, writesBeforeFull: 3 });
	assert.equal(report.stopped?.exitCode, 73);
	assert.ok(accepted.length < 500, String(accepted.length));
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
