/** Faults 29 to 38: what befalls a connection between and within messages; the recipients have no part in it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { rowOf } from '../helpers/read-log.ts';
import type { DialogueOptions } from '../helpers/smtp-dialogue.ts';
import { type FaultCase, type FaultyServer, moment, testFaults } from './fault-case.ts';
import { startWireServer, type Wire, type WireMoment, type WireOptions } from './wire-server.ts';

const bob = 'bob@example.com';
const many = Array.from({ length: 40 }, (_, n) => `user${n}@example.com`);

function wire(options: WireOptions): (t: TestContext) => Promise<FaultyServer> {
	return (t) => startWireServer(t, options);
}

/** Says `bytes` at one command of bob's on the first connection that carries him. */
function toBob(command: WireMoment['command'], bytes: (right: string) => Wire): (moment: WireMoment) => Wire | null {
	let isDone = false;
	return (moment) => {
		if (moment.command !== command || moment.recipient !== bob || isDone) return null;
		isDone = true;
		return bytes(moment.right);
	};
}

/** Each connection ends, by `words`, when it is asked for its nth message. */
function share(words: string, nth: number): DialogueOptions {
	return { deviate: ({ command, transaction }) => (command === 'MAIL' && transaction >= nth ? { say: words } : null) };
}

const trickling = moment();

