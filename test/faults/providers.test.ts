/** Faults 42 to 48: what providers say when it is about us: slow down, stop, or stop for today. Nobody's address is blamed for it. */
import assert from 'node:assert/strict';
import { countStatuses } from '../helpers/read-log.ts';
import type { SentCampaign } from '../helpers/send-campaign.ts';
import type { DialogueOptions, Moment } from '../helpers/smtp-dialogue.ts';
import { type FaultCase, listOf, testFaults } from './fault-case.ts';

const thirty = Array.from({ length: 30 }, (_, n) => `user${n}@example.com`);
const hundreds = Array.from({ length: 500 }, (_, n) => `user${n}@example.com`);
const quick = ['--concurrency', '1', '--retry', '1s,1s,1s'];

/** Says `words` at `command` for the first `times` of that command, and yes from then on. */
function atFirst(command: Moment['command'], words: string, times: number): DialogueOptions {
	let said = 0;
	return {
		deviate: (moment) => {
			if (moment.command !== command || said >= times) return null;
			said += 1;
			return { say: words };
		},
	};
}

/** Takes `taken` messages, and says `words` at `command` from then on. */
function fromThen(command: Moment['command'], words: string, taken: number): DialogueOptions {
	let verdicts = 0;
	return {
		deviate: (moment) => {
			const isOver = verdicts >= taken;
			if (moment.command === 'dot' && !isOver) verdicts += 1;
			return moment.command === command && isOver ? { say: words } : null;
		},
	};
}

function firstOf(taken: number): FaultCase['ends']['states'] {
	return thirty.map((_, n) => (n < taken ? 'accepted' : 'unsettled'));
}

function nobodyIsBlamed(sent: SentCampaign): void {
	assert.ok(sent.rows.every((row) => row.bounce_type !== 'hard'));
}

/** About our account: stop, keep the rest for later. */
const stops: readonly { row: number; what: string; command: Moment['command']; words: string }[] = [
	{
		row: 42,
		what: 'a daily quota of SES',
		command: 'dot',
		words: '454 Throttling failure: Daily message quota exceeded.',
	},
	{
		row: 44,
		what: 'a spent quota of Office 365',
		command: 'dot',
		words:
			'554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception',
	},
	{
		row: 44,
		what: 'our own mailbox that is full at Office 365',
		command: 'dot',
		words: '554 5.2.2 mailbox full; STOREDRV.Submission: sender mailbox is over quota',
	},
	{
		row: 45,
		what: 'a daily quota of Gmail',
		command: 'MAIL',
		words: '550 5.4.5 Daily user sending quota exceeded. For more information on Gmail',
	},
	{
		row: 45,
		what: 'a daily limit of the Workspace relay',
		command: 'dot',
		words: '550 5.7.1 Daily SMTP relay limit exceeded for customer.',
	},
	{
		row: 46,
		what: 'an account that is suspended in the middle of a campaign',
		command: 'dot',
		words: '554 5.7.1 Your account has been suspended. Please contact support.',
	},
	{
		row: 46,
		what: 'the same no for everybody in words that nobody knows',
		command: 'dot',
		words: '554 5.0.0 The hamster has left the wheel',
	},
];

