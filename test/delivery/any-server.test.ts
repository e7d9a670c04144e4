/** Whatever servers, disks and signals do: every mark is closed once and never more than the window are open, and nobody is told a lie. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../../src/support/clock.ts';
import { RunError } from '../../src/support/errors.ts';
import type { Answer, Script } from '../smtp/peer.ts';
import { hurriedClock } from './hurried-clock.ts';
import { bigMessageFor, people, recipientOf, run } from './run-delivery.ts';
import { ScriptedMarks } from './scripted-marks.ts';

const steps = ['mail', 'rcpt', 'data', 'verdict'] as const;

/** What a server may do at one step in place of a yes. */
const faults: Readonly<Record<string, (yes: string) => Answer>> = {
	close: () => ({ say: '', ending: 'close' }),
	reset: () => ({ say: '', ending: 'reset' }),
	'yes and close': (yes) => ({ say: yes, ending: 'close' }),
	'421': () => ({ say: '421 4.3.2 closing down', ending: 'close' }),
	'451': () => '451 4.3.0 later',
	'452': () => '452 4.4.5 Maximum number of messages per session exceeded',
	'550': () => '550 5.1.1 no such user',
	lost: () => null,
	doubled: (yes) => `${yes}\r\n${yes}`,
	'another yes': () => '250 2.0.0 ok',
};

interface Fault {
	readonly step: (typeof steps)[number];
	readonly nth: number;
	readonly what: string;
}

/** At most one fault a connection: two can make up for each other, and no client sees that. */
const plan = fc.record(
	{
		window: fc.integer({ min: 1, max: 8 }),
		connections: fc.integer({ min: 1, max: 4 }),
		messagesPerConnection: fc.constantFrom(3, 1000),
		count: fc.integer({ min: 1, max: 40 }),
		big: fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 3 }),
		pipelining: fc.boolean(),
		commits: fc.array(fc.constantFrom(0, 0, 1, 3, 10, 40), { minLength: 1, maxLength: 6 }),
		troubled: fc.array(
			fc.option(
				fc.record({
					step: fc.constantFrom(...steps),
					nth: fc.integer({ min: 1, max: 6 }),
					what: fc.constantFrom(...Object.keys(faults)),
				}),
				{ freq: 4 },
			),
			{ maxLength: 8 },
		),
		signal: fc.option(
			fc.record({ name: fc.constantFrom('stop', 'halt', 'drop'), atEvent: fc.integer({ min: 1, max: 120 }) }),
		),
	},
	{ noNullPrototype: true },
);

test('each mark is closed once, results name open marks, and accepted, unknown and not sent are true', async () => {
	await fc.assert(
		fc.asyncProperty(plan, async (given) => {
			const { window, connections, messagesPerConnection, pipelining, commits, signal } = given;
			const aborts = { stop: new AbortController(), halt: new AbortController(), drop: new AbortController() };
			let events = 0;
			let commit = 0;
			const marks = new ScriptedMarks({
				window,
				durable: () => commits[commit++ % commits.length] ?? 0,
				onEvent() {
					events += 1;
					// In the middle of whatever delivery was doing.
					if (signal !== null && events === signal.atEvent) aborts[signal.name].abort();
				},
			});
			const messages = people(given.count);
			for (const at of given.big) {
				if (at < messages.length) messages[at] = bigMessageFor(`r${at}@x.example`);
			}
			const {
				raw,
				accepted,
				error,
				connections: opened,
			} = await run(
				messages,
				{ script: (connection) => troubled(given.troubled[connection - 1] ?? null, pipelining) },
				{
					marks,
					connections,
					messagesPerConnection,
					clock: impatientClock(),
					stop: aborts.stop.signal,
					halt: aborts.halt.signal,
					drop: aborts.drop.signal,
				},
			);
			const took = accepted.map(recipientOf);
			assert.equal(new Set(took).size, took.length, 'a message was taken twice');
			const kinds = new Map(raw.map((result) => [result.message.recipient.key, result.kind]));
			assert.equal(kinds.size, raw.length, 'a message has two results');
			for (const [to, kind] of kinds) {
				if (kind === 'accepted') assert.ok(took.includes(to), `${to} is accepted, but was not taken`);
			}
			for (const to of took) {
				assert.match(kinds.get(to) ?? 'left', /^(accepted|unknown)$/, `${to} was taken`);
			}
			assert.ok(error === null || error instanceof RunError, String(error));
			if (error === null && signal === null) assert.equal(raw.length, messages.length, `over ${opened} connections`);
		}),
		{ numRuns: 300 },
	);
});

/** Minutes pass in hundredths of a second. */
function impatientClock(): Clock {
	const clock = hurriedClock();
	const startedAt = performance.now();
	return {
		...clock,
		monotonicMs: () => clock.monotonicMs() + (performance.now() - startedAt) * 10_000,
		every: (_intervalMs, callback) => clock.every(5, callback),
	};
}

function troubled(fault: Fault | null, pipelining: boolean): Script {
	const answer = (step: Fault['step'], nth: number, yes: string): Answer =>
		fault !== null && fault.step === step && fault.nth === nth ? (faults[fault.what]?.(yes) ?? yes) : yes;
	let hasSender = false;
	let hasRecipient = false;
	// Silence is a reply that got lost: the server has done what it was asked for.
	const isYes = (given: Answer) => given === null || (typeof given === 'string' && given.startsWith('2'));
	return {
		ehlo: () => (pipelining ? '250-peer.example\r\n250-PIPELINING\r\n250 SIZE' : '250-peer.example\r\n250 SIZE'),
		mail(_from, nth) {
			const given = answer('mail', nth, '250 2.1.0 ok');
			hasSender = isYes(given);
			return given;
		},
		rcpt(_to, nth) {
			const given = hasSender ? answer('rcpt', nth, '250 2.1.5 ok') : '503 5.5.1 need MAIL';
			hasRecipient = hasSender && isYes(given);
			return given;
		},
		data: (nth) => (hasRecipient ? answer('data', nth, '354 go') : '554 5.5.1 nobody'),
		verdict: (content, nth) => (content === '' ? '554 5.5.1 nobody' : answer('verdict', nth, '250 2.0.0 queued')),
	};
}
