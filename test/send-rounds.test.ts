/** What delivery is given of a list when messages are put off to a later round; the test is the delivery. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compileMessage } from '../src/message/compile-message.ts';
import { loadTemplate } from '../src/message/load-template.ts';
import type { RenderedMessage } from '../src/message/rendered-message.ts';
import { openList } from '../src/recipients/open-list.ts';
import { CampaignLog } from '../src/results/campaign-log.ts';
import { openCampaign } from '../src/results/open-campaign.ts';
import { everybody, passOver } from '../src/results/selection.ts';
import { messagesOf } from '../src/send.ts';
import { temporaryDirectory } from './helpers/temporary-directory.ts';
import { attempt, makeAccepted, makeDeferred, TestClock } from './results/make-result.ts';
import { openTables, runRecord } from './results/simulate-campaign.ts';

async function campaign(context: TestContext, csv: string, limit = Number.POSITIVE_INFINITY) {
	const directory = temporaryDirectory(context);
	const [listPath, templatePath] = [join(directory, 'list.csv'), join(directory, 'news.hbs')];
	writeFileSync(listPath, csv);
	writeFileSync(templatePath, 'From: news@acme.example\nTo: <{{email}}>\nSubject: Hello {{name}}\n\n<p>Hello</p>\n');
	const clock = new TestClock();
	const list = await openList({ path: listPath, displayName: 'list.csv' });
	const message = await compileMessage(await loadTemplate(templatePath), {
		columns: list.columns,
		emailColumn: list.emailColumn,
		set: new Map(),
		campaign: 'news',
		campaignId: Buffer.alloc(16, 7),
		clock,
		randomBytes: (size) => Buffer.alloc(size, 9),
	});
	const tables = openTables();
	const logPath = join(directory, 'results.jsonl');
	const opened = await openCampaign(logPath, tables);
	const log = await CampaignLog.begin({ logPath, opened, ...tables, run: runRecord, clock: new TestClock() });
	context.after(() => log.close());
	const job = { list, keys: tables.keys, passOver: passOver(everybody), message, limit, log };
	const messages = messagesOf(job, clock);
	context.after(() => messages.close());
	const taken = new Map<string, number>();
	return {
		clock,
		log,
		messages,
		/** Everything that comes before a round has to be waited for. */
		async take(): Promise<RenderedMessage[]> {
			const found: RenderedMessage[] = [];
			for (;;) {
				const next = messages.next();
				if (next !== null) {
					found.push(next);
					continue;
				}
				if (messages.ended) return found;
				const readable = new Promise<void>((resolve) => messages.whenReadable(resolve));
				if (clock.timers > 0) return found;
				await readable;
			}
		},
		/** As onResult of send() does. */
		settle(it: RenderedMessage, verdict: 'accepted' | 'left' | number): void {
			const { recipient } = it;
			const number = (taken.get(recipient.key) ?? 0) + 1;
			taken.set(recipient.key, number);
			const mark = log.mark(it, { number, connection: 1 });
			const facts = { recipient, attempt: { ...attempt, number, isRetry: messages.round > 0, mark: mark.id } };
			if (verdict === 'accepted') return log.record(makeAccepted(facts));
			if (verdict === 'left') return log.record(makeDeferred(facts));
			log.record(makeDeferred({ ...facts, sequel: { kind: 'round', atMs: verdict } }));
			messages.again(verdict);
		},
		rows: () =>
			readFileSync(logPath, 'utf8')
				.split('\n')
				.filter((line) => line !== '')
				.map((line): Record<string, unknown> => JSON.parse(line))
				.map(({ recipient, status, final }) => `${recipient} ${status}${final === true ? '' : ' waits'}`),
	};
}

const who = (messages: readonly RenderedMessage[]) => messages.map(({ recipient }) => recipient.address);

