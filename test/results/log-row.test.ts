/** The log row is an interface that cannot change later: columns, their order and their types are held here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogRows } from '../../src/results/log-row.ts';
import {
	allResults,
	attempt,
	makeAccepted,
	makeBounced,
	makeDeferred,
	makeFailed,
	makeMalformed,
	makeRecipient,
	makeReply,
	makeSkipped,
	makeUndelivered,
	makeUnknown,
	makeUnrenderable,
	runFacts,
	TestClock,
} from './make-result.ts';

// design.md §5, word for word.
const columns = `v timestamp source status final attempt recipient recipient_domain key row line message_id
	smtp_code enhanced_code smtp_stage smtp_response remote_id bounce_type bounce_category bounce_action bounce_rule
	skip_reason error_type error_message server_address server_port connection size_bytes queue_ms render_ms smtp_ms
	run_id campaign tags`.split(/\s+/);

function rowOf(result: Parameters<LogRows['line']>[0], run = runFacts): Record<string, unknown> {
	return JSON.parse(new LogRows(run, new TestClock()).line(result));
}

function pick(row: Record<string, unknown>, ...names: string[]): unknown[] {
	return names.map((name) => row[name]);
}

test('a bounce is logged with every column of the design, in that order, as one line', () => {
	const line = new LogRows(runFacts, new TestClock()).line(makeBounced());
	const expected =
		'{"v":1,"timestamp":"2026-11-22T09:00:01.250Z","source":"smtp","status":"bounced","final":true,"attempt":1,' +
		'"recipient":"bob@old.example","recipient_domain":"old.example","key":"bob@old.example","row":976,"line":977,' +
		'"message_id":"<abc@acme.example>","smtp_code":550,"enhanced_code":"5.1.1","smtp_stage":"rcpt",' +
		'"smtp_response":"550 5.1.1 <bob@old.example>: User unknown","remote_id":"","bounce_type":"hard",' +
		'"bounce_category":"invalid_recipient","bounce_action":"suppress","bounce_rule":"enhanced:5.1.1",' +
		'"skip_reason":"","error_type":"550","error_message":"","server_address":"smtp.acme.example","server_port":587,' +
		'"connection":3,"size_bytes":18234,"queue_ms":12.500,"render_ms":0.300,"smtp_ms":142.100,' +
		'"run_id":"01KAMN4Q2V8D6T2YB7N5KXWCRA","campaign":"november-news","tags":{}}\n';
	assert.equal(line, expected);
});

test('every kind of result has the same columns, of the same types, without a null', () => {
	const types = (row: Record<string, unknown>) => Object.entries(row).map(([name, value]) => `${name}:${typeof value}`);
	const expected = types(rowOf(makeAccepted()));
	for (const result of allResults()) {
		const row = rowOf(result);
		assert.deepEqual(Object.keys(row), columns, result.kind);
		assert.deepEqual(types(row), expected, result.kind);
		assert.ok(!Object.values(row).includes(null), result.kind);
	}
});

test('an acceptance carries the name under which the next server keeps the message', () => {
	const row = rowOf(makeAccepted());
	assert.deepEqual(pick(row, 'status', 'smtp_code', 'smtp_stage', 'remote_id', 'bounce_type', 'error_type'), [
		'accepted',
		250,
		'verdict',
		'4F2C81A0B3',
		'',
		'',
	]);
});

test('a connection that broke before the final dot is a deferral about the network', () => {
	const row = rowOf(makeUndelivered());
	assert.deepEqual(
		pick(row, 'source', 'status', 'smtp_stage', 'bounce_type', 'bounce_category', 'bounce_action', 'bounce_rule'),
		['smtp', 'deferred', 'content', 'soft', 'network', 'retry', 'break:closed'],
	);
	assert.deepEqual(pick(row, 'error_type', 'error_message', 'smtp_code'), [
		'closed',
		'connection reset before the final dot',
		0,
	]);
});

test('the reply that closed the connection is kept', () => {
	const reply = makeReply(421, '4.3.2', '4.3.2 Service closing');
	const row = rowOf(makeUndelivered({ why: { cause: 'service_closing', message: 'closing', reply } }));
	assert.deepEqual(pick(row, 'smtp_code', 'enhanced_code', 'smtp_response'), [
		421,
		'4.3.2',
		'421 4.3.2 Service closing',
	]);
});

test('a connection that broke after the final dot leaves the recipient unknown, and refused by nobody', () => {
	const row = rowOf(makeUnknown());
	assert.deepEqual(pick(row, 'status', 'smtp_stage', 'error_type', 'bounce_type', 'bounce_rule'), [
		'unknown',
		'verdict',
		'timeout',
		'',
		'',
	]);
});

test('what never reached a server comes from here: attempt 0, no server, time of the clock', () => {
	for (const result of [makeSkipped(), makeMalformed(), makeUnrenderable()]) {
		const row = rowOf(result);
		assert.deepEqual(pick(row, 'source', 'attempt', 'server_address', 'server_port', 'size_bytes'), [
			'local',
			0,
			'',
			0,
			0,
		]);
		assert.deepEqual(pick(row, 'timestamp'), ['2026-11-22T09:00:00.000Z']);
	}
	assert.deepEqual(pick(rowOf(makeSkipped()), 'status', 'skip_reason'), ['skipped', 'duplicate']);
	assert.deepEqual(pick(rowOf(makeMalformed()), 'status', 'recipient', 'key', 'error_type', 'error_message'), [
		'failed',
		'bob@',
		'',
		'address.invalid',
		'line 14 of list.csv: "bob@" has no domain',
	]);
	assert.deepEqual(pick(rowOf(makeUnrenderable()), 'status', 'error_type'), ['failed', 'template.header_line_break']);
	assert.deepEqual(pick(rowOf(makeFailed()), 'status', 'source', 'error_type'), [
		'failed',
		'local',
		'smtp.no_smtputf8',
	]);
});

test('the lines of a reply become one line, with the repeated enhanced code said once', () => {
	const reply = makeReply(550, '5.7.26', '5.7.26 This mail has been blocked', '5.7.26 because it is unauthenticated.');
	const row = rowOf(makeBounced({ reply }));
	assert.deepEqual(pick(row, 'smtp_response'), [
		'550 5.7.26 This mail has been blocked because it is unauthenticated.',
	]);
});

test('a reply of a hundred long lines is kept to 1,024 characters', () => {
	const lines = Array.from({ length: 100 }, () => 'go away '.repeat(60));
	const response = pick(rowOf(makeDeferred({ reply: makeReply(450, '', ...lines) })), 'smtp_response')[0];
	assert.equal(typeof response, 'string');
	assert.equal(String(response).length, 1024);
});

test('a reply cannot move the cursor of the terminal that shows the log', () => {
	const response = pick(
		rowOf(makeDeferred({ reply: makeReply(450, '', 'a\u001b[2Jb\u202ec\nd') })),
		'smtp_response',
	)[0];
	assert.equal(response, '450 ab c d');
});

test('an error message is one line as well', () => {
	const why = { cause: 'tls', message: 'bad\r\ncertificate\u0007', reply: null } as const;
	assert.deepEqual(pick(rowOf(makeUnknown({ why })), 'error_message'), ['bad  certificate']);
});

test('half an emoji in a cell does not make the log unreadable for DuckDB', () => {
	const line = new LogRows(runFacts, new TestClock()).line(makeMalformed({ cell: 'x\ud83dy' }));
	assert.ok(!line.includes('\\ud83d'));
	assert.equal(JSON.parse(line).recipient, 'x\ufffdy');
});

test('durations always have decimals, so that no reader types the column as whole numbers', () => {
	const line = new LogRows(runFacts, new TestClock()).line(
		makeAccepted({ attempt: { ...attempt, queueMs: 0, smtpMs: Number.NaN } }),
	);
	assert.match(line, /"queue_ms":0\.000,"render_ms":0\.300,"smtp_ms":0\.000/);
});

test('for any text and any number the line is the JSON of its values', () => {
	const text = fc.string({ unit: 'binary', maxLength: 40 });
	const facts = fc.record({
		key: text,
		local: text,
		campaign: text,
		tags: fc.dictionary(text, text, { maxKeys: 3 }),
		rule: text,
		server: text,
		smtpMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
		at: fc.integer({ min: 0, max: 4e12 }),
	});
	fc.assert(
		fc.property(facts, ({ key, local, campaign, tags, rule, server, smtpMs, at }) => {
			const run = { runId: 'R', campaign, tags: new Map(Object.entries(tags)) };
			const bounced = makeBounced({ recipient: makeRecipient({ key, address: `${local}@old.example` }) });
			const result = {
				...bounced,
				refusal: { ...bounced.refusal, rule },
				attempt: { ...attempt, smtpMs, at, serverAddress: server },
			};
			const line = new LogRows(run, new TestClock()).line(result);
			const row = JSON.parse(line);
			assert.deepEqual(Object.keys(row), columns);
			assert.equal(row.key, key);
			assert.equal(row.recipient, `${local}@old.example`);
			assert.equal(row.campaign, campaign);
			assert.deepEqual(row.tags, JSON.parse(JSON.stringify(tags)));
			assert.equal(row.bounce_rule, rule);
			assert.equal(row.server_address, server);
			assert.ok(Math.abs(row.smtp_ms - smtpMs) <= 0.0006);
			assert.equal(row.timestamp, new Date(at).toISOString());
			// Written as JSON.stringify writes it, except for the decimals of durations.
			assert.equal(
				line.replace(/(_ms":\d+)\.000/g, '$1').replace(/(_ms":\d+\.\d*?)0+(?=[,}])/g, '$1'),
				`${JSON.stringify(row)}\n`,
			);
		}),
	);
});

test('rows of the same millisecond and the next one carry their own time', () => {
	const rows = new LogRows(runFacts, new TestClock());
	const times = [100, 100, 101, 100].map(
		(at) => JSON.parse(rows.line(makeAccepted({ attempt: { ...attempt, at } }))).timestamp,
	);
	assert.deepEqual(
		times,
		[100, 100, 101, 100].map((at) => new Date(at).toISOString()),
	);
});

test('a row is final unless the run means to try it again', () => {
	const finals = [
		makeDeferred({ sequel: { kind: 'left' } }),
		makeDeferred({ sequel: { kind: 'retry', at: 5 } }),
		makeUndelivered({ sequel: { kind: 'round', atMs: 5 } }),
		makeBounced(),
	].map((result) => rowOf(result)['final']);
	assert.deepEqual(finals, [true, false, false, true]);
});
