/** Faults 16 to 23: noes to MAIL, RCPT and DATA, and whose fault they are. */
import assert from 'node:assert/strict';
import { rowOf } from '../helpers/read-log.ts';
import type { DialogueOptions } from '../helpers/smtp-dialogue.ts';
import { type FaultCase, moment, testFaults } from './fault-case.ts';

const bob = 'bob@example.com';

/** Says `words` to RCPT of bob. */
function toBob(words: string): DialogueOptions {
	return { deviate: ({ command, recipient }) => (command === 'RCPT' && recipient === bob ? { say: words } : null) };
}

function toAll(command: 'MAIL' | 'RCPT' | 'DATA', words: string): DialogueOptions {
	return { deviate: (moment) => (moment.command === command ? { say: words } : null) };
}

/** Says `words` the first time, and yes from then on. */
function once(command: 'MAIL' | 'RCPT' | 'DATA', words: string): DialogueOptions {
	let isSaid = false;
	return {
		deviate: (moment) => {
			if (moment.command !== command || isSaid) return null;
			isSaid = true;
			return { say: words };
		},
	};
}

const silence = moment();
const quick = ['--concurrency', '1', '--retry', '1s,1s'];

const cases: FaultCase[] = [
	{
		row: 16,
		what: 'a sender that is not verified stops the run at once, in the words of the server; nobody is settled',
		people: Array.from({ length: 30 }, (_, n) => `user${n}@example.com`),
		server: toAll('MAIL', '550 5.7.1 Sender address news@acme.example is not verified'),
		ends: { code: 4, states: 'unsettled', says: [/550 5\.7\.1 Sender address .* is not verified/] },
		check: (sent) => assert.ok(sent.rows.length <= 5, `${sent.rows.length} were tried`),
	},
	{
		row: 16,
		what: 'the same no to MAIL for everybody stops the run, whatever its words',
		people: Array.from({ length: 30 }, (_, n) => `user${n}@example.com`),
		server: toAll('MAIL', '550 Computer says no'),
		ends: { code: 4, states: 'unsettled', says: [/550 Computer says no/] },
		check: (sent) => assert.ok(sent.rows.length <= 10, `${sent.rows.length} were tried`),
	},
	{
		row: 17,
		what: 'a 4xx to MAIL is no fault of the recipient: it is sent later in the run',
		isPlain: false,
		server: once('MAIL', '451 4.3.0 Temporary system problem'),
		campaign: { flags: quick },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 17,
		what: 'a 4xx to MAIL that stays leaves everybody for the next run',
		server: toAll('MAIL', '451 4.3.0 Temporary system problem'),
		campaign: { flags: ['--max-wait', '1s'] },
		ends: { code: 5, states: 'unsettled' },
	},
	{
		row: 19,
		what: 'a recipient who is greylisted is tried again within the run',
		isPlain: false,
		server: once('RCPT', '450 4.2.0 Greylisted, please try again'),
		campaign: { flags: quick },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 20,
		what: '552 to RCPT is for now (RFC 5321 §4.5.3.1.10)',
		server: toBob('552 5.2.2 Mailbox full'),
		ends: { code: 5, states: ['accepted', 'deferred', 'accepted'] },
		check: (sent) => assert.equal(rowOf(sent.rows, bob).bounce_category, 'mailbox_full'),
	},
	{
		row: 21,
		what: '421 to RCPT ends the connection and no recipient: it goes over the next one',
		server: once('RCPT', '421 4.3.2 Closing down'),
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => assert.ok((relay?.connectionCount ?? 0) >= 2),
	},
	{
		row: 22,
		what: '250 in place of 354 ends the connection before any content, and everybody gets one copy over others',
		server: once('DATA', '250 2.0.0 Ok'),
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => assert.ok((relay?.connectionCount ?? 0) >= 2),
	},
	{
		row: 22,
		what: 'a 5xx to DATA is a no to that message',
		server: {
			deviate: ({ command, recipient }) =>
				command === 'DATA' && recipient === bob ? { say: '550 5.1.1 No such user here' } : null,
		},
		ends: { code: 3, states: ['accepted', 'bounced', 'accepted'] },
	},
	{
		row: 22,
		what: 'a 4xx to DATA is for now',
		server: {
			deviate: ({ command, recipient }) =>
				command === 'DATA' && recipient === bob ? { say: '451 4.3.0 Not now' } : null,
		},
		ends: { code: 5, states: ['accepted', 'deferred', 'accepted'] },
	},
	{
		row: 23,
		what: 'a go-ahead that never comes has a deadline, and the message goes over another connection',
		server: {
			deviate: ({ command, connection, recipient }) => {
				if (command !== 'DATA' || connection !== 1 || recipient !== 'anna@example.com') return null;
				silence.reach();
				return { hangUp: 'never' };
			},
		},
		campaign: { flags: ['--max-wait', '5h'] },
		whenMinutesPass: silence.reached,
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => assert.ok((relay?.connectionCount ?? 0) >= 2),
	},
];

for (const words of [
	'550 5.1.1 User unknown',
	'551 5.7.1 User not local, try elsewhere',
	'553 5.1.3 Bad recipient address',
]) {
	cases.push({
		row: 18,
		what: `${words.slice(0, 3)} to RCPT bounces that recipient and costs the others nothing`,
		server: toBob(words),
		ends: { code: 3, states: ['accepted', 'bounced', 'accepted'] },
		check: (sent, { relay }) => {
			assert.equal(relay?.connectionCount, 1);
			assert.ok(rowOf(sent.rows, bob).smtp_response.startsWith(words.slice(0, 3)));
		},
	});
}

for (const words of ['450 4.2.0 Greylisted', '451 4.3.0 Local error in processing', '452 4.2.2 Mailbox full']) {
	cases.push({
		row: 19,
		what: `${words.slice(0, 3)} to RCPT defers that recipient; the next run takes it up`,
		server: toBob(words),
		ends: { code: 5, states: ['accepted', 'deferred', 'accepted'] },
	});
}

testFaults(cases);
