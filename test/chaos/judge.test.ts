/** The judge sees what it is there for: each way of breaking the promise, and nothing where it was kept. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { type Case, judge } from './judge.ts';
import type { Dot, TruthReport } from './server-truth.ts';

const key = 'a@x.example';

const mark = (run: number, number: number, of = key) => ({ type: 'mark', run, mark: number, key: of });
const settle = (run: number, number: number, status: string, of = key) => ({
	type: 'settle',
	run,
	mark: number,
	key: of,
	status,
});
const release = (run: number, number: number) => ({ type: 'release', run, mark: number });
const row = (status: string) => ({ key, status });

function dot(verdict: Dot['verdict'], said: string, facts: Partial<Dot> = {}): Dot {
	return { number: 1, recipient: key, connection: 1, at: 0, messageId: '<1@x>', verdict, said, ...facts };
}

function truthOf(dots: readonly Dot[], facts: Partial<TruthReport> = {}): TruthReport {
	return { dots, refusals: [], ambiguous: 0, connections: 1, faults: {}, complaints: [], ...facts };
}

interface Story {
	readonly journal: readonly object[];
	readonly log: readonly object[];
	readonly truth: TruthReport;
	readonly keys?: readonly string[];
	readonly counts?: Readonly<Record<string, number>>;
	readonly facts?: Partial<Case>;
}

const good: Story = {
	journal: [mark(1, 1), settle(1, 1, 'accepted')],
	log: [row('accepted')],
	truth: truthOf([dot('accepted', '250 OK')]),
};

function verdictOn(t: TestContext, story: Story) {
	const logPath = join(temporaryDirectory(t), 'results.jsonl');
	const lines = (objects: readonly object[]) => objects.map((object) => `${JSON.stringify(object)}\n`).join('');
	writeFileSync(logPath, lines(story.log));
	writeFileSync(`${logPath}.journal`, lines(story.journal));
	const counts = story.counts ?? { to_send: 1, accepted: 1, left: 0 };
	writeFileSync(`${logPath}.summary.json`, JSON.stringify({ state: 'finished', data: { rows: 1 }, counts }));
	const { truth, keys = [key], facts = {} } = story;
	return judge({ logPath, keys, truth, unknownBound: 0, window: 1, isFinished: true, files: 'whole', ...facts });
}

const kept: Readonly<Record<string, Story>> = {
	'one dot, accepted': good,
	'deferred, then accepted': {
		journal: [mark(1, 1), settle(1, 1, 'deferred'), mark(2, 1), settle(2, 1, 'accepted')],
		log: [row('deferred'), row('accepted')],
		truth: truthOf([dot('refused', '451 later'), dot('accepted', '250 OK', { number: 2 })]),
	},
	'released, then accepted': { ...good, journal: [mark(1, 1), release(1, 1), mark(1, 2), settle(1, 2, 'accepted')] },
	'answered 421, released, then accepted': {
		journal: [mark(1, 1), release(1, 1), mark(1, 2), settle(1, 2, 'accepted')],
		log: [row('accepted')],
		truth: truthOf([dot('refused', '421 closing'), dot('accepted', '250 OK', { number: 2 })]),
	},
	'taken, and unknown within the bound': {
		journal: [mark(1, 1), settle(1, 1, 'unknown')],
		log: [row('unknown')],
		truth: truthOf([dot('accepted', '')]),
		facts: { unknownBound: 1 },
	},
	'a run that stopped early, with the row left': {
		journal: [],
		log: [],
		truth: truthOf([]),
		facts: { isFinished: false },
	},
};

for (const [what, story] of Object.entries(kept)) {
	test(`the promise was kept: ${what}`, (t) => {
		assert.deepEqual(verdictOn(t, story).violations, []);
	});
}

const broken: Readonly<Record<string, readonly [Story, RegExp]>> = {
	'a second dot without an answer to the first': [
		{
			journal: [mark(1, 1), settle(1, 1, 'unknown'), mark(2, 1), settle(2, 1, 'accepted')],
			log: [row('unknown'), row('accepted')],
			truth: truthOf([dot('lost', ''), dot('accepted', '250 OK', { number: 2 })]),
		},
		/dot 2 for it after dot 1 got no answer/,
	],
	'a second dot after a yes': [
		{
			journal: [mark(1, 1), settle(1, 1, 'accepted'), mark(2, 1), settle(2, 1, 'accepted')],
			log: [row('accepted'), row('accepted')],
			truth: truthOf([dot('accepted', '250 OK'), dot('accepted', '250 OK', { number: 2 })]),
		},
		/dot 2 for it after dot 1 got 250/,
	],
	'a dot without a mark': [
		{ ...good, journal: [{ type: 'local', key, status: 'failed' }] },
		/the journal has fewer marks/,
	],
	'a dot whose mark was released': [
		{ ...good, journal: [mark(1, 1), release(1, 1)] },
		/1 dots got no no, and the journal released their marks/,
	],
	'accepted, and never taken': [{ ...good, truth: truthOf([]) }, /the server never took it/],
	'taken, and called bounced': [
		{ ...good, journal: [mark(1, 1), settle(1, 1, 'bounced')], log: [row('bounced')] },
		/the server took it, and the journal says bounced/,
	],
	'bounced, and never refused': [
		{ journal: [mark(1, 1), settle(1, 1, 'bounced')], log: [row('bounced')], truth: truthOf([]) },
		/the server never refused it/,
	],
	'nothing is left, and a row has no result': [{ journal: [], log: [], truth: truthOf([]) }, /it is nothing/],
	'a row of the log is missing': [{ ...good, log: [] }, /nothing in the log, accepted in the journal/],
	'a row of the log is there twice': [
		{ ...good, log: [row('accepted'), row('accepted')] },
		/2 lines in the log, 1 records in the journal/,
	],
	'more are unknown than may be': [
		{ journal: [mark(1, 1)], log: [row('unknown')], truth: truthOf([]) },
		/1 are unknown, at most 0/,
	],
	'more marks of a connection are open than its window': [
		{ ...good, journal: [mark(1, 1), mark(1, 2), release(1, 2), settle(1, 1, 'accepted')] },
		/a connection had 2 open marks, its window is 1/,
	],
	'a mark closed twice': [
		{ ...good, journal: [...good.journal, settle(1, 1, 'accepted')] },
		/mark 1\/1 was settled already/,
	],
	'a mark closed for another key': [
		{ ...good, journal: [mark(1, 1), settle(1, 1, 'accepted', 'b@x.example')] },
		/mark 1\/1 is of a@x.example, not b@x.example/,
	],
	'a settle without a mark': [{ ...good, journal: [settle(1, 1, 'accepted')] }, /mark 1\/1, which there is not/],
	'another Message-ID at the second attempt': [
		{
			journal: [mark(1, 1), settle(1, 1, 'deferred'), mark(2, 1), settle(2, 1, 'accepted')],
			log: [row('deferred'), row('accepted')],
			truth: truthOf([dot('refused', '451 later'), dot('accepted', '250 OK', { number: 2, messageId: '<2@x>' })]),
		},
		/has 2 Message-IDs/,
	],
	'somebody who is not in the list': [
		{ ...good, truth: truthOf([dot('accepted', '250 OK'), dot('accepted', '250 OK', { recipient: 'b@x.example' })]) },
		/b@x.example is not in the list/,
	],
	'counts that do not add up': [{ ...good, counts: { to_send: 1, accepted: 2 } }, /1 rows and counts 2/],
	'what the server complains about': [
		{ ...good, truth: truthOf([dot('accepted', '250 OK')], { complaints: ['oh'] }) },
		/oh/,
	],
};

for (const [what, [story, expected]] of Object.entries(broken)) {
	test(`the promise was broken: ${what}`, (t) => {
		assert.match(verdictOn(t, story).violations.join('\n'), expected);
	});
}
