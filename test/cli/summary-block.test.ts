import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPaint } from '../../src/cli/paint.ts';
import { type RunEnding, renderSummaryBlock } from '../../src/cli/summary-block.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { nobody } from '../../src/results/selection.ts';
import { Tally } from '../../src/results/tally.ts';
import {
	attempt,
	makeAccepted,
	makeBounced,
	makeDeferred,
	makeMalformed,
	makeRecipient,
	makeReply,
	makeSkipped,
	makeUnknown,
} from '../results/make-result.ts';

const ending: RunEnding = {
	campaign: 'november-news',
	state: 'finished',
	seconds: 631,
	toSend: 1000,
	left: 0,
	earlier: nobody,
	command: 'mailshot send list.csv -t news.hbs --yes',
	runId: '01KAMN4Q2V8D6T2YB7N5KXWCRA',
	isFirstRun: true,
	logPath: 'list.news.results.jsonl',
	summaryPath: 'list.news.results.jsonl.summary.json',
};

function campaignTally(): Tally {
	const tally = new Tally();
	const smtpMs = [31, 142, 142, 390, 4100];
	for (let index = 0; index < 985; index += 1) {
		tally.add(makeAccepted({ attempt: { ...attempt, smtpMs: smtpMs[index % 5] ?? 0 } }));
	}
	for (const domain of ['gmail.com', 'gmail.com', 'outlook.com', 'a.example', 'b.example', 'c.example']) {
		tally.add(makeBounced({ recipient: makeRecipient({ address: `bob@${domain}` }) }));
	}
	tally.add(
		makeDeferred({
			reply: makeReply(550, '5.7.1', '5.7.1 Message blocked'),
			refusal: { type: 'block', category: 'spam', action: 'hold', rule: 'text:spam' },
		}),
	);
	for (let index = 0; index < 7; index += 1) tally.add(makeMalformed());
	tally.add(makeUnknown());
	for (let index = 0; index < 31; index += 1) tally.add(makeSkipped());
	return tally;
}

function render(overrides: Partial<RunEnding> = {}, tally = campaignTally(), width = 80): string {
	return renderSummaryBlock({ ...ending, ...overrides }, tally, { width, paint: plainPaint });
}

test('the summary of a run at 80 columns', () => {
	assert.equal(
		render(),
		`
  november-news: finished in 10 min 31 s, 1.6/s

  █ RESULT
    accepted ..........    985   98.5 %   taken by the next server
    bounced ...........      6    0.6 %   refused for good
    deferred ..........      1    0.1 %   not sent, for now
    failed ............      7    0.7 %   not sent, row or message is wrong
    unknown ...........      1    0.1 %   broken off at the end, may be sent
    skipped ...........     31            31 duplicate

  █ WHY
    invalid_recipient .      6   550 5.1.1   gmail.com 2 · 4 others
      no such user: 550 5.1.1 <bob@old.example>: User unknown
    spam ..............      1   550 5.7.1   old.example 1
      about you: content taken for spam or a virus: 550 5.7.1 Message blocked
    bad address .......      7   line 14 of list.csv: "bob@" has no domain

  █ UNKNOWN
    They may have arrived or not; nobody is sent a second copy unasked.
    bob@old.example   line 977   no answer within 10 minutes after the final dot
    Your server's log knows? Then say so, or --not-sent:
    mailshot log resolve list.news.results.jsonl --accepted ADDRESS...

  █ TIME                      min       med       p95       max
    render ............    0.3 ms    0.3 ms    0.3 ms    0.3 ms
    smtp ..............     31 ms    141 ms     4.1 s     4.1 s

  Log      list.news.results.jsonl
  Summary  list.news.results.jsonl.summary.json
  Next
    Run it again to go on with the 1 deferred:
    mailshot send list.csv -t news.hbs --yes
    jq -r 'select(.status=="bounced") | .recipient' list.news.results.jsonl
    jq -r 'select(.status=="deferred") | .recipient' list.news.results.jsonl
    jq -r 'select(.status=="failed") | .recipient' list.news.results.jsonl

`,
	);
});

test('a run without trouble is short', () => {
	const tally = new Tally();
	tally.add(makeAccepted());
	const text = render({ seconds: 0.2 }, tally);
	assert.doesNotMatch(text, /WHY|UNKNOWN|Next|bounced/);
	assert.match(text, /accepted \.{10} {6}1 {4}100 %/);
});

test('a stopped run says where, and what is left', () => {
	const text = render({ state: 'stopped', left: 251, toSend: 1251 });
	assert.match(text, /november-news: stopped at 993 of 1,251 after 10 min 31 s/);
	assert.match(text, /left \.{14} {4}251 {3}20\.1 % {3}not tried in this run/);
	assert.match(
		text,
		/\n {2}Next\n {4}Run it again to go on with the 251 left and the 1 deferred:\n {4}mailshot send list\.csv -t news\.hbs --yes\n/,
	);
});