const cases: FaultCase[] = [
	{
		row: 29,
		what: 'connections that are closed between messages cost nobody an attempt',
		people: many,
		server: {
			deviate: ({ command, transaction }) => (command === 'MAIL' && transaction === 6 ? { hangUp: 'close' } : null),
		},
		ends: { code: 0, states: 'accepted' },
		check: (sent) => assert.ok(sent.rows.every((row) => row.attempt === 1)),
	},
	{
		row: 29,
		what: '421 between messages costs nobody an attempt',
		people: many,
		server: share('421 4.3.2 Closing', 6),
		ends: { code: 0, states: 'accepted' },
		check: (sent) => assert.ok(sent.rows.every((row) => row.attempt === 1)),
	},
	{
		row: 30,
		what: 'a limit of messages per session that is told by 421 is learnt: later connections end themselves before it',
		people: many,
		server: share('421 4.7.0 Maximum message count per session reached', 6),
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => {
			const quits = relay?.heard.filter(({ line }) => line === 'QUIT').length ?? 0;
			assert.ok(quits >= 4, `${quits} connections of ${relay?.connectionCount} ended themselves`);
		},
	},
	{
		row: 30,
		what: "a limit of messages per session that is told by 452 is the connection's, not the recipient's",
		people: many,
		server: share('452 4.4.5 Maximum number of messages per session exceeded', 6),
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 30,
		what: 'a limit that EHLO announces (RFC 9422 MAILMAX) is kept',
		people: many,
		server: { keywords: ['PIPELINING', 'LIMITS MAILMAX=7 RCPTMAX=100'] },
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => {
			const counts = new Map<number, number>();
			for (const { connection, line } of relay?.heard ?? []) {
				if (line.startsWith('MAIL')) counts.set(connection, (counts.get(connection) ?? 0) + 1);
			}
			assert.equal(Math.max(...counts.values()), 7);
		},
	},
	...['421 4.4.2 Idle for too long', '451 4.4.2 Timeout waiting for client input'].map(
		(words): FaultCase => ({
			row: 31,
			what: `a server that ends an idle connection with ${words.slice(0, 3)} refuses nobody`,
			server: idling(words),
			campaign: { flags: ['--rate', '2/s'] },
			ends: { code: 0, states: 'accepted' },
			check: (sent) => assert.ok(sent.rows.every((row) => row.status === 'accepted')),
		}),
	),
	{
		row: 32,
		what: 'a verdict that trickles in line by line, for ever, has an absolute deadline; then the recipient is unknown',
		server: (t) => trickle(t, '250-still working\r\n'),
		campaign: { flags: ['--max-wait', '5h'] },
		whenMinutesPass: trickling.reached,
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 32,
		what: 'a reply without end is cut off; the message had not gone out and goes over another connection',
		server: wire({ say: toBob('RCPT', () => '250-and so on\r\n'.repeat(5_000)) }),
		judged: 'the recipient before it is unknown, too: its verdict was not confirmed by the replies behind it',
		ends: { code: 3, states: ['unknown', 'accepted', 'accepted'] },
	},
	{
		row: 33,
		what: 'replies that come octet by octet are replies like others',
		server: wire({ octets: true, say: () => null }),
		ends: { code: 0, states: 'accepted' },
	},
	...[
		['LF alone', '\n'],
		['CR CR LF', '\r\r\n'],
	].map(
		([name, ending = '']): FaultCase => ({
			row: 33,
			what: `lines that end in ${name} are lines`,
			server: wire({ say: ({ right, command }) => (command === 'EHLO' ? null : right.replaceAll('\r\n', ending)) }),
			ends: { code: 0, states: 'accepted' },
		}),
	),
	{
		row: 34,
		what: 'a verdict of a megabyte in one line is not believed: the recipient is unknown',
		server: wire({ say: toBob('dot', () => `250 ${'x'.repeat(1_000_000)}\r\n`) }),
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 34,
		what: 'a verdict of a thousand lines is not believed: the recipient is unknown',
		server: wire({ say: toBob('dot', () => `${'250-line\r\n'.repeat(1_000)}250 end\r\n`) }),
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 35,
		what: 'control characters and bytes that are no UTF-8 in a reply reach neither terminal nor log',
		server: wire({ say: toBob('RCPT', () => '550 5.1.1 No \u001b[2J\u0007such \u0000user \xff\xfe\r\n') }),
		ends: { code: 3, states: ['accepted', 'bounced', 'accepted'] },
		check: (sent) => {
			assert.doesNotMatch(JSON.stringify(rowOf(sent.rows, bob)), /\\u00[01]/);
			assert.match(rowOf(sent.rows, bob).smtp_response, /such/);
		},
	},
	{
		row: 36,
		what: 'an extra reply behind a verdict ends the connection; nobody is called accepted who was not',
		server: wire({ say: toBob('dot', (right) => `${right}250 2.0.0 And one more\r\n`) }),
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 36,
		what: 'a verdict whose lines have different codes is not believed',
		server: wire({ say: toBob('dot', () => '250-Ok\r\n550 No\r\n') }),
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 36,
		what: 'a verdict that is swallowed is not made up for by the replies behind it',
		server: wire({
			say: toBob('dot', () => ({ bytes: '', ending: 'close' })),
			loses: ({ recipient }) => recipient === bob,
		}),
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 36,
		what: 'a 354 where a verdict is due is not believed',
		server: wire({ say: toBob('dot', () => '354 Go ahead\r\n') }),
		ends: { code: 3, states: ['accepted', 'unknown', 'accepted'] },
	},
	{
		row: 37,
		what: 'a server that answers only the last of several commands is spoken to one command at a time',
		people: many,
		server: wire({ say: ({ behind, right }) => (behind > 0 ? '' : right) }),
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 38,
		what: 'a server that cannot RSET after a refusal is left; the others go over another connection',
		server: {
			deviate: ({ command, recipient }) => {
				if (command === 'RCPT' && recipient === bob) return { say: '550 5.1.1 User unknown' };
				return command === 'RSET' ? { say: '502 5.5.1 RSET is not known here' } : null;
			},
		},
		ends: { code: 3, states: ['accepted', 'bounced', 'accepted'] },
	},
	{
		row: 38,
		what: 'nothing is reset between messages that went well',
		people: many,
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => assert.ok(!relay?.heard.some(({ line }) => line === 'RSET')),
	},
];

/** Ends a connection on which nothing was said for a fifth of a second after a verdict. */
function idling(words: string): (t: TestContext) => Promise<FaultyServer> {
	return (t) => startWireServer(t, { say: () => null, idleWords: words });
}

async function trickle(t: TestContext, line: string): Promise<FaultyServer> {
	return startWireServer(t, {
		say: toBob('dot', () => {
			trickling.reach();
			return { bytes: line, ending: 'silence' };
		}),
		trickles: line,
	});
}

testFaults(cases);
