/** What a session tells to a trace: every command and reply in order, and never what is in a message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DialogueTrace } from '../../src/smtp/trace.ts';
import type { Script, Serving } from './peer.ts';
import { type ConverseOptions, converse } from './session-harness.ts';

/** Runs it and gives what was told, pieces of the same speaker put together. */
async function traced(script: Script, options: ConverseOptions): Promise<string[]> {
	const told: { readonly who: string; text: string }[] = [];
	const tell = (who: string) => (text: string) => {
		const last = told.at(-1);
		if (last?.who === who && who !== '*') last.text += text;
		else told.push({ who, text });
	};
	const trace: DialogueTrace = { client: tell('C'), server: tell('S'), note: tell('*') };
	await converse(script, { ...options, trace });
	return told.flatMap(({ who, text }) =>
		text.split('\r\n').flatMap((line) => (line === '' ? [] : [`${who}: ${line}`])),
	);
}

const content = (to: string) => `Subject: hi\r\n\r\n.Dear ${to}\r\n`;
const mail = 'C: MAIL FROM:<news@acme.example> SIZE=34';

test('two messages with their replies, however these are cut, and their contents as sizes', async () => {
	const expected = [
		mail,
		'C: RCPT TO:<a@x.example>',
		'C: DATA',
		'S: 250 2.1.0 Ok',
		'S: 250 2.1.5 Ok',
		'S: 354 go ahead',
		// The dot that begins a line is doubled on its way.
		'C: <35 octets>',
		'C: .',
		mail,
		'C: RCPT TO:<b@x.example>',
		'C: DATA',
		'S: 250 2.0.0 Ok: queued as 1A',
		'S: 250 2.1.0 Ok',
		'S: 250 2.1.5 Ok',
		'S: 354 go ahead',
		'C: <35 octets>',
		'C: .',
		'S: 250 2.0.0 Ok: queued as 1A',
		'C: QUIT',
		'S: 221 2.0.0 Bye',
		'*: closed',
	];
	for (const serving of ['whole', 'by_line', 'byte_by_byte'] satisfies Serving[]) {
		assert.deepEqual(await traced({}, { to: ['a@x.example', 'b@x.example'], content, serving }), expected, serving);
	}
});

test('a big message is one size, and its dot comes after it', async () => {
	const told = await traced({}, { to: ['a@x.example'], content: () => 'Big and private\r\n'.repeat(20_000) });
	assert.deepEqual(told.slice(6, 9), ['C: <340000 octets>', 'C: .', 'S: 250 2.0.0 Ok: queued as 1A']);
	assert.ok(!told.join().includes('private'));
});

test('a reply that nothing asked for is told, and why the connection was closed after it', async () => {
	const told = await traced({ verdict: () => ({ raw: '250 Ok\r\n250 and once more\r\n' }) }, { to: ['a@x.example'] });
	assert.deepEqual(told.slice(-3), [
		'S: 250 Ok',
		'S: 250 and once more',
		"*: closed: the server's replies are out of step: a reply that nothing asked for: 250 and once more",
	]);
});

test('a refused envelope whose DATA was let through shows its lone dot', async () => {
	const told = await traced({ rcpt: () => '550 5.1.1 no', data: () => '354 all the same' }, { to: ['a@x.example'] });
	assert.deepEqual(told.slice(3, 8), [
		'S: 250 2.1.0 Ok',
		'S: 550 5.1.1 no',
		'S: 354 all the same',
		'C: .',
		'S: 250 2.0.0 Ok: queued as 1A',
	]);
});