const cases: FaultCase[] = [
	{
		row: 42,
		what: 'throttling by SES slows the run down, and everybody is sent to',
		isPlain: false,
		people: thirty,
		server: atFirst('dot', '454 Throttling failure: Maximum sending rate exceeded.', 2),
		campaign: { flags: quick },
		ends: { code: 0, states: 'accepted' },
		check: nobodyIsBlamed,
	},
	{
		row: 43,
		what: 'too many connections by Office 365: the run goes on with those that may',
		isPlain: false,
		people: thirty,
		server: {
			deviate: ({ command, connection }) =>
				command === 'MAIL' && connection > 3 && connection <= 8
					? {
							say: '432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information.',
						}
					: null,
		},
		campaign: { flags: ['--concurrency', '8', '--retry', '1s,1s,1s'] },
		ends: { code: 0, states: 'accepted' },
		check: nobodyIsBlamed,
	},
	{
		row: 45,
		what: 'a Gmail that is asked too fast (421 4.7.0) is asked more slowly',
		isPlain: false,
		people: thirty,
		server: atFirst('MAIL', '421 4.7.0 Try again later, closing connection.', 2),
		campaign: { flags: [...quick, '--max-wait', '2m'] },
		ends: { code: 0, states: 'accepted' },
		check: nobodyIsBlamed,
	},
	{
		row: 45,
		what: 'a relay limit at its peak (450 4.2.1) is waited for',
		isPlain: false,
		people: thirty,
		server: atFirst('RCPT', '450 4.2.1 Peak SMTP relay limit exceeded for customer. Please try again later.', 2),
		campaign: { flags: [...quick, '--max-wait', '2m'] },
		ends: { code: 0, states: 'accepted' },
		check: nobodyIsBlamed,
	},
	{
		row: 47,
		what: 'a 4xx that never clears is given up when patience ends, and listed apart',
		judged: 'the catalogue calls it failed; design.md §5 keeps it deferred (exit 5), so that the next run takes it up',
		isPlain: false,
		server: {
			deviate: ({ command, recipient }) =>
				command === 'dot' && recipient === 'bob@example.com' ? { say: '451 4.3.0 Internal error 77' } : null,
		},
		campaign: { flags: quick },
		ends: { code: 5, states: ['accepted', 'deferred', 'accepted'] },
		check: (sent, { relay }) => {
			const tries = sent.rows.filter((row) => row.recipient === 'bob@example.com').map((row) => row.attempt);
			assert.deepEqual(tries, [1, 2, 3, 4]);
			assert.equal(relay?.heard.filter(({ line }) => line.includes('<bob@')).length, 4);
		},
	},
	{
		row: 47,
		what: 'a 450 for content that will never be right (MailerSend) is held, not tried again and again',
		judged: 'the words are about our content: held for a person to look at, deferred without further tries',
		isPlain: false,
		server: {
			deviate: ({ command, recipient }) =>
				command === 'dot' && recipient === 'bob@example.com' ? { say: '450 4.6.0 Message content invalid' } : null,
		},
		campaign: { flags: quick },
		ends: { code: 5, states: ['accepted', 'deferred', 'accepted'] },
		check: (_sent, { relay }) => assert.equal(relay?.heard.filter(({ line }) => line.includes('<bob@')).length, 1),
	},
	{
		row: 48,
		what: 'a list that is rotten stops the run before it ruins our name',
		people: [],
		server: { deviate: ({ command }) => (command === 'RCPT' ? { say: '550 5.1.1 User unknown' } : null) },
		campaign: { list: listOf(hundreds), flags: ['--concurrency', '1'] },
		ends: { code: 4, states: [], says: [/550 5\.1\.1|bounce/i] },
		check: (sent) => {
			const { bounced = 0 } = countStatuses(sent.rows);
			assert.ok(bounced >= 200 && bounced <= 230, `${bounced} bounced`);
			assert.equal(sent.summary().counts.left, hundreds.length - bounced);
		},
	},
	{
		row: 48,
		what: 'a share of dead addresses that is usual stops nothing',
		people: [],
		server: {
			deviate: ({ command, recipient }) =>
				command === 'RCPT' && /[05]@/.test(recipient) && /^user\d*0@/.test(recipient)
					? { say: '550 5.1.1 User unknown' }
					: null,
		},
		campaign: { list: listOf(hundreds) },
		ends: { code: 3, states: [] },
		check: (sent) => assert.equal(countStatuses(sent.rows).bounced, 50),
	},
	{
		row: 48,
		what: '--max-failures stops at that number',
		people: [],
		server: { deviate: ({ command }) => (command === 'RCPT' ? { say: '550 5.1.1 User unknown' } : null) },
		campaign: { list: listOf(hundreds), flags: ['--max-failures', '20', '--concurrency', '1'] },
		ends: { code: 4, states: [], says: [/20/] },
		check: (sent) => assert.ok((countStatuses(sent.rows).bounced ?? 0) <= 22),
	},
];

for (const { row, what, command, words } of stops) {
	const isUnderWay = command !== 'MAIL';
	cases.push({
		row,
		what: `${what} stops the run with 4, in the words of the server; nobody is settled by it`,
		people: thirty,
		server: fromThen(command, words, 5),
		ends: { code: 4, states: firstOf(5), says: [new RegExp(words.slice(0, 20).replaceAll('.', '\\.'))] },
		check: (sent) => {
			nobodyIsBlamed(sent);
			assert.ok(sent.rows.length <= 5 + (isUnderWay ? 7 : 6), `${sent.rows.length} were tried`);
		},
	});
}

testFaults(cases);
