/** Every reply that is written down means what it is written down to mean. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { knownReplies, meaningOf, verdictOf } from './replies.ts';

test('the reference fixture holds all 117 replies', () => {
	assert.equal(knownReplies('providers').length, 117);
});

for (const name of ['providers', 'families'] as const) {
	describe(`replies of ${name}.json`, () => {
		for (const row of knownReplies(name)) {
			test(`${row.provider} (${row.via}, ${row.stage}) means ${verdictOf(row)}: ${row.reply.slice(0, 70)}`, () => {
				const named = meaningOf(row.reply, row);
				const unnamed = meaningOf(row.reply, { ...row, provider: '' });

				assert.equal(verdictOf(named), verdictOf(row), `decided by ${named.rule}`);
				assert.equal(verdictOf(unnamed), verdictOf(row), `without the provider's name, decided by ${unnamed.rule}`);
			});
		}
	});
}

test('no known 5xx that is not about the address suppresses it, at whatever stage it is said', () => {
	const rows = [...knownReplies('providers'), ...knownReplies('families')];
	const traps = rows.filter(
		(row) => row.type !== 'hard' && row.reply.startsWith('5') && !meaningOf(row.reply, row).rule.startsWith('stage:'),
	);
	assert.ok(traps.length > 150, `only ${traps.length} traps`);

	for (const row of traps) {
		for (const stage of ['mail', 'rcpt', 'data', 'content', 'verdict'] as const) {
			const meaning = meaningOf(row.reply, { ...row, stage });
			assert.notEqual(meaning.type, 'hard', `${stage}: ${row.reply}: ${meaning.rule}`);
			assert.notEqual(meaning.action, 'suppress', `${stage}: ${row.reply}: ${meaning.rule}`);
		}
	}
});

test('no known reply is hard when it is said before RCPT', () => {
	for (const row of [...knownReplies('providers'), ...knownReplies('families')]) {
		for (const stage of ['connect', 'greeting', 'ehlo', 'starttls', 'auth', 'mail'] as const) {
			const meaning = meaningOf(row.reply, { ...row, stage });
			assert.notEqual(meaning.type, 'hard', `${stage}: ${row.reply}: ${meaning.rule}`);
			assert.notEqual(meaning.action, 'suppress', `${stage}: ${row.reply}: ${meaning.rule}`);
		}
	}
});
