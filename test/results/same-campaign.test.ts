import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameCampaign, type CampaignFacts } from '../../src/results/same-campaign.ts';

const facts: CampaignFacts = {
	key_rule: 'address',
	message: { From: 'News <news@acme.example>', Subject: 'Hi {{name}}', headers: 'aa', html: 'bb', text: '' },
	rehearsal: false,
};

function check(now: Partial<CampaignFacts>, mayChangeMessage = false): void {
	assertSameCampaign('list.news.results.jsonl', { earlier: facts, now: { ...facts, ...now }, mayChangeMessage });
}

function message(changes: Record<string, string>): Partial<CampaignFacts> {
	return { message: { ...facts.message, ...changes } };
}

test('the same message, key rule and purpose go on', () => {
	check({});
});

test('a changed part of the message is refused by name, with the flag that allows it', () => {
	const refused = (changes: Record<string, string>, words: RegExp) =>
		assert.throws(() => check(message(changes)), { exitCode: 2, message: words, hint: /--template-changed/ });
	refused({ Subject: 'Ho' }, /Subject is "Ho", was "Hi \{\{name\}\}"$/);
	refused({ From: 'x@y.example' }, /From is "x@y\.example", was "News <news@acme\.example>"$/);
	refused({ html: 'cc' }, /: the HTML part changed$/);
	refused({ text: 'dd', headers: 'ee' }, /: another header line changed; the text part is new$/);
	refused({ html: '' }, /: the HTML part is gone$/);
	refused({ attachment_1: 'ff' }, /: its attachment_1 is new$/);
	refused({ Subject: 'a\u001b[2Jb' }, /Subject is "ab"/);
});

test('--template-changed allows another message, and nothing else', () => {
	check(message({ Subject: 'Ho', html: 'cc' }), true);
	assert.throws(() => check({ key_rule: 'column:id' }, true), { exitCode: 2 });
	assert.throws(() => check({ rehearsal: true }, true), { exitCode: 2 });
});

test('another key rule is refused with what to type, since it would double the list', () => {
	assert.throws(() => check({ key_rule: 'column:customer_id' }), {
		exitCode: 2,
		message: /by their address, and this command by the column customer_id: everybody would be written to again/,
		hint: /Leave --key and --email-column out/,
	});
});

test('the address column that was named is part of who somebody is', () => {
	const refused = (earlier: string, now: string, message: RegExp, hint: RegExp) =>
		assert.throws(
			() =>
				assertSameCampaign('r.jsonl', {
					earlier: { ...facts, key_rule: earlier },
					now: { ...facts, key_rule: now },
					mayChangeMessage: true,
				}),
			{ exitCode: 2, message, hint },
		);
	refused(
		'address',
		'address:work',
		/this command by their address in the column work/,
		/Leave --key and --email-column out/,
	);
	refused('address:work', 'address', /by their address in the column work, and/, /--email-column work\n/);
	refused('column:id', 'column:no', /by the column id, and/, /--key id\n/);
});

test('what a repaired log does not know is not held against a command, but its message has to be confirmed', () => {
	const earlier = { ...facts, message: {} };
	const now = { ...facts, key_rule: 'address:work' };
	assert.throws(() => assertSameCampaign('r.jsonl', { earlier, now, mayChangeMessage: false }), {
		message: /nobody knows any more which message r\.jsonl was begun with/,
		hint: /--template-changed/,
	});
	assertSameCampaign('r.jsonl', { earlier, now, mayChangeMessage: true });
});

test('the log of a rehearsal is no log of a real run, and the other way round', () => {
	assert.throws(() => check({ rehearsal: true }), { message: /of a real run, and this would be a rehearsal/ });
});
