import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { suppressBounces } from '../../src/cli/suppress-bounces.ts';
import { bouncesOfLog } from '../../src/cli/suppress-from-log.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

interface Facts {
	readonly to: string;
	readonly status?: string;
	readonly reply?: string;
	readonly action?: string;
	readonly type?: string;
	readonly category?: string;
	readonly at?: string;
	readonly run?: string;
	readonly server?: string;
	readonly source?: string;
	readonly final?: boolean;
}

/** A row of the log, with the columns in their order. */
function row(facts: Facts): string {
	const {
		to,
		status = 'bounced',
		reply = '550 5.1.1 User unknown',
		action = 'suppress',
		at = '2026-11-22T10:00:00.000Z',
	} = facts;
	const isRefused = status === 'bounced' || status === 'deferred';
	const columns = {
		v: 1,
		timestamp: at,
		source: facts.source ?? 'smtp',
		status,
		final: facts.final ?? true,
		attempt: 1,
		recipient: to,
		recipient_domain: to.slice(to.indexOf('@') + 1),
		key: to.toLowerCase(),
		row: 1,
		line: 2,
		message_id: '<x@acme.example>',
		smtp_code: Number(reply.slice(0, 3)),
		enhanced_code: '',
		smtp_stage: 'rcpt',
		smtp_response: reply,
		remote_id: '',
		bounce_type: isRefused ? (facts.type ?? 'hard') : '',
		bounce_category: isRefused ? (facts.category ?? 'invalid_recipient') : '',
		bounce_action: isRefused ? action : '',
		bounce_rule: 'text:x',
		skip_reason: '',
		error_type: '',
		error_message: '',
		server_address: facts.server ?? 'mx.example',
		server_port: 25,
		connection: 1,
		run_id: facts.run ?? 'run1',
		campaign: 'may',
		tags: {},
	};
	return `${JSON.stringify(columns)}\n`;
}

const accepted = (to: string, facts: Partial<Facts> = {}) => row({ to, status: 'accepted', reply: '250 ok', ...facts });
const dead = (name: string, facts: Partial<Facts> = {}) =>
	row({ to: `${name}@example.com`, reply: `550 5.1.1 <${name}@example.com>: ${name.length} unknown here`, ...facts });

function bouncesOf(t: TestContext, rows: readonly string[]) {
	const path = join(temporaryDirectory(t), 'results.jsonl');
	writeFileSync(path, rows.join(''));
	const { entries, heldBack } = bouncesOfLog(path, { isWanted: () => true });
	return { keys: entries.map(({ key }) => key), entries, heldBack };
}

test('hard bounces of a log become entries with their day and their campaign; nothing else does', (t) => {
	const { entries, heldBack } = bouncesOf(t, [
		dead('Bob'),
		accepted('anna@example.com'),
		row({ to: 'emil@example.com', action: 'drop', type: 'block', category: 'policy' }),
		row({ to: 'dora@example.com', status: 'deferred', action: 'retry', type: 'soft', category: 'mailbox_full' }),
		row({ to: 'mail@example.com', source: 'dsn' }),
		'{"v":1,"timestamp":"2026-11-22T10:00:00.000Z","source":"smtp","status":"bou',
	]);
	assert.deepEqual(entries, [{ key: 'bob@example.com', reason: 'hard', date: '2026-11-22T10:00:00Z', source: 'may' }]);
	assert.equal(heldBack, 0);
});

test('who was sent to again and accepted after all is not suppressed', (t) => {
	assert.deepEqual(bouncesOf(t, [dead('bob'), dead('carl'), accepted('BOB@example.com')]).keys, ['carl@example.com']);
});

const sameTo = (names: readonly string[], facts: Partial<Facts> = {}) =>
	names.map((name) => row({ to: `${name}@example.com`, reply: `550 5.1.1 <${name}@example.com> no`, ...facts }));

test('the same words to four in a row are about them, to five about us', (t) => {
	assert.equal(bouncesOf(t, sameTo(['a', 'b', 'c', 'd'])).keys.length, 4);
	assert.deepEqual(bouncesOf(t, sameTo(['a', 'b', 'c', 'd', 'e'])), { keys: [], entries: [], heldBack: 5 });
	const interrupted = [...sameTo(['a', 'b', 'c', 'd']), accepted('x@example.com'), ...sameTo(['e', 'f'])];
	assert.equal(bouncesOf(t, interrupted).keys.length, 6);
});

