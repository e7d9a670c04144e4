/** Plans of what servers do to a run, for property tests. */
import fc from 'fast-check';
import type { FireServer, Mishap } from './firing-server.ts';
import type { Fire } from './under-fire.ts';

const replies = [
	'421 4.7.0 Too many connections from your host',
	'421 4.3.2 Service closing',
	'421 4.7.0 Try again later, closing connection',
	'450 4.2.1 Try again later',
	'450 4.2.0 Greylisted for 5 minutes',
	'451 4.3.0 Local error in processing',
	'451 4.7.1 You are sending too fast',
	'452 4.2.2 Mailbox full @TO',
	'452 4.4.5 Maximum number of messages per session exceeded',
	'454 4.7.0 Throttling failure: Maximum sending rate exceeded.',
	'454 4.7.0 Temporary authentication failure',
	'550 5.1.1 @TO: Recipient address rejected: User unknown',
	'550 no',
	'554 Message rejected: Sending paused for this account.',
	'554 5.7.1 Message rejected as spam',
	'550 5.4.5 Daily sending quota exceeded',
	'550 5.7.1 Sender address is not verified',
	'530 5.7.0 Authentication required',
	'552 5.3.4 Message too big',
	'',
];

const mishap: fc.Arbitrary<Mishap> = fc
	.record({
		step: fc.constantFrom('mail' as const, 'rcpt' as const, 'data' as const, 'verdict' as const),
		from: fc.integer({ min: 1, max: 30 }),
		count: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(100_000)),
		oneIn: fc.constantFrom(1, 1, 3, 7),
		reply: fc.constantFrom(...replies),
		ending: fc.constantFrom('none' as const, 'none' as const, 'none' as const, 'close' as const, 'reset' as const),
	})
	.map((given) => (given.reply === '' && given.ending === 'none' ? { ...given, ending: 'close' as const } : given));

const rate = fc.record({
	count: fc.integer({ min: 1, max: 50 }),
	periodMs: fc.constantFrom(1_000, 60_000),
	burst: fc.constant(1),
});

const rarely = <T>(value: fc.Arbitrary<T>, otherwise: T) =>
	fc.oneof({ weight: 4, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: value });

export const fireServer: fc.Arbitrary<FireServer> = fc.record({
	connections: fc.integer({ min: 1, max: 6 }),
	messagesPerConnection: fc.constantFrom(1, 4, 1000, 1000),
	rates: rarely(fc.array(rate, { minLength: 1, maxLength: 2 }), []),
	refusesLogin: rarely(fc.constant(true), false),
	greetings: rarely(
		fc.oneof(
			fc.array(fc.constantFrom('220 hi', '421 4.7.0 too many connections', '554 5.3.2 no', '450 4.3.2 busy'), {
				maxLength: 12,
			}),
			fc.constant([
				...new Array<string>(5).fill('220 hi'),
				...new Array<string>(20).fill('421 4.7.0 too many connections'),
			]),
			fc.constant([...new Array<string>(5).fill('220 hi'), ...new Array<string>(20).fill('554 5.7.1 no more of you')]),
		),
		[],
	),
	sessionLimit: rarely(fc.integer({ min: 1, max: 6 }), 0),
	mailMax: rarely(fc.integer({ min: 1, max: 6 }), 0),
	mishaps: fc.array(mishap, { maxLength: 4 }),
	leavesAfter: rarely(fc.integer({ min: 1, max: 25 }), 0),
	isBackAfter: fc.constantFrom(-1, 0, 10, 60),
	pipelining: fc.boolean(),
});

export const fire: fc.Arbitrary<Fire> = fc.record({
	servers: fc.array(fireServer, { minLength: 1, maxLength: 3 }),
	messages: fc.integer({ min: 1, max: 60 }),
	domains: fc.integer({ min: 1, max: 3 }),
	domainRates: rarely(
		rate.map((given) => new Map([['d0.example', given]])),
		new Map(),
	),
	delaysMs: fc.constantFrom([], [1], [60_000], [60_000, 300_000, 900_000], [5, 5, 5]),
	window: fc.constantFrom(1, 2, 2, 5),
	signal: fc.record({
		kind: fc.constantFrom(...(['none', 'none', 'none', 'stop', 'drop', 'halt'] as const)),
		afterResults: fc.integer({ min: 1, max: 40 }),
	}),
	driesUpEvery: fc.constantFrom(0, 0, 2, 5),
	maxWaitMs: fc.constantFrom(3_600_000, 3_600_000, 10_000),
	maxFailures: rarely(fc.integer({ min: 1, max: 10 }), Number.POSITIVE_INFINITY),
	commitTurns: fc.constantFrom(-1, 0, 3),
	seed: fc.nat(),
});
