/** Servers that are down, say no at the door, speak something else or say nothing: the run ends, and no recipient is blamed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../helpers/loopback-port.ts';
import { countStatuses } from '../helpers/read-log.ts';
import { type Script, type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type SentCampaign, sendCampaign, startCampaign } from '../helpers/send-campaign.ts';
import { smtpDialogue } from '../helpers/smtp-dialogue.ts';
import type { Cleanup } from '../helpers/temporary-directory.ts';

async function serve(cleanup: Cleanup, script: Script): Promise<ScriptedServer> {
	const server = await startScriptedServer(script);
	cleanup.after(() => server.stop());
	return server;
}

/** Nobody was written to, nobody is blamed: all rows are left for another run. */
function assertNobodyWasBlamed(sent: SentCampaign): void {
	assert.deepEqual(
		sent.rows.filter((row) => row.status !== 'deferred'),
		[],
	);
	assert.doesNotMatch(sent.stderr, /\n\s+at /, 'a stack trace is for bugs');
}

test('a server that is down ends the run with 69 and names host and port', async (t) => {
	const port = await freePort();
	const sent = await sendCampaign(t, { smtp: `smtp://127.0.0.1:${port}` });
	assert.equal(sent.code, 69, sent.stderr);
	assert.ok(sent.stderr.includes(`127.0.0.1:${port}`), sent.stderr);
	assertNobodyWasBlamed(sent);
});

test('a host name that does not exist ends the run with 69 and names it', async (t) => {
	const sent = await sendCampaign(t, { smtp: 'smtp://no-such-host.invalid:2525', flags: ['--tls', 'off'] });
	assert.equal(sent.code, 69, sent.stderr);
	assert.match(sent.stderr, /no-such-host\.invalid/);
	assertNobodyWasBlamed(sent);
});

const useless: readonly { readonly what: string; readonly script: Script; readonly says: RegExp }[] = [
	{
		what: 'greets with 554',
		script(peer) {
			peer.send('554 5.7.1 No SMTP service for your kind here\r\n');
			peer.close();
		},
		says: /554 5\.7\.1 No SMTP service for your kind here/,
	},
	{
		what: 'speaks HTTP',
		script(peer) {
			peer.send('HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\n<h1>400\r\n');
			peer.close();
		},
		says: /HTTP\/1\.1 400 Bad Request/,
	},
	{ what: 'closes the door without a word', script: (peer) => peer.close(), says: /clos/ },
	{
		what: 'refuses EHLO and HELO',
		script: smtpDialogue({
			deviate: ({ command }) => (/^(?:EHLO|HELO)$/.test(command) ? { say: '550 5.7.1 Go away' } : null),
		}),
		says: /550 5\.7\.1 Go away/,
	},
];

for (const { what, script, says } of useless) {
	test(`a server that ${what} ends the run with 69, its own words, and nobody is blamed`, async (t) => {
		const server = await serve(t, script);
		const sent = await sendCampaign(t, { smtp: server.url });
		assert.equal(sent.code, 69, sent.stderr);
		assert.match(sent.stderr, says);
		assertNobodyWasBlamed(sent);
	});
}

test('a server that says nothing is left at the first Ctrl-C, at once', async (t) => {
	const server = await serve(t, (peer) => peer.gone());
	const underWay = startCampaign(t, { smtp: server.url });
	await server.connected();
	underWay.kill('SIGINT');
	const sent = await underWay.sent;
	assert.equal(sent.code, 130, sent.stderr);
	assertNobodyWasBlamed(sent);
});

test('garbage in place of a reply ends that connection before any content; the messages go over the next', async (t) => {
	const garbage = '\u001b[2Jwhat?\r\n25';
	const server = await serve(
		t,
		smtpDialogue({
			deviate: ({ command, connection }) => (command === 'MAIL' && connection === 1 ? { say: garbage } : null),
		}),
	);
	const sent = await sendCampaign(t, { smtp: server.url, flags: ['--concurrency', '1'] });
	assert.equal(sent.code, 0, sent.stderr);
	assert.deepEqual(countStatuses(sent.rows), { accepted: 3 });
	assert.ok(!server.heard.some(({ connection, line }) => connection === 1 && line === '.'), 'content went to garbage');
	assert.doesNotMatch(sent.stderr, /\u001b/);
});
