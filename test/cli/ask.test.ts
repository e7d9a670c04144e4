import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, nobodyToAsk } from '../../src/cli/ask.ts';
import type { ControllingTerminal } from '../../src/cli/controlling-terminal.ts';

class TypingPerson implements ControllingTerminal {
	shown = '';
	readonly #answer: string;

	constructor(answer: string) {
		this.#answer = answer;
	}

	write(text: string): void {
		this.shown += text;
	}

	async readLine(): Promise<string> {
		return this.#answer;
	}

	close(): void {}
}

const signal = new AbortController().signal;

function question(count: number) {
	return { count, recipients: count, server: 'smtp.acme.example:587', command: 'mailshot send list.csv -t news.hbs' };
}

test('up to 20 messages y is enough, and anything else is no', async () => {
	for (const answer of ['y', 'Y', 'yes', ' yes ']) await ask(question(20), new TypingPerson(answer), { signal });
	for (const answer of ['', 'n', 'no', 'yep', '20']) {
		await assert.rejects(ask(question(20), new TypingPerson(answer), { signal }), {
			exitCode: 2,
			message: /nothing was sent/,
		});
	}
});

test('above 20 messages the number is typed, with or without its separators', async () => {
	for (const answer of ['12313', '12,313', ' 12 313 ', "12'313", '12.313']) {
		await ask(question(12_313), new TypingPerson(answer), { signal });
	}
	for (const answer of ['', 'y', 'yes', '12314', '1231', '12313 please', '-12313', '12313x']) {
		await assert.rejects(ask(question(12_313), new TypingPerson(answer), { signal }), { exitCode: 2 }, answer);
	}
});

test('the question says how many and where to', async () => {
	const person = new TypingPerson('12313');
	await ask(question(12_313), person, { signal });
	assert.equal(
		person.shown,
		'  Send 12,313 messages through smtp.acme.example:587?\n  Type the number to start, anything else to stop: ',
	);
	const few = new TypingPerson('y');
	await ask(question(1), few, { signal });
	assert.equal(few.shown, '  Send 1 message through smtp.acme.example:587? [y/N] ');
});

test('with nobody to ask, the two flags of an unattended run are named', () => {
	const error = nobodyToAsk(question(12_313));
	assert.equal(error.exitCode, 2);
	assert.equal(error.message, 'this would send 12,313 messages and nobody is here to ask.');
	assert.equal(
		error.hint,
		'Add --yes to send without asking. For cron, also say how many you expect:\n' +
			'  mailshot send list.csv -t news.hbs --yes --expect 11000..13000',
	);
});

test('the suggested range is of the list and not of what is left of it, so that the same command goes on after a crash', () => {
	assert.match(nobodyToAsk({ ...question(17), recipients: 12_313 }).hint, /--yes --expect 11000\.\.13000$/);
});

test('the suggested range always holds the number itself', () => {
	for (const count of [1, 2, 9, 10, 21, 99, 100, 101, 999, 1000, 123_456_789]) {
		const [, min, max] = /--expect (\d+)\.\.(\d+)$/.exec(nobodyToAsk(question(count)).hint) ?? [];
		assert.ok(Number(min) >= 1 && Number(min) <= count && count <= Number(max), `${min}..${max} for ${count}`);
	}
});
