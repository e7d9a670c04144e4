/** Faults 61 to 73: lists as they come. What cannot be read stops before anything is sent; what one row does wrong harms no other. */
import assert from 'node:assert/strict';
import { rowOf } from '../helpers/read-log.ts';
import { type FaultCase, faultTemplate, relayOf, testFaults } from './fault-case.ts';

const zoe = 'zoe@example.com';

/** Stops before it connects. */
function stops(
	row: number,
	what: string,
	{ list, says, flags = [], judged }: { list: string | Buffer; says: RegExp[]; flags?: string[]; judged?: string },
): FaultCase {
	return {
		row,
		what,
		...(judged === undefined ? {} : { judged }),
		people: [],
		campaign: { list, flags },
		ends: { code: 65, states: [], says },
		check: (sent, { relay }) => {
			assert.equal(relay?.connectionCount, 0);
			assert.deepEqual(sent.rows, []);
		},
	};
}

/** One bad row among good ones: it fails, they are sent. */
function fails(
	row: number,
	what: string,
	{ cell, error, judged }: { cell: string; error: RegExp; judged?: string },
): FaultCase {
	return {
		row,
		what,
		...(judged === undefined ? {} : { judged }),
		people: ['anna@example.com', zoe],
		campaign: { list: `email,first_name\r\nanna@example.com,Anna\r\n${cell}\r\n${zoe},Zoë\r\n` },
		ends: { code: 3, states: 'accepted' },
		check: (sent, { relay }) => {
			const bad = sent.rows.find((each) => each.row === 2);
			assert.equal(bad?.status, 'failed');
			assert.match(`${bad?.error_type} ${bad?.error_message}`, error);
			assert.match(bad?.error_message ?? '', /line \d+ of list\.csv/);
			assert.ok(!relay?.heard.some(({ line }) => /evil/.test(line)));
		},
	};
}

const reads = (what: string, list: Buffer, flags: readonly string[] = []): FaultCase => ({
	row: 61,
	what,
	people: [zoe],
	campaign: { list, flags: [...flags] },
	ends: { code: 0, states: 'accepted' },
	check: (_sent, { relay }) => assert.match(relay?.accepted[0]?.lines.join('\n') ?? '', /Zo=C3=AB|=\?UTF-8\?/i),
});

