/** What may be named to be probed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probeTarget } from '../../src/cli/probe-target.ts';
import { UsageError } from '../../src/support/errors.ts';

const url = async (text: string) => (await probeTarget(text)).url;

test('a URL, a host with or without a port, an address and a provider all lead to a server', async () => {
	assert.equal(await url('smtps://news@smtp.acme.example'), 'smtps://news@smtp.acme.example');
	assert.equal(await url('smtp.acme.example'), 'smtp://smtp.acme.example');
	assert.equal(await url('smtp.acme.example:2525'), 'smtp://smtp.acme.example:2525');
	assert.equal(await url('localhost:2525'), 'smtp://localhost:2525');
	assert.equal(await url('mailhog'), 'smtp://mailhog');
	assert.equal(await url('::1'), 'smtp://[::1]');
	assert.equal(await url('[::1]:2525'), 'smtp://[::1]:2525');
	assert.deepEqual(await probeTarget('ses:eu-west-1'), {
		url: 'smtps://email-smtp.eu-west-1.amazonaws.com:465',
		provider: 'ses:eu-west-1',
	});
	assert.deepEqual(await probeTarget('office365'), { url: 'smtp://smtp.office365.com:587', provider: 'office365' });
});

test('a provider with a slip in it is not taken for a host', async () => {
	await assert.rejects(probeTarget('sengrid'), (error) => {
		assert.ok(error instanceof UsageError);
		assert.equal(error.message, 'there is no provider "sengrid"');
		assert.match(error.hint, /mailshot probe sendgrid .*\n.*mailshot probe smtp:\/\/sengrid /);
		return true;
	});
});

test('a password in the URL, and what is no server, are refused before anything is looked up, and not repeated', async () => {
	for (const text of [
		'smtp://news:secret@smtp.acme.example',
		'smtp://',
		'http://smtp.acme.example',
		'a b',
		'ses:nowhere',
		'',
	]) {
		await assert.rejects(probeTarget(text), (error) => {
			assert.ok(error instanceof UsageError, text);
			assert.ok(!`${error.message}${error.hint}`.includes('news:secret'));
			return true;
		});
	}
});