test('in a later round only those come who were put off; malformed rows, duplicates and failures are passed over in silence', async (context) => {
	const csv = [
		'email,name',
		'a@x.example,A',
		'b@x.example,B',
		'bad@,C',
		'A@x.example,again',
		'"f@x.example","F\nBcc: eve@y.example"',
		'c@x.example,C',
	].join('\n');
	const { take, settle, log, clock, messages, rows } = await campaign(context, csv);
	const first = await take();
	assert.deepEqual(who(first), ['a@x.example', 'b@x.example', 'c@x.example']);
	for (const it of first) settle(it, it.recipient.key.startsWith('b') ? 'accepted' : 500);
	assert.deepEqual([messages.ended, messages.next(), messages.round, log.tally.waiting], [false, null, 0, 2]);
	clock.advance(500);
	const second = await take();
	assert.deepEqual([who(second), messages.round, messages.ended], [['a@x.example', 'c@x.example'], 1, true]);
	for (const it of second) settle(it, it.recipient.key.startsWith('a') ? 'accepted' : 'left');
	assert.equal(messages.ended, true);
	await log.close();
	assert.deepEqual([...rows()].sort(), [
		'A@x.example skipped',
		'a@x.example accepted',
		'a@x.example deferred waits',
		'b@x.example accepted',
		'bad@ failed',
		'c@x.example deferred',
		'c@x.example deferred waits',
		'f@x.example failed',
	]);
	log.tally.assertAddsUp({ read: 6, earlier: 0, left: 0 });
	assert.deepEqual([log.tally.count('deferred'), log.tally.waiting], [1, 0]);
});

test('the message of a later round is the same, octet for octet, but for its time', async (context) => {
	const { take, settle } = await campaign(context, 'email,name\na@x.example,A\n');
	const [first] = await take();
	assert.ok(first !== undefined);
	settle(first, 0);
	const [second] = await take();
	assert.equal(second?.messageId, first.messageId);
	assert.equal(String(second?.content), String(first.content));
});

test('a limit counts messages, not tries: who was put off comes again, and nobody else of the list', async (context) => {
	const csv = `email,name\n${Array.from({ length: 20 }, (_, at) => `r${at}@x.example,R`).join('\n')}\n`;
	const { take, settle, messages } = await campaign(context, csv, 3);
	const first = await take();
	assert.equal(first.length, 3);
	for (const it of first) settle(it, 0);
	const second = await take();
	assert.deepEqual(who(second), who(first));
	for (const it of second) settle(it, 0);
	assert.deepEqual(who(await take()), who(first));
	assert.equal(messages.round, 2);
});

test('a row that is put off while the list is read for the first time comes again, and a later row with its key is a duplicate', async (context) => {
	const { take, settle, messages, log, rows } = await campaign(
		context,
		'email,name\na@x.example,A\nb@x.example,B\na@x.example,C\n',
	);
	await new Promise<void>((resolve) => messages.whenReadable(resolve));
	const first = messages.next();
	assert.ok(first !== null);
	settle(first, 0);
	const rest = await take();
	assert.deepEqual(who(rest), ['b@x.example', 'a@x.example']);
	assert.deepEqual(
		rest.map(({ recipient }) => recipient.row),
		[2, 1],
	);
	await log.close();
	assert.deepEqual(rows(), ['a@x.example deferred waits', 'a@x.example skipped']);
});

test('when the waiting is ended nothing more comes, and those who wait are deferred', async (context) => {
	const { take, settle, messages, clock, log } = await campaign(context, 'email,name\na@x.example,A\nb@x.example,B\n');
	for (const it of await take()) settle(it, 60_000);
	let woken = 0;
	messages.whenReadable(() => {
		woken += 1;
	});
	messages.close();
	clock.advance(120_000);
	assert.deepEqual([woken, messages.ended, messages.next()], [0, true, null]);
	assert.deepEqual([log.tally.count('deferred'), log.tally.total], [2, 2]);
});

test('20,000 who are put off twice are given three times, and counted once', async (context) => {
	const count = 20_000;
	const csv = `email,name\n${Array.from({ length: count }, (_, at) => `r${at}@x.example,R\n`).join('')}`;
	const { take, settle, messages, log } = await campaign(context, csv);
	for (let round = 0; round < 3; round += 1) {
		const found = await take();
		assert.deepEqual([found.length, messages.round], [count, round]);
		for (const it of found) settle(it, round < 2 ? 0 : 'accepted');
		assert.equal(log.tally.waiting, round < 2 ? count : 0);
	}
	assert.deepEqual([messages.ended, log.tally.total, log.tally.count('accepted')], [true, count, count]);
});
