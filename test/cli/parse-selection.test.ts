import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSelection } from '../../src/cli/parse-selection.ts';

test('without flags everybody who is not settled is sent to', () => {
	assert.deepEqual(parseSelection({}), { resend: [], only: null });
});

test('--resend takes a status, and a category of those who bounced; --resend-unknown is short for one', () => {
	assert.deepEqual(parseSelection({ resend: ['bounced:policy', 'accepted'], resendUnknown: true }).resend, [
		{ status: 'bounced', category: 'policy' },
		{ status: 'accepted', category: '' },
		{ status: 'unknown', category: '' },
	]);
});

test('what names nobody is refused with what to type instead', () => {
	const refused = (flags: Parameters<typeof parseSelection>[0], message: RegExp, hint: RegExp) =>
		assert.throws(() => parseSelection(flags), { exitCode: 2, message, hint });
	refused({ resend: ['deferred'] }, /sent to anyway/, /--only deferred/);
	refused({ resend: ['bounced:polcy'] }, /"polcy" is no bounce category/, /--resend bounced:policy/);
	refused({ resend: ['bounced:'] }, /no category behind the colon/, /--resend bounced/);
	refused({ resend: ['unknown:policy'] }, /only who bounced has a category/, /--resend unknown/);
	refused({ only: 'unknown' }, /would send nothing/, /--resend-unknown --only unknown/);
	refused({ only: 'deferred', resendUnknown: true }, /leaves them out/, /one of the two/);
	assert.throws(() => parseSelection({ resend: ['acepted'] }), { exitCode: 2, message: /none of accepted/ });
	assert.throws(() => parseSelection({ only: 'accepted' }), { exitCode: 2, message: /none of deferred/ });
});
