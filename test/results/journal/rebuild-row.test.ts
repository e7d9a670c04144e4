/** A row that is rebuilt from the journal is the row that was lost, but for its times and sizes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeMessageIds } from '../../../src/message/message-id.ts';
import { encodeResult } from '../../../src/results/journal/encode-result.ts';
import { parseRecord } from '../../../src/results/journal/parse-record.ts';
import { rebuildRow } from '../../../src/results/journal/rebuild-row.ts';
import { LogRows } from '../../../src/results/log-row.ts';
import { allResults, makeAccepted, makeDeferred, makeRecipient, TestClock } from '../make-result.ts';
import { campaignId, makeMark, makeRun, makeSettle } from './make-journal.ts';

const run = makeRun({ tags: { team: 'a"b' } });
const facts = { runId: run.run_id, campaign: run.campaign, tags: new Map(Object.entries(run.tags)) };
// What the journal does not keep.
const notKept = ['size_bytes', 'queue_ms', 'render_ms', 'smtp_ms', 'message_id'];

test('for each kind of result, every column is there in the same order, and says the same', () => {
	const clock = new TestClock();
	for (const result of [
		...allResults(),
		makeAccepted({ recipient: makeRecipient({ address: 'Bob@Old.example', key: 'b-17' }) }),
		makeDeferred({ sequel: { kind: 'retry', at: 5 } }),
	]) {
		const original: Record<string, unknown> = JSON.parse(new LogRows(facts, clock).line(result));
		const [, line = ''] = /([^\n]+)\n$/.exec(encodeResult(result, { run: 1, at: clock.now() })) ?? [];
		const parsed = parseRecord(line);
		assert.ok(parsed.kind === 'record' && (parsed.record.type === 'settle' || parsed.record.type === 'local'), line);
		const { key, recipient, row, line: place, connection } = original;
		const mark = makeMark({
			key: String(key),
			to: recipient === key ? '' : String(recipient),
			row: Number(row),
			line: Number(place),
			connection: Number(connection),
		});
		const { record } = parsed;
		const text = rebuildRow({ record, mark: record.type === 'settle' ? mark : null, run });
		assert.ok(text.endsWith('}\n') && text.indexOf('\n') === text.length - 1);
		const rebuilt: Record<string, unknown> = JSON.parse(text);
		assert.deepEqual(Object.keys(rebuilt), Object.keys(original), result.kind);
		// A message that its server cannot take never came to an attempt, as far as the journal knows.
		const others = result.kind === 'failed' ? ['attempt', 'server_address', 'server_port', 'connection'] : [];
		for (const name of Object.keys(original)) {
			if (![...notKept, ...others].includes(name))
				assert.deepEqual(rebuilt[name], original[name], `${result.kind}: ${name}`);
			assert.equal(typeof rebuilt[name], typeof original[name], name);
		}
	}
});

test('the Message-ID is the one that was sent, when From has an address that is the same for everybody', () => {
	const messageId = (from: string) => {
		const row = rebuildRow({ record: makeSettle(), mark: makeMark(), run: makeRun({ message: { From: from } }) });
		return JSON.parse(row).message_id;
	};
	const expected = (domain: string) => makeMessageIds(Buffer.from(campaignId, 'hex'), domain)('r1@old.example');
	assert.equal(messageId('Acme News <news@acme.example>'), expected('acme.example'));
	assert.equal(messageId('news@acme.example'), expected('acme.example'));
	assert.equal(messageId('News <news@bücher.example>'), expected('xn--bcher-kva.example'));
	for (const from of ['', 'Acme', 'Acme <news@{{domain}}>', '{{name}} <news@acme.example>', 'a@b.example, c@']) {
		assert.equal(messageId(from), '', from);
	}
});

test('without its mark a settle record still becomes a row, about its key', () => {
	const row = JSON.parse(rebuildRow({ record: makeSettle(), mark: null, run }));
	assert.deepEqual([row.key, row.recipient, row.row, row.attempt], ['r1@old.example', 'r1@old.example', 0, 0]);
});
