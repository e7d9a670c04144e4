/** Faults 39 to 41: messages that a server cannot take by what it offers. */
import assert from 'node:assert/strict';
import { rowOf } from '../helpers/read-log.ts';
import { type FaultCase, faultTemplate, testFaults } from './fault-case.ts';

const zoe = 'zoë@example.com';

const cases: readonly FaultCase[] = [
	{
		row: 39,
		what: 'a message above the SIZE of the server fails before MAIL, with both numbers',
		server: { keywords: ['PIPELINING', 'SIZE 1200'] },
		campaign: {
			list: `email,first_name\nanna@example.com,Anna\nbob@example.com,${'B'.repeat(2_000)}\ncarl@example.com,Carl\n`,
		},
		ends: { code: 3, states: ['accepted', 'failed', 'accepted'] },
		check: (sent, { relay }) => {
			const row = rowOf(sent.rows, 'bob@example.com');
			assert.equal(row.error_type, 'smtp.size_exceeded');
			assert.match(row.error_message, /1200/);
			assert.ok(!relay?.heard.some(({ line }) => line.includes('bob@')));
		},
	},
	{
		row: 39,
		what: '552 to MAIL is a no to that message',
		server: {
			deviate: ({ command, transaction, connection }) =>
				command === 'MAIL' && transaction === 2 && connection === 1
					? { say: '552 5.3.4 Message size exceeds fixed maximum message size' }
					: null,
		},
		ends: { code: 3, states: ['accepted', 'bounced', 'accepted'] },
		check: (sent) => assert.notEqual(rowOf(sent.rows, 'bob@example.com').bounce_type, 'hard'),
	},
	{
		row: 40,
		what: 'an address that needs SMTPUTF8 fails where the server does not offer it',
		people: ['anna@example.com', zoe],
		ends: { code: 3, states: ['accepted', 'failed'] },
		check: (sent) => assert.match(rowOf(sent.rows, zoe).error_message, /SMTPUTF8/),
	},
	{
		row: 40,
		what: 'a domain with umlauts goes over the wire as A-label',
		people: ['anna@xn--bcher-kva.example'],
		campaign: { list: 'email,first_name\nanna@bücher.example,Anna\n' },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 41,
		what: 'what goes over the wire has seven bits and short lines, whatever is in it',
		campaign: {
			template: `${faultTemplate}<p>Grüße aus Köln, 東京 und Łódź. ${'Ein langer Satz ohne Umbruch. '.repeat(80)}</p>\n`,
		},
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) => {
			for (const line of relay?.accepted.flatMap((mail) => mail.lines) ?? []) {
				assert.match(line, /^[\t\u0020-\u007e]{0,998}$/);
			}
		},
	},
];

testFaults(cases);