test('whoever is left or deferred is gone on with, also when nothing was refused or an earlier run deferred them', () => {
	const tally = new Tally();
	tally.add(makeAccepted());
	assert.match(render({ left: 1 }, tally), /\n {2}Next\n {4}Run it again to go on with the 1 left:\n {4}mailshot/);
	const earlier = { ...nobody, deferred: 1_200 };
	assert.match(render({ earlier }, tally), /to go on with the 1,200 deferred:\n {4}mailshot/);
	assert.doesNotMatch(render({}, tally), /go on/);
});

test('a rehearsal, which begins anew each time, is not gone on with', () => {
	assert.doesNotMatch(render({ command: '', left: 9 }), /go on/);
});

test('where the log holds earlier runs, who was refused is listed for this one', () => {
	const text = render({ isFirstRun: false });
	for (const status of ['bounced', 'deferred']) {
		const select = `select(.status=="${status}" and .run_id=="01KAMN4Q2V8D6T2YB7N5KXWCRA")`;
		assert.ok(text.includes(`jq -r '${select} | .recipient' list.news.results.jsonl\n`), text);
	}
});

test('a failure that the log has already is listed although its line is that of an earlier run', () => {
	assert.match(render({ isFirstRun: false }), /'select\(\.status=="failed"\) \| \.recipient'/);
});

test('one domain that finds no room is one other', () => {
	const tally = new Tally();
	for (const domain of ['a.example', 'a.example', 'b.example', 'b.example', 'c.example', 'c.example', 'd.example']) {
		tally.add(makeBounced({ recipient: makeRecipient({ address: `bob@${domain}` }) }));
	}
	assert.match(render({}, tally, 120), /c\.example 2 · 1 other\n/);
});

test('a run of milliseconds took them', () => {
	const tally = new Tally();
	tally.add(makeAccepted());
	assert.match(render({ seconds: 0.043 }, tally), /finished in 43 ms, 23\.3\/s/);
});

test('ten unknown recipients are named, the others counted with the command that lists them', () => {
	const tally = new Tally();
	for (let index = 0; index < 13; index += 1) {
		tally.add(makeUnknown({ recipient: makeRecipient({ address: `u${index}@x.example` }) }));
	}
	const text = render({}, tally);
	assert.match(text, /u9@x\.example/);
	assert.doesNotMatch(text, /u10@x\.example/);
	assert.match(text, /and 3 more:\n {4}mailshot log unknown list\.news\.results\.jsonl\n/);
});

test('no line but the commands is wider than the terminal, and no reply moves the cursor', () => {
	const tally = campaignTally();
	const evil = `\u001b[2J\u0007${'長い'.repeat(200)}`;
	tally.add(makeUnknown({ why: { cause: 'closed', message: evil, reply: null } }));
	tally.add(makeMalformed({ reason: 'csv.quoting', message: evil }));
	const domain = `${'a'.repeat(60)}.example`;
	tally.add(makeBounced({ recipient: makeRecipient({ address: `a@${domain}` }), reply: makeReply(550, '', evil) }));
	for (const width of [40, 80]) {
		const text = render({ campaign: evil }, tally, width);
		assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/);
		for (const line of text.split('\n'))
			assert.ok(
				/jq -r|jsonl|mailshot send|nobody is sent|min {7}med|ms$| s$/.test(line) || textWidth(line) <= width,
				line,
			);
	}
});

test('after a run that went on, the campaign is counted, and how much of it earlier runs had settled', () => {
	const text = render({ earlier: { ...nobody, accepted: 11_000, unknown: 3 } });
	assert.match(text, /accepted \.+ 11,985 +99\.9 % {3}11,000 by earlier runs\n/);
	assert.match(text, /unknown \.+ {6}4 +0\.1 % {3}3 by earlier runs\n/);
	assert.match(text, /and 3 more:\n {4}mailshot log unknown/);
});

const bob = makeRecipient({ address: 'bob@x.example' });

test('when rows were tried again, the deferred are those whose last row says so', () => {
	const tally = campaignTally();
	tally.add(makeDeferred({ recipient: bob, sequel: { kind: 'retry', at: 5 } }));
	tally.takeBackDeferred(bob, 'mailbox_full');
	tally.add(makeAccepted({ recipient: bob }));
	const text = render({}, tally);
	assert.ok(
		text.includes(`jq -r 'select(.status=="deferred" and .final) | .recipient' list.news.results.jsonl\n`),
		text,
	);
	assert.match(render({ isFirstRun: false }, tally), /"deferred" and \.final and \.run_id=="01K/);
});

test('a run that was stopped says who would have been tried again, and lists them although no row of theirs is final', () => {
	const tally = campaignTally();
	tally.add(makeDeferred({ recipient: bob, sequel: { kind: 'retry', at: 5 } }));
	const text = render({ state: 'stopped' }, tally);
	assert.match(text, /deferred \.{10} {6}2 {4}0\.2 % {3}not sent; 1 waited for a retry\n/);
	const last = 'reduce (inputs | select(.status!="skipped")) as $row ({}; .[$row.key] = $row)';
	assert.ok(text.includes(`jq -rn '${last} | .[] | select(.status=="deferred") | .recipient' list.news`), text);
});
