/** One line of a journal: what is a record, what a crash left, and what was never ours. Both ways of reading agree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
	encodeCommit,
	encodeLocal,
	encodeMark,
	encodeRelease,
	encodeResolve,
	encodeRun,
	encodeSettle,
} from '../../../src/results/journal/encode-record.ts';
import { type JournalRecord, journalVersion } from '../../../src/results/journal/journal-record.ts';
import { categories, keyState } from '../../../src/results/journal/key-state.ts';
import { parseRecord } from '../../../src/results/journal/parse-record.ts';
import { RecordScanner } from '../../../src/results/journal/scan-record.ts';
import { bounced, makeLocal, makeMark, makeRun, makeSettle } from './make-journal.ts';

/** As the encoder keeps it: half a surrogate pair becomes U+FFFD. */
function wellFormed(value: string): string {
	return value.replace(/\p{Surrogate}/gu, '\ufffd');
}

const count = fc.nat({ max: 2 ** 31 - 1 });
const number = fc.integer({ min: 1, max: 2 ** 40 });
const text = fc.oneof(
	fc.string(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom('__proto__', 'a"b\\c', 'x\r\ny', 'zoé@x'),
);
const key = fc
	.oneof(fc.emailAddress(), text)
	.filter((value) => value !== '')
	.map(wellFormed);
const well = text.map(wellFormed);

const marks = fc.record({
	run: number,
	mark: number,
	key,
	to: well,
	row: count,
	line: count,
	attempt: count,
	connection: count,
});
const settles = fc.record({
	run: number,
	mark: fc.oneof(number, fc.constant(0)),
	key,
	status: fc.constantFrom('accepted', 'bounced', 'deferred', 'unknown'),
	code: fc.integer({ min: 0, max: 999 }),
	bounce_category: fc.constantFrom('' as const, ...categories),
	at: count,
	enhanced_code: fc.constantFrom('', '2.0.0', '5.1.1'),
	stage: fc.constantFrom('', 'rcpt', 'verdict'),
	response: well,
	bounce_type: fc.constantFrom('', 'hard', 'soft'),
	bounce_action: fc.constantFrom('', 'suppress', 'retry'),
	bounce_rule: well,
	error_type: well,
	error_message: well,
	final: fc.boolean(),
});
const commits = fc.record({ journal: count, log: count, covers: count, crc: count, log_crc: count });

function parsed(line: string): JournalRecord {
	const result = parseRecord(Buffer.from(line.slice(0, -1)));
	assert.equal(result.kind, 'record', line);
	return result.kind === 'record' ? result.record : assert.fail();
}

/** What the scanner reads off a line that `parseRecord` has read, or null when it leaves it alone. */
function scanned(line: string): object | null {
	const scanner = new RecordScanner();
	// Other lines stand before and behind it, as in a file.
	const [before, after] = ['{"type":"commit"}\n', '{"type":"mark"}\n'];
	const octets = Buffer.from(before + line + after);
	const type = scanner.scan(octets, before.length, octets.length);
	if (type === null) return null;
	assert.equal(scanner.lineEnd, octets.length - after.length - 1);
	const { run, mark, state, journal, log, covers, crc, logCrc } = scanner;
	const ownKey = octets.toString('latin1', scanner.keyStart, scanner.keyEnd);
	if (type === 'mark') return { type, run, mark, key: ownKey };
	if (type === 'settle') return { type, run, mark, key: ownKey, state };
	if (type === 'release') return { type, run, mark };
	return { type, journal, log, covers, crc, log_crc: logCrc };
}

function projected(record: JournalRecord): object {
	switch (record.type) {
		case 'mark':
			return { type: record.type, run: record.run, mark: record.mark, key: record.key };
		case 'settle': {
			const { type, run, mark, key: own, status, bounce_category: category } = record;
			return { type, run, mark, key: own, state: keyState(status, category) };
		}
		case 'release':
			return { type: record.type, run: record.run, mark: record.mark };
		default:
			return record;
	}
}

function isPlain(value: string): boolean {
	return /^[\x20-\x7e]+$/.test(value) && !/["\\]/.test(value);
}

test('every mark reads back as it was written, and the fast way sees the same', () => {
	fc.assert(
		fc.property(marks, (record) => {
			const line = encodeMark(record);
			assert.deepEqual(parsed(line), { type: 'mark', ...record });
			assert.deepEqual(scanned(line), isPlain(record.key) ? projected({ type: 'mark', ...record }) : null);
		}),
	);
});

test('every settle record reads back as it was written, and the fast way sees the same', () => {
	fc.assert(
		fc.property(settles, (record) => {
			const line = encodeSettle(record);
			const back = parsed(line);
			assert.equal(back.type, 'settle');
			assert.deepEqual(scanned(line), isPlain(record.key) ? projected(back) : null);
			const { bounce_action: action, bounce_rule: rule, bounce_type: type, ...rest } = record;
			// The encoder leaves out what belongs to a refusal when there was none.
			if (type !== '')
				assert.deepEqual(back, {
					type: 'settle',
					...rest,
					bounce_action: action,
					bounce_rule: rule,
					bounce_type: type,
				});
		}),
	);
});

test('every release and commit record reads back as it was written, and the fast way sees the same', () => {
	fc.assert(
		fc.property(commits, number, fc.nat(), (commit, run, mark) => {
			const line = encodeCommit(commit);
			assert.deepEqual(parsed(line), { type: 'commit', ...commit });
			assert.deepEqual(scanned(line), { type: 'commit', ...commit });
			const release = encodeRelease({ run, mark, why: 'closed' });
			assert.deepEqual(parsed(release), { type: 'release', run, mark, why: 'closed' });
			assert.deepEqual(scanned(release), { type: 'release', run, mark });
		}),
	);
});

test('fields in another order, of other spacing or unknown ones change nothing, and the fast way agrees or leaves the line alone', () => {
	fc.assert(
		fc.property(marks, settles, fc.boolean(), fc.nat({ max: 20 }), (mark, settle, isMark, turn) => {
			const record: object = parsed(isMark ? encodeMark(mark) : encodeSettle(settle));
			const fields = [...Object.entries(record), ['later_field', { deep: [1, null] }], ['__proto__', 'x']];
			const shuffled = [...fields.slice(turn % fields.length), ...fields.slice(0, turn % fields.length)];
			const body = shuffled.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
			for (const line of [`{${body.join(',')}}\n`, `{ ${body.join(' , ')} }\r\n`]) {
				const back = parsed(line);
				assert.deepEqual(back, record);
				const fast = scanned(line);
				if (fast !== null) assert.deepEqual(fast, projected(back));
			}
		}),
	);
});

test('the fast way leaves alone whatever is not exactly what the encoder writes', () => {
	const mark = encodeMark(makeMark());
	const settle = encodeSettle(makeSettle());
	const lines = [
		mark.replace('"run":1', '"run":01'),
		mark.replace('"run":1', '"run":0'),
		mark.replace('"mark":1', '"mark":-1'),
		mark.replace('"mark":1', '"mark":1e3'),
		mark.replace('"mark":1', '"mark":1234567890123456'),
		mark.replace('"key":"r1', '"key":"zoé'),
		mark.replace('"key":"r1@old.example"', '"key":""'),
		mark.replace('}\n', '\n'),
		settle.replace('accepted', 'acceptee'),
		settle.replace('"code":250', '"code":2500'),
		settle.replace('"bounce_category":""', '"bounce_category":"nonsense"'),
		settle.replace('{"type"', '{ "type"'),
		encodeRun(makeRun()),
		encodeLocal(makeLocal()),
		encodeResolve({ run: 1, key: 'x@y.example', to: '', status: 'accepted', row: 1, line: 2, at: 1 }),
		`${encodeCommit({ journal: 1, log: 1, covers: 1, crc: 1, log_crc: 1 }).slice(0, -2)},"more":1}\n`,
		'\n',
	];
	for (const line of lines) assert.equal(scanned(line), null, line);
});

test('the fast way needs the whole line', () => {
	const octets = Buffer.from(encodeSettle(makeSettle()));
	for (let end = 0; end < octets.length; end += 1) {
		assert.equal(new RecordScanner().scan(octets, 0, end), null);
		assert.equal(new RecordScanner().scan(octets.subarray(0, end), 0, end), null);
	}
});

test('headers, local and resolve records read back as they were written', () => {
	const tags = JSON.parse('{"__proto__":"x","constructor":"y"}');
	const run = makeRun({ tags, campaign: 'Größe "1"\\' });
	assert.deepEqual(parsed(encodeRun(run)), run);
	assert.deepEqual(parsed(encodeLocal(makeLocal())), makeLocal());
	const resolve = {
		run: 2,
		key: '__proto__',
		to: 'Bob@old.example',
		status: 'not_sent',
		row: 3,
		line: 4,
		at: 5,
	} as const;
	assert.deepEqual(parsed(encodeResolve(resolve)), { type: 'resolve', ...resolve });
});

test('a settle record is the last word of its run unless it says otherwise: most lines do not say', () => {
	assert.ok(!encodeSettle(makeSettle()).includes('final'));
	const waits = makeSettle({ ...bounced, status: 'deferred', final: false });
	assert.deepEqual(parsed(encodeSettle(waits)), waits);
	assert.equal(parseRecord(JSON.stringify({ ...waits, final: 'no' })).kind, 'wrong');
});

test('a field that is missing, of another type or out of range makes a record wrong', () => {
	const records: [object, string, readonly unknown[]][] = [
		[makeRun(), 'run', [0, -1, 1.5, '1', null, 2 ** 60]],
		[makeRun(), 'v', [0, '1', null]],
		[makeRun(), 'campaign_id', ['', 'ABCDEF', 'g'.repeat(32), 5]],
		[makeRun(), 'tags', [null, [], { a: 1 }]],
		[makeRun(), 'rehearsal', ['false', 0]],
		[makeMark(), 'key', ['', 1, null, {}]],
		[makeMark(), 'mark', [0, 1.5, '1']],
		[makeSettle(), 'status', ['skipped', 'Accepted', '__proto__', 0]],
		[makeSettle(), 'bounce_category', ['nonsense', 'constructor', null]],
		[makeSettle(), 'at', [-1, 1e16, '1']],
		[makeSettle(), 'code', [1000, -1]],
		[makeLocal(), 'status', ['accepted']],
		[{ type: 'commit', journal: 1, log: 1, covers: 1, crc: 1, log_crc: 1 }, 'crc', [2 ** 32, -1]],
	];
	for (const [record, field, values] of records) {
		for (const value of [...values, undefined]) {
			const result = parseRecord(JSON.stringify({ ...record, [field]: value }));
			assert.equal(result.kind, 'wrong', `${field}: ${JSON.stringify(value)}`);
			assert.match(result.kind === 'wrong' ? result.what : '', new RegExp(`field ${field} `));
		}
	}
});

test('a record of a type that does not exist is wrong, not ignored: it may be a mark of which a bit fell over', () => {
	for (const type of ['mbrk', 'constructor', '__proto__', '', 5, null, undefined]) {
		assert.equal(parseRecord(JSON.stringify({ ...makeMark(), type })).kind, 'wrong');
	}
});

test('what is no JSON object is garbage, and NULs are named', () => {
	for (const line of ['', 'hello', '{"type":"mark"', 'null', '[]', '1', '"x"', encodeMark(makeMark()).slice(1)]) {
		assert.equal(parseRecord(line).kind, 'garbage', line);
	}
	assert.deepEqual(parseRecord(Buffer.alloc(20)), { kind: 'garbage', what: 'NUL octets, as a power cut leaves them' });
	assert.equal(parseRecord(Buffer.of(0x22, 0xff, 0x22)).kind, 'garbage');
});

test('a header of a newer version says which mailshot wrote it, whatever else is in it', () => {
	const line = JSON.stringify({ type: 'run', v: journalVersion + 1, tool: 'mailshot 9.0.0' });
	assert.deepEqual(parseRecord(line), { kind: 'newer', version: journalVersion + 1, tool: 'mailshot 9.0.0' });
});

test('a key of 10,000 characters reads the same both ways', () => {
	const line = encodeSettle(makeSettle({ key: 'k'.repeat(10_000), ...bounced }));
	assert.deepEqual(scanned(line), projected(parsed(line)));
});

test('any octets whatever give an answer', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (octets) =>
			['record', 'garbage', 'wrong', 'newer'].includes(parseRecord(octets).kind),
		),
	);
});