const cases: readonly FaultCase[] = [
	reads('a byte order mark is no part of the first column', Buffer.from(`\ufeffemail,first_name\r\n${zoe},Zoë\r\n`)),
	reads('UTF-16 is read by its mark', Buffer.from(`\ufeffemail\tfirst_name\r\n${zoe}\tZoë\r\n`, 'utf16le')),
	reads('another encoding is read when it is named', Buffer.from(`email,first_name\n${zoe},Zo\xeb\n`, 'latin1'), [
		'--encoding',
		'windows-1252',
	]),
	stops(61, 'bytes that are no UTF-8 stop the run with their line and the flag', {
		list: Buffer.from(`email,first_name\n${zoe},Zo\xeb\n`, 'latin1'),
		says: [/line 2\b/i, /--encoding/],
	}),
	{
		row: 62,
		what: 'a list with semicolons or tabs is read as what it is',
		judged:
			'the catalogue stops and suggests --delimiter; design.md §7 reads lists as they come from Excel, ; and tab among them',
		people: [zoe],
		campaign: { list: `email;first_name\n${zoe};Zoë\n` },
		ends: { code: 0, states: 'accepted' },
	},
	fails(63, 'a row with a cell too many fails alone', {
		cell: 'evil@example.com,Evil,too,many',
		error: /cell|column|field/i,
		judged: 'the row fails and is counted (exit 3), as design.md §5 counts every row; it stops nobody else',
	}),
	stops(64, 'a quote that never closes stops the run at the line where it opened', {
		list: `email,first_name\nanna@example.com,A\n${zoe},"Zoë\nbob@example.com,B\n`,
		says: [/line 3/],
	}),
	fails(65, 'a NUL in an address fails its row', {
		cell: 'evil@example.com\0,Evil',
		error: /nul|control|csv|address/i,
		judged: 'failed and not skipped: skips are for rows that are passed over on purpose',
	}),
	fails(65, 'a control character in an address fails its row', {
		cell: 'ev\u0007il@example.com,Evil',
		error: /address/,
	}),
	fails(66, 'a cell of ten megabytes fails its row', {
		cell: `evil@example.com,"${'x'.repeat(10_000_000)}"`,
		error: /large|long|size|MiB|bytes/i,
		judged: 'its row fails; the catalogue stops the run (65)',
	}),
	{
		row: 66,
		what: 'two thousand columns are read like two',
		judged: 'the catalogue caps them at 1,024 and stops; they do no harm',
		people: [zoe],
		campaign: {
			list: `email,first_name,${Array.from({ length: 2_000 }, (_, n) => `c${n}`)}\n${zoe},Zoë,${'x,'.repeat(1_999)}x\n`,
		},
		ends: { code: 0, states: 'accepted' },
	},
	stops(67, 'a column that is there twice stops the run', { list: `email,Name,name\n${zoe},A,B\n`, says: [/name/i] }),
	{
		row: 67,
		what: 'columns named like the insides of JavaScript are columns like others',
		people: [zoe],
		campaign: {
			list: `email,first_name,__proto__,constructor\n${zoe},Zoë,proto-cell,constructor-cell\n`,
			template: `${faultTemplate}<p>{{__proto__}} {{constructor}}</p>\n`,
		},
		ends: { code: 0, states: 'accepted' },
		check: (_sent, { relay }) =>
			assert.match(relay?.accepted[0]?.lines.join('\n') ?? '', /proto-cell constructor-cell/),
	},
	stops(68, 'a list without a column of addresses stops the run, and names what it has', {
		list: 'name,town\nBob,Paris\n',
		says: [/name.*town/s],
	}),
	fails(68, 'an empty cell fails its row', {
		cell: ',Nobody',
		error: /address|empty/i,
		judged: 'failed and not skipped: skips are for rows that are passed over on purpose',
	}),
	fails(69, 'two addresses in a cell fail their row', {
		cell: '"anna@example.com, evil@example.com",Evil',
		error: /address/,
	}),
	fails(69, 'a comment, a group or a route fails its row', {
		cell: '"friends: evil@example.com;",Evil',
		error: /address/,
	}),
	fails(69, 'an address that closes the bracket fails its row', {
		cell: 'a@example.com> SIZE=1 <evil@example.com,Evil',
		error: /address/,
	}),
	fails(69, 'an address with a line break and a command behind it fails its row', {
		cell: '"a@example.com\r\nRCPT TO:<evil@example.com>",Evil',
		error: /address/,
	}),
	{
		row: 70,
		what: 'a domain that is not ASCII goes out as A-label, a local part in UTF-8 where SMTPUTF8 is offered',
		people: ['zoe@xn--bcher-kva.example', 'zoë@example.com'],
		server: async (t) => {
			const server = await relayOf(t, { keywords: ['PIPELINING', '8BITMIME', 'SMTPUTF8'] });
			// The wire carries UTF-8; the relay writes down octets.
			const copies = () => server.copies().map((recipient) => Buffer.from(recipient, 'latin1').toString('utf8'));
			return { url: server.url, copies };
		},
		campaign: { list: 'email,first_name\nzoe@bücher.example,Zoë\nzoë@example.com,Zoë\n' },
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 71,
		what: 'an address that is there twice gets one copy',
		judged:
			'the whole address is lower-cased (design.md §5), not the domain alone: a second copy is worse than a missing one of two mailboxes that differ by case',
		people: ['bob@example.com', 'anna@example.com'],
		campaign: { list: 'email,first_name\nbob@example.com,A\nanna@example.com,B\nBob@EXAMPLE.com,C\n' },
		ends: { code: 0, states: 'accepted' },
		check: (sent) => {
			const [skipped] = sent.rows.filter((row) => row.status === 'skipped');
			assert.deepEqual([skipped?.row, skipped?.skip_reason], [3, 'duplicate']);
		},
	},
	{
		row: 72,
		what: 'role addresses are addresses: they are sent to',
		judged: 'nobody is passed over by a guess at what an address is for; a --skip-role is no part of this version',
		people: ['postmaster@example.com', 'abuse@example.com'],
		ends: { code: 0, states: 'accepted' },
	},
	{
		row: 73,
		what: 'a line break in a value for a header fails its row and adds no header to any message',
		people: ['anna@example.com', zoe],
		campaign: {
			list: `email,first_name\nanna@example.com,Anna\nbob@example.com,"Bob\r\nBcc: evil@example.com"\n${zoe},Zoë\n`,
		},
		ends: { code: 3, states: 'accepted' },
		check: (sent, { relay }) => {
			const bad = rowOf(sent.rows, 'bob@example.com');
			assert.deepEqual([bad.status, bad.error_type], ['failed', 'template.header_line_break']);
			assert.ok(!relay?.heard.some(({ line }) => /^Bcc:|evil/.test(line)));
		},
	},
];

testFaults(cases);
