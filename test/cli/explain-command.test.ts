/** `mailshot explain`: words for people, one object an input for scripts, and nothing that stops the rest. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { type ExplainFlags, explainCommand } from '../../src/cli/explain-command.ts';
import { TestClock } from '../results/make-result.ts';
import { FakeOutput } from './fake-output.ts';
import { givenFolder } from './settings/given-files.ts';

async function explain(
	replies: readonly string[],
	flags: ExplainFlags = {},
	{ stdin = '', isTTY = false }: { readonly stdin?: string | readonly Buffer[]; readonly isTTY?: boolean } = {},
) {
	const stdout = new FakeOutput({ isTTY });
	const stderr = new FakeOutput();
	const input = Readable.from(typeof stdin === 'string' ? [Buffer.from(stdin)] : stdin);
	const exitCode = await explainCommand(replies, flags, {
		stdin: input,
		stdout,
		stderr,
		env: {},
		clock: new TestClock(),
	});
	return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

async function objects(...given: Parameters<typeof explain>): Promise<Record<string, unknown>[]> {
	const [replies, flags, input] = given;
	const { stdout } = await explain(replies, { ...flags, json: true }, input);
	return stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));
}

test('a dead address is told in words, with what mailshot does and what is left to do', async () => {
	const { exitCode, stdout, stderr } = await explain(['550 5.1.1 <jo@example.org>: User unknown']);

	assert.equal(exitCode, 0);
	assert.equal(stderr, '');
	assert.match(stdout, /No such user {2}\(hard, invalid_recipient, suppress\)/);
	assert.match(stdout, /Whose fault +The address is dead\./);
	assert.match(stdout, /mailshot +Never writes to the address again/);
	assert.match(stdout, /You +Take the address out of the list/);
	assert.match(stdout, /Decided by +text:/);
});

test('a block comes with the page of the provider that helps', async () => {
	const { stdout } = await explain([
		'554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
	]);
	assert.match(stdout, /https:\/\/check\.spamhaus\.org\//);
	const gmail = await explain(['421-4.7.28 unusual rate of unsolicited mail'], { provider: 'gmail' });
	assert.match(gmail.stdout, /https:\/\/postmaster\.google\.com\//);
});

test('a time that the reply names is told', async () => {
	const { stdout } = await explain(['451 4.7.1 Greylisted, try again in 300 seconds']);
	assert.match(stdout, /When +It asks to be tried again in 5 minutes\./);
});

test('a pipe gets no colours, a terminal does, and control characters reach neither', async () => {
	const hostile = '550 \u001b[2JUser\u0007 unknown\u202e';
	assert.doesNotMatch((await explain([hostile])).stdout, /[\u001b\u0007\u202e]/);
	const shown = (await explain([hostile], {}, { isTTY: true })).stdout;
	assert.match(shown, /\u001b\[/);
	assert.doesNotMatch(shown, /\u001b\[2J|\u0007|\u202e/);
});

test('--json gives one object for each input, in order, and passes other fields through', async () => {
	const stdin = [
		'{"id": 7, "reply": "550-5.1.1 No\\n550 5.1.1 such user", "via": "mx", "stage": "rcpt"}',
		'452 4.2.2 mailbox full',
		'',
		'{"reply": "554 Relay access denied", "via": "relay", "stage": "rcpt", "provider": ""}',
	].join('\r\n');

	const found = await objects(['-'], {}, { stdin });

	assert.deepEqual(
		found.map((each) => [each['bounce_type'], each['bounce_category'], each['bounce_action']]),
		[
			['hard', 'invalid_recipient', 'suppress'],
			['soft', 'mailbox_full', 'retry'],
			['block', 'account', 'stop'],
		],
	);
	assert.equal(found[0]?.['id'], 7);
	assert.equal(found[1]?.['reply'], '452 4.2.2 mailbox full');
	assert.match(String(found[0]?.['bounce_rule']), /^text:/);
});

test('lines that cannot be read are answered, and stop nothing', async () => {
	const lines = ['{"reply": ', '{"reply": 5, "id": 1}', '{"id": 2}', '[]', '{"reply": "250 fine"}', '550 user unknown'];

	const found = await objects(['-'], {}, { stdin: lines.join('\n') });

	assert.deepEqual(
		found.map((each) => typeof each['error']),
		['string', 'string', 'string', 'undefined', 'string', 'undefined'],
	);
	assert.equal(found[1]?.['id'], 1);
	assert.equal(found[5]?.['bounce_type'], 'hard');
	const { exitCode, stdout, stderr } = await explain(['-'], {}, { stdin: lines.join('\n') });
	assert.equal(exitCode, 0);
	assert.match(stderr, /^reply 1 begins like a JSON object and is none\n/);
	assert.match(stdout, /No such user/);
});

describe('what is known beside the text', () => {
	test('code and enhanced code of the object are used when the text has none', async () => {
		const stdin = [
			'{"reply": "zzz", "code": 450, "enhanced_code": "4.2.2"}',
			'{"reply": "zzz", "enhanced_code": "5.1.1"}',
			'{"reply": "zzz", "code": "552"}',
			'{"reply": "550 5.7.1 zzz", "code": 450, "enhanced_code": "4.2.2"}',
			'{"reply": "zzz", "code": 550, "enhanced_code": "4.1.1"}',
			'{"reply": "zzz", "code": null, "enhanced_code": null}',
		].join('\n');
		const found = await objects(['-'], {}, { stdin });
		assert.deepEqual(
			found.map((each) => each['bounce_rule']),
			['enhanced:4.2.2', 'enhanced:5.1.1', 'code:552', 'enhanced:5.7.1', 'code:550', 'code:550'],
		);
	});

	test('the stage is taken from the text when nobody says it', async () => {
		const [found] = await objects(['550 5.1.1 User unknown (in reply to MAIL FROM command)']);
		assert.equal(found?.['bounce_rule'], 'stage:mail');
		const [said] = await objects(['550 5.1.1 User unknown (in reply to MAIL FROM command)'], { stage: 'rcpt' });
		assert.equal(said?.['bounce_category'], 'invalid_recipient');
	});

	test('stages go by other names, too, and one that nobody knows counts for nothing', async () => {
		for (const [stage, category] of [
			['MAIL FROM', 'sender_auth'],
			['banner', 'reputation'],
			['end of data', 'invalid_recipient'],
			['whatever', 'invalid_recipient'],
			['__proto__', 'invalid_recipient'],
		] as const) {
			const stdin = JSON.stringify({ reply: '550 5.1.1 User unknown', stage });
			const [found] = await objects(['-'], {}, { stdin });
			assert.equal(found?.['bounce_category'], category, stage);
		}
	});

	test('a row of our own log is understood: its server is a relay', async () => {
		const row = {
			v: 1,
			source: 'smtp',
			smtp_response: '554 5.7.1 Relay access denied',
			smtp_stage: 'rcpt',
			smtp_code: 554,
		};
		const [found] = await objects(['-'], {}, { stdin: JSON.stringify(row) });
		assert.equal(found?.['bounce_category'], 'account');
	});
});

describe('replies of several lines', () => {
	for (const [how, reply] of [
		['with line feeds', '550-Requested action not taken: mailbox unavailable\n550 Sender verify failed'],
		[
			'with \\n as shells and logs write it',
			'550-Requested action not taken: mailbox unavailable\\n550 Sender verify failed',
		],
		['joined by blanks', '550-Requested action not taken: mailbox unavailable 550 Sender verify failed'],
	] as const) {
		test(how, async () => {
			const [found] = await objects([reply]);
			assert.equal(found?.['bounce_category'], 'sender_auth');
		});
	}

	test('codes between joined lines are no part of the text', async () => {
		const [found] = await objects([
			'550-5.1.1 The email account that you tried to reach does not 550-5.1.1 exist. Please try 550 5.1.1 again',
		]);
		assert.equal(found?.['bounce_category'], 'invalid_recipient');
	});

	test('words that nobody quoted are one reply, bare codes are several', async () => {
		assert.equal((await objects(['550', '5.1.1', 'User', 'unknown'])).length, 1);
		assert.equal((await objects(['550', '421', '552'])).length, 3);
		assert.equal((await objects(['550 User unknown', '421 busy'])).length, 2);
	});
});

test('a line that arrives in pieces, cut inside a letter, is one line', async () => {
	const octets = Buffer.from('550 Empfänger unbekannt\n550 Empfänger unbekannt');
	const pieces = Array.from(octets, (octet) => Buffer.from([octet]));
	const found = await objects(['-'], {}, { stdin: pieces });
	assert.deepEqual(
		found.map((each) => each['bounce_category']),
		['invalid_recipient', 'invalid_recipient'],
	);
});

test('flags that mean nothing are refused', async () => {
	await assert.rejects(explain(['x'], { via: 'both' }), /--via both is neither relay nor mx/);
	await assert.rejects(explain(['x'], { stage: 'later' }), /--stage later is none of connect/);
});

describe('--bounce-rules', () => {
	test('rules of the user decide first', async (t) => {
		const file = givenFolder(t).write('rules.yaml', '- {id: mine, pattern: zzz, category: spam, sample: 550 zzz}\n');
		const [found] = await objects(['550 zzz User unknown'], { bounceRules: file });
		assert.equal(found?.['bounce_rule'], 'own:mine');
	});

	test('a wrong rule stops with its line, a missing file with its name', async (t) => {
		const file = givenFolder(t).write(
			'rules.yaml',
			'- id: mine\n  pattern: (z+)+\n  category: spam\n  sample: 550 z\n',
		);
		await assert.rejects(explain(['x'], { bounceRules: file }), {
			exitCode: 78,
			message: /rules\.yaml, line 2: the pattern/,
		});
		await assert.rejects(explain(['x'], { bounceRules: '/nowhere/rules.yaml' }), { exitCode: 66 });
	});
});
