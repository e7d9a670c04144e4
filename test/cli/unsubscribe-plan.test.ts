import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waysBackLines } from '../../src/cli/unsubscribe-plan.ts';
import { makeUnsubscribeTokens } from '../../src/recipients/tokens/unsubscribe-token.ts';
import { address, someSecret } from '../recipients/tokens/some-secrets.ts';

const token = makeUnsubscribeTokens(someSecret, { campaign: 'news' })(address('anna@example.com'));
const link = `<https://acme.example/u/${token}?a=1>`;
const mail = `<mailto:unsub+x@acme.example?subject=unsubscribe%20${token}>`;
const envelopeFrom = `bounces+${'0f3a9c51d2'.repeat(4)}@acme.example`;
const asked = { unsubscribeUrl: null, unsubscribeMailto: null, verp: null };

function shown(listUnsubscribe: string, flags: Partial<Record<keyof typeof asked, string>>): string[] {
	const lines = waysBackLines({ listUnsubscribe, envelopeFrom }, { ...asked, ...flags });
	return lines.map(({ label, value }) => `${label}: ${value}`);
}

test('the plan shows the link of the first row, with its token shortened', () => {
	const start = token.slice(0, 6);
	assert.deepEqual(shown(link, { unsubscribeUrl: 'x' }), [`Leaving: https://acme.example/u/${start}…?a=1 (one click)`]);
	assert.deepEqual(shown(`${link}, ${mail}`, { unsubscribeUrl: 'x', unsubscribeMailto: 'y' }), [
		`Leaving: https://acme.example/u/${start}…?a=1 (one click, or by mail)`,
	]);
	assert.deepEqual(shown(mail, { unsubscribeMailto: 'y' }), ['Leaving: mail to unsub+x@acme.example']);
	assert.deepEqual(shown('<http://127.0.0.1/u?id=7>', { unsubscribeUrl: 'x' }), ['Leaving: http://127.0.0.1/u?id=7']);
});

test('the plan shows where bounces go', () => {
	assert.deepEqual(shown('', { verp: 'x' }), ['Bounces: to bounces+0f3a9c…@acme.example']);
});

test('what nobody asked for is not in the plan', () => {
	assert.deepEqual(shown(`${link}, ${mail}`, {}), []);
});
