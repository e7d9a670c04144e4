/** What happens when the server says no, seen from the command line: tries again, keeps its pace, stops in time, and nobody is blamed or doubled. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { freePort } from '../helpers/loopback-port.ts';
import { readLog } from '../helpers/read-log.ts';
import { assertTruth, startRelay } from '../helpers/relay.ts';
import { runMailshot } from '../helpers/run-mailshot.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import type { DialogueOptions } from '../helpers/smtp-dialogue.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const template = 'From: Acme <news@acme.example>\nSubject: November\n\n<p>Hello</p>\n';

/** Says something else to the RCPT of some, by how often they were asked before. */
function atRcpt(answer: (to: string, before: number) => string | null): DialogueOptions {
	const asked = new Map<string, number>();
	return {
		deviate({ command, recipient }) {
			if (command !== 'RCPT') return null;
			const before = asked.get(recipient) ?? 0;
			asked.set(recipient, before + 1);
			const say = answer(recipient, before);
			return say === null ? null : { say };
		},
	};
}

test('who is put off is tried again in the same run, with a row for each attempt', async (t) => {
	const relay = await startRelay(
		t,
		atRcpt((to, before) => (to.startsWith('ann') && before < 2 ? '451 4.3.0 try again' : null)),
	);
	const list = 'email\nann@example.com\nbob@example.com\n';
	const sent = await sendCampaign(t, { list, template, smtp: relay.url, flags: ['--retry', '200ms*2'] });
	assert.equal(sent.code, 0, sent.stderr);
	assertTruth(relay, sent);
	const ann = sent.rows.filter((row) => row.recipient === 'ann@example.com');
	assert.deepEqual(
		ann.map((row) => [row.status, row.final, row.attempt]),
		[
			['deferred', false, 1],
			['deferred', false, 2],
			['accepted', true, 3],
		],
	);
	assert.equal(sent.summary().counts.accepted, 2);
	assert.equal(sent.summary().counts.deferred, 0);
	const verified = await runMailshot(['log', 'verify', sent.logPath], { cwd: sent.directory });
	assert.equal(verified.code, 0, verified.stdout);
});

test('when patience is over the recipient is deferred, exit 5, and the next run takes it up', async (t) => {
	let isUp = false;
	const relay = await startRelay(
		t,
		atRcpt((to) => (to.startsWith('ann') && !isUp ? '450 4.2.1 busy' : null)),
	);
	const list = 'email\nann@example.com\nbob@example.com\n';
	const sent = await sendCampaign(t, { list, template, smtp: relay.url, flags: ['--retry', '100ms'] });
	assert.equal(sent.code, 5, sent.stderr);
	assert.equal(sent.summary().counts.deferred, 1);
	isUp = true;
	const again = await runMailshot(
		['send', 'list.csv', '-t', 'news.hbs', '--log', 'results.jsonl', '--smtp', relay.url, '--yes'],
		{ cwd: sent.directory },
	);
	assert.equal(again.code, 0, again.stderr);
	assert.deepEqual(relay.accepted.map((mail) => mail.recipient).sort(), ['ann@example.com', 'bob@example.com']);
});

test('a suspended account stops the run with 4, leaves its rows, and the same command goes on when it is let in again', async (t) => {
	let taken = 0;
	let isSuspended = true;
	const relay = await startRelay(t, {
		deviate({ command }) {
			if (command !== 'dot' || !isSuspended || ++taken <= 10) return null;
			return { say: '554 Message rejected: Sending paused for this account.' };
		},
	});
	const sent = await sendCampaign(t, { list: { rows: 60 }, smtp: relay.url });
	assert.equal(sent.code, 4, sent.stderr);
	assert.match(sent.stderr, /Sending paused for this account/);
	assert.match(sent.stderr, /nobody was marked as bounced/);
	assert.deepEqual([...new Set(sent.rows.map((row) => row.status))], ['accepted']);
	assertTruth(relay, sent);
	isSuspended = false;
	const again = await runMailshot(
		['send', 'list.csv', '-t', 'news.hbs', '--log', 'results.jsonl', '--smtp', relay.url, '--yes'],
		{ cwd: sent.directory },
	);
	assert.equal(again.code, 0, again.stderr);
	const atTheServer = relay.accepted.map((mail) => mail.recipient);
	assert.equal(atTheServer.length, 60);
	assert.equal(new Set(atTheServer).size, 60);
});

