/** Faults 1 to 7: the server is not there, has no name, says no at the door, says nothing, or speaks something else. */
import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import { createServer } from 'node:tls';
import { freePort } from '../helpers/loopback-port.ts';
import { needs } from '../helpers/needs.ts';
import { type Script, startScriptedServer } from '../helpers/scripted-server.ts';
import { smtpDialogue } from '../helpers/smtp-dialogue.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa, type ServerCertificate } from '../helpers/test-ca.ts';
import { type FaultCase, type FaultyServer, moment, relayOf, testFaults } from './fault-case.ts';

const openssl = needs('openssl');
const certificates = temporaryDirectory({ after });
let certificate: ServerCertificate;
before(() => {
	if (openssl.skip === false) certificate = makeTestCa(certificates).good;
});

/** A server whose script takes no mail. */
function useless(script: Script): (t: TestContext) => Promise<FaultyServer> {
	return async (t) => {
		const server = await startScriptedServer(script);
		t.after(() => server.stop());
		return { url: server.url, copies: () => [] };
	};
}

const nobody: FaultyServer = { url: '', copies: () => [] };
const silence = moment();

/** The name servers of the machine are away. */
const namesAreAway = `--import=${new URL('./names-are-away.mjs', import.meta.url).href}`;

const cases: readonly FaultCase[] = [
	{
		row: 1,
		what: 'a server that refuses the connection ends the run, and everybody is left',
		server: async () => ({ ...nobody, url: `smtp://127.0.0.1:${await freePort()}` }),
		campaign: { flags: ['--max-wait', '1s'] },
		ends: { code: 69, states: 'left', says: [/127\.0\.0\.1:\d+/, /ECONNREFUSED|refused/] },
	},
	{
		row: 1,
		what: 'a server that goes away in the middle of a campaign leaves the rest, after --max-wait',
		async server(t) {
			const server = await relayOf(t, {
				deviate: ({ command, recipient }) => {
					if (command !== 'MAIL' || recipient !== '' || server.copies().length < 1) return null;
					void server.relay?.stop();
					return { hangUp: 'close' };
				},
			});
			return server;
		},
		campaign: { flags: ['--max-wait', '2s'] },
		ends: { code: 69, states: ['accepted', 'unsettled', 'unsettled'], says: [/127\.0\.0\.1:\d+/] },
	},
	{
		row: 2,
		what: 'name servers that do not answer are a reason to try again later, and nobody is blamed',
		server: async () => ({ ...nobody, url: 'smtp://relay.acme.example:2525' }),
		campaign: { flags: ['--tls', 'off', '--max-wait', '1s'], env: { NODE_OPTIONS: namesAreAway } },
		ends: { code: 69, states: 'left', says: [/relay\.acme\.example/] },
	},
	{
		row: 3,
		what: 'a host that has no address ends the run and is named',
		judged:
			'the catalogue wants exit 2; design.md §6 keeps 2 for what was typed, and a name that is gone today may be there tomorrow: 69',
		server: async () => ({ ...nobody, url: 'smtp://no-such-host.invalid:2525' }),
		campaign: { flags: ['--tls', 'off', '--max-wait', '1s'] },
		ends: { code: 69, states: 'left', says: [/no-such-host\.invalid/] },
	},
	{
		row: 4,
		what: 'connections that are greeted with 421 are not needed: those that opened carry everybody',
		isPlain: false,
		people: Array.from({ length: 60 }, (_, n) => `user${n}@example.com`),
		server: async (t) => greeting(t, (connection) => (connection <= 2 ? '' : '421 4.7.0 Too many connections')),
		campaign: { flags: ['--concurrency', '10', '--max-wait', '1m'] },
		ends: { code: 0, states: 'accepted', says: [/connection/] },
	},
	{
		row: 4,
		what: 'a first greeting of 421 is asked again after a pause',
		isPlain: false,
		server: async (t) => greeting(t, (connection) => (connection === 1 ? '421 4.3.2 Busy, come back' : '')),
		campaign: { flags: ['--concurrency', '1', '--max-wait', '1m'] },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 5,
		what: 'a greeting of 554 ends the run in the words of the server',
		server: async (t) => greeting(t, () => '554 5.7.1 No SMTP service for your kind here'),
		ends: { code: 69, states: 'left', says: [/554 5\.7\.1 No SMTP service for your kind here/] },
	},
	{
		row: 6,
		what: 'a greeting that never comes has a deadline, and the port that wants TLS is thought of',
		server: useless((peer) => {
			silence.reach();
			return peer.gone();
		}),
		campaign: { flags: ['--max-wait', '1s'] },
		whenMinutesPass: silence.reached,
		ends: { code: 69, states: 'left', says: [/greeting/, /smtps:/] },
	},
	{
		row: 6,
		what: 'a web server is told from a mail server',
		server: useless((peer) => {
			peer.send('HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\n<h1>400\r\n');
			peer.close();
		}),
		campaign: { flags: ['--max-wait', '1s'] },
		ends: { code: 69, states: 'left', says: [/HTTP\/1\.1 400 Bad Request/] },
	},
	{
		row: 6,
		what: 'a port that speaks TLS from the first byte is not waited for in vain',
		skip: openssl.skip,
		server: tlsOnly,
		campaign: { flags: ['--max-wait', '1s'] },
		whenMinutesPass: silence.reached,
		ends: { code: 69, states: 'left', says: [/smtps:/] },
	},
	{
		row: 7,
		what: 'a server without EHLO is spoken to with HELO',
		server: {
			deviate: ({ command }) => (command === 'EHLO' ? { say: '502 5.5.1 EHLO is not known here' } : null),
		},
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 7,
		what: 'a server without EHLO that should offer STARTTLS is left',
		server: {
			deviate: ({ command }) => (command === 'EHLO' ? { say: '502 5.5.1 EHLO is not known here' } : null),
		},
		campaign: { flags: ['--tls', 'starttls', '--max-wait', '1s'] },
		ends: { code: 69, states: 'left', says: [/TLS|EHLO/] },
		check: (_sent, { relay }) => {
			assert.ok(relay?.heard.every(({ line }) => !/^(?:AUTH|MAIL)/.test(line)));
		},
	},
	{
		row: 7,
		what: 'a server that refuses both ends the run in its own words',
		server: {
			deviate: ({ command }) => (/^(?:EHLO|HELO)$/.test(command) ? { say: '550 5.7.1 Go away' } : null),
		},
		ends: { code: 69, states: 'left', says: [/550 5\.7\.1 Go away/] },
	},
];

/** A relay that greets some connections otherwise: with what `words` says, unless that is ''. */
async function greeting(t: TestContext, words: (connection: number) => string): Promise<FaultyServer> {
	const accepted: { connection: number; recipient: string; lines: readonly string[] }[] = [];
	const dialogue = smtpDialogue({ accepted });
	const server = await startScriptedServer((peer) => {
		const said = words(peer.connection);
		if (said === '') return dialogue(peer);
		peer.send(`${said}\r\n`);
		return peer.close();
	});
	t.after(() => server.stop());
	return { url: server.url, copies: () => accepted.map((mail) => mail.recipient) };
}

async function tlsOnly(t: TestContext): Promise<FaultyServer> {
	const server = createServer({ cert: certificate.certificate, key: certificate.key });
	server.on('connection', silence.reach);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => void server.close());
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return { url: `smtp://127.0.0.1:${address.port}`, copies: () => [] };
}

testFaults(cases);
