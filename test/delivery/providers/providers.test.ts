/** Whose server a host name is, and which server belongs to the name of a provider. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providerServer } from '../../../src/delivery/providers/provider-server.ts';
import { findProvider, providerById, providers } from '../../../src/delivery/providers/providers.ts';
import { wellKnownServer } from '../../../src/smtp/well-known-server.ts';
import { UsageError } from '../../../src/support/errors.ts';

const hosts: Readonly<Record<string, readonly string[]>> = {
	ses: [
		'email-smtp.eu-west-1.amazonaws.com',
		'email-smtp-fips.us-east-1.amazonaws.com',
		'email-smtp.us-gov-west-1.amazonaws.com',
		'email-smtp-fips.us-gov-east-1.amazonaws.com',
		'vpce-0a1b2c-d3e4f5.email-smtp.us-east-1.vpce.amazonaws.com',
		'EMAIL-SMTP.EU-WEST-1.AMAZONAWS.COM.',
	],
	sendgrid: ['smtp.sendgrid.net', 'smtp.eu.sendgrid.net'],
	mailgun: ['smtp.mailgun.org', 'smtp.eu.mailgun.org'],
	postmark: ['smtp.postmarkapp.com', 'smtp-broadcasts.postmarkapp.com'],
	sparkpost: ['smtp.sparkpostmail.com', 'smtp.eu.sparkpostmail.com'],
	gmail: ['smtp.gmail.com'],
	'workspace-relay': ['smtp-relay.gmail.com'],
	office365: ['smtp.office365.com'],
	brevo: ['smtp-relay.brevo.com'],
	mailjet: ['in-v3.mailjet.com', 'in.mailjet.com'],
	fastmail: ['smtp.fastmail.com'],
	zoho: ['smtp.zoho.com', 'smtp.zoho.eu', 'smtppro.zoho.in'],
	socketlabs: ['smtp.socketlabs.com'],
	smtp2go: ['mail.smtp2go.com'],
	mailersend: ['smtp.mailersend.net'],
};

test('a server is recognised by its host name', () => {
	for (const [id, names] of Object.entries(hosts)) {
		for (const name of names) assert.equal(findProvider(name)?.id, id, name);
	}
	assert.deepEqual(
		Object.keys(hosts),
		providers.map(({ id }) => id),
	);
});

test('a host that only looks like one of theirs is nobody we know', () => {
	const strangers = [
		'smtp.acme.example',
		'smtp.gmail.com.evil.example',
		'evil-smtp.gmail.com',
		'xsmtp.sendgrid.net',
		'email-smtp.eu-west-1.amazonaws.com.evil.example',
		'inbound-smtp.eu-west-1.amazonaws.com',
		'smtpXgmail.com',
		'127.0.0.1',
		'',
	];
	assert.deepEqual(
		strangers.filter((host) => findProvider(host) !== null),
		[],
	);
});

test('each id leads to a server that is recognised as that of its provider', async () => {
	for (const { id, server } of providers) {
		const { host, port, tls, provider } = await providerServer(id, '--provider');
		assert.equal(provider.id, id);
		assert.equal(findProvider(host)?.id, id, `${id}: ${host}`);
		assert.ok([465, 587, 2525].includes(port), `${id}: ${port}`);
		assert.equal(tls, port === 465 ? 'implicit' : 'starttls');
		// The pinned nodemailer has it under that name: another version may have renamed it.
		if (server.own === null) assert.ok((await wellKnownServer(server.service)) !== null, id);
	}
});

test('what follows the colon names another server of the provider', async () => {
	const hostOf = async (text: string) => (await providerServer(text, '--provider')).host;
	assert.equal(await hostOf('ses:eu-west-1'), 'email-smtp.eu-west-1.amazonaws.com');
	assert.equal(await hostOf('SES:EU-WEST-1'), 'email-smtp.eu-west-1.amazonaws.com');
	assert.equal(await hostOf('ses:us-gov-west-1'), 'email-smtp.us-gov-west-1.amazonaws.com');
	// A region that is younger than nodemailer's table.
	assert.equal(await hostOf('ses:il-central-1'), 'email-smtp.il-central-1.amazonaws.com');
	assert.equal(await hostOf('mailgun:eu'), 'smtp.eu.mailgun.org');
	assert.equal(await hostOf('postmark:broadcasts'), 'smtp-broadcasts.postmarkapp.com');
	assert.equal((await providerServer('ses:il-central-1', '--provider')).port, 465);
	assert.equal(providerById('ses:eu-west-1')?.id, 'ses');
	assert.equal(providerById('nobody'), null);
});

test('a slip of the finger is met with the id that was meant', async () => {
	await assert.rejects(providerServer('sengrid', '--provider'), (error) => {
		assert.ok(error instanceof UsageError);
		assert.equal(error.message, '--provider: there is no provider "sengrid"');
		assert.match(error.hint, /^Did you mean sendgrid\?\nKnown are ses, sendgrid, /);
		return true;
	});
	await assert.rejects(providerServer('quite-another', '--provider'), (error) => {
		assert.ok(error instanceof UsageError);
		assert.match(error.hint, /^Known are /);
		return true;
	});
});

test('a variant that the provider does not have is refused, and no host is made of it', async () => {
	for (const text of [
		'ses:evil.example/',
		'ses:',
		'ses:eu-west-1.evil.example',
		'mailgun:us',
		'mailgun:constructor',
		'gmail:eu',
	]) {
		await assert.rejects(
			providerServer(text, '--provider'),
			{ name: 'UsageError', message: /has no such server$/ },
			text,
		);
	}
});