test('five in a row are five recipients, not one five times', (t) => {
	assert.equal(bouncesOf(t, sameTo(['a', 'a', 'a', 'a', 'a', 'b'])).keys.length, 2);
});

test('a row of equal refusals takes back earlier ones with the same words, where these are what the server mostly says', (t) => {
	const row = sameTo(['b', 'c', 'd', 'e', 'f']);
	const mostly = bouncesOf(t, [...sameTo(['a']), accepted('x@example.com'), ...row]);
	assert.deepEqual(mostly, { keys: [], entries: [], heldBack: 6 });
	const others = Array.from({ length: 40 }, (_, at) => accepted(`p${at}@example.com`));
	const seldom = bouncesOf(t, [...sameTo(['a']), ...others, ...row]);
	assert.deepEqual([seldom.keys, seldom.heldBack], [['a@example.com'], 5]);
});

test('rows are those of one server in one run', (t) => {
	const names = ['a', 'b', 'c', 'd', 'e', 'f'];
	const two = names.flatMap((name, at) => sameTo([name], { server: `mx${at % 2}.example` }));
	assert.equal(bouncesOf(t, two).keys.length, 6);
	assert.equal(bouncesOf(t, [...sameTo(names.slice(0, 3)), ...sameTo(names.slice(3), { run: 'run2' })]).keys.length, 6);
});

test('people at a company that is gone are suppressed also when they stand together', (t) => {
	const gone = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
		row({
			to: `${name}@gone.example`,
			reply: `550 5.1.2 <${name}@gone.example>: Domain not found`,
			category: 'invalid_domain',
		}),
	);
	assert.equal(bouncesOf(t, gone).keys.length, 6);
});

function suppress(directory: string, rows: readonly string[], campaignId = 'c1') {
	const log = join(directory, `${campaignId}.jsonl`);
	writeFileSync(log, rows.join(''));
	const path = join(directory, 'mine.csv');
	const found = suppressBounces(log, [path], { campaignId, randomBytes: (count) => Buffer.alloc(count, 3) });
	return { ...found, path };
}

test('a bounce from before somebody was taken off the list does not bring them back; one from after it does', (t) => {
	const directory = temporaryDirectory(t);
	const { path } = suppress(directory, [dead('bob')]);
	const [, entry = ''] = readFileSync(path, 'utf8').split('\n');
	const hash = '5ff860bf1190596c7188ab851db691f0f3169c453936e9e1eba2f9a47f7a0018';
	writeFileSync(path, readFileSync(path, 'utf8').replace(entry, `# removed sha256:${hash},2026-11-22T11:00:00.000Z`));
	assert.equal(suppress(directory, [dead('bob')]).added, 0);
	assert.equal(suppress(directory, [dead('bob', { at: '2026-11-22T12:00:00.000Z' })]).added, 1);
});

test('a mailbox that is full in campaign after campaign is suppressed in the end, unless it takes a message', (t) => {
	const directory = temporaryDirectory(t);
	const full = (name: string, day: number, facts: Partial<Facts> = {}) =>
		row({
			to: `${name}@example.com`,
			status: 'deferred',
			action: 'retry',
			type: 'soft',
			category: 'mailbox_full',
			reply: `452 4.2.2 ${name} is full`,
			at: new Date(Date.UTC(2026, 0, 1) + day * 86_400_000).toISOString(),
			...facts,
		});
	const took = accepted('carl@example.com', { at: '2026-01-20T00:00:00.000Z' });
	const campaigns: readonly (readonly string[])[] = [
		[full('bob', 0), full('carl', 0), full('dora', 0), full('bob', 1, { final: false })],
		[
			full('bob', 8),
			full('bob', 9),
			full('carl', 8),
			full('carl', 9),
			full('dora', 9, { category: 'greylisted' }),
			took,
		],
		[full('bob', 24), full('carl', 24), full('dora', 24)],
	];
	for (const [at, rows] of campaigns.entries()) assert.equal(suppress(directory, rows, `c${at}`).added, 0);
	const last = suppress(directory, [full('bob', 31), full('carl', 31), full('dora', 31)], 'c3');
	assert.deepEqual([last.added, last.soft], [1, 1]);
	assert.match(readFileSync(last.path, 'utf8'), /^bob@example\.com,soft,2026-02-01T00:00:00Z,mailbox full$/m);
	assert.equal(suppress(directory, campaigns[0] ?? [], 'c0').added, 0);
});