test('a daily limit holds across runs, and says when to go on', async (t) => {
	const relay = await startRelay(t, {});
	const state = temporaryDirectory(t);
	const limit = ['--rate', '500/s', '--rate', '40/day'];
	const env = { XDG_STATE_HOME: state };
	const sent = await sendCampaign(t, { list: { rows: 100 }, smtp: relay.url, flags: limit, env });
	assert.equal(sent.code, 5, sent.stderr);
	assert.match(sent.stderr, /40 a day .*used up/);
	assert.ok(relay.accepted.length <= 40 && relay.accepted.length >= 39, String(relay.accepted.length));
	const command = [
		'send',
		'list.csv',
		'-t',
		'news.hbs',
		'--log',
		'results.jsonl',
		'--smtp',
		relay.url,
		'--yes',
		...limit,
	];
	const again = await runMailshot(command, { cwd: sent.directory, env });
	assert.equal(again.code, 5, again.stderr);
	assert.ok(relay.accepted.length <= 40, `${relay.accepted.length} after the second run`);
});

test('--max-runtime ends a run cleanly with 5 and says what is left', async (t) => {
	const relay = await startRelay(t, {});
	const flags = ['--rate', '20/s', '--max-runtime', '2s'];
	const sent = await sendCampaign(t, { list: { rows: 1_000 }, smtp: relay.url, flags });
	assert.equal(sent.code, 5, sent.stderr);
	assert.match(sent.stderr, /--max-runtime/);
	assert.ok(sent.summary().counts.left > 900);
	assertTruth(relay, sent);
});

test('a deadline that has come ends a run before it sends', async (t) => {
	const relay = await startRelay(t, {});
	// The next time that it is a second later by the clock.
	const flags = ['--rate', '5/s', '--deadline', new Date(Date.now() + 1_500).toISOString()];
	const sent = await sendCampaign(t, { list: { rows: 500 }, smtp: relay.url, flags });
	assert.equal(sent.code, 5, sent.stderr);
	assert.match(sent.stderr, /--deadline/);
	assertTruth(relay, sent);
});

test('a server that is away is passed over for the next one, which is named in the log', async (t) => {
	const relay = await startRelay(t, {});
	const away = await freePort();
	const sent = await sendCampaign(t, {
		list: { rows: 30 },
		smtp: `smtp://127.0.0.1:${away}`,
		flags: ['--smtp', relay.url],
	});
	assert.equal(sent.code, 0, sent.stderr);
	assertTruth(relay, sent);
	assert.deepEqual([...new Set(sent.rows.map((row) => row.server_port))], [relay.port]);
	assert.match(sent.stderr, new RegExp(`going on with 127\\.0\\.0\\.1:${relay.port}`));
});

test('a rotten list stops at --max-bounce-rate with 4, and none turns the limit off', async (t) => {
	const relay = await startRelay(
		t,
		atRcpt((to) => (Number(/\d+/.exec(to)?.[0]) % 2 === 0 ? `550 5.1.1 <${to}>: User unknown` : null)),
	);
	const sent = await sendCampaign(t, { list: { rows: 600 }, smtp: relay.url });
	assert.equal(sent.code, 4, sent.stderr);
	assert.match(sent.stderr, /--max-bounce-rate/);
	assertTruth(relay, sent);
	const all = await sendCampaign(t, { list: { rows: 600 }, smtp: relay.url, flags: ['--max-bounce-rate', 'none'] });
	assert.equal(all.code, 3, all.stderr);
	assert.equal(all.summary().counts.bounced, 300);
});

test('--trace writes the dialogue of each connection, and no content', async (t) => {
	const relay = await startRelay(t, {});
	const sent = await sendCampaign(t, { list: { rows: 5 }, smtp: relay.url, flags: ['--trace', 'dialogue.txt'] });
	assert.equal(sent.code, 0, sent.stderr);
	const trace = readFileSync(`${sent.directory}/dialogue.txt`, 'utf8');
	assert.equal(statSync(`${sent.directory}/dialogue.txt`).mode & 0o777, 0o600);
	assert.equal(trace.match(/ C: MAIL FROM:/g)?.length, 5);
	assert.match(trace, /#1 S: 220 /);
	assert.match(trace, /<\d+ octets>/);
	assert.doesNotMatch(trace, /Subject:/);
	assert.equal(readLog(sent.logPath).length, 5);
});
