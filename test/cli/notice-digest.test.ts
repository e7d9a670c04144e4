/** Notices of one kind are said once, and counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NoticeDigest } from '../../src/cli/notice-digest.ts';
import { systemClock } from '../../src/support/clock.ts';

function digest() {
	let now = 0;
	const said: string[] = [];
	const notices = new NoticeDigest({ ...systemClock, monotonicMs: () => now }, (text) => said.push(text));
	return {
		said,
		notices,
		passMs(ms: number) {
			now += ms;
		},
	};
}

test('the first of a kind is said, the others are counted and told at the end', () => {
	const { said, notices } = digest();
	for (let port = 1; port <= 45; port += 1) notices.add(`127.0.0.1:${port}: out of step`);
	notices.add('something else');
	assert.deepEqual(said, ['127.0.0.1:1: out of step', 'something else']);
	notices.end();
	assert.match(said.at(-1) ?? '', /out of step \(44 more notices like this\)/);
	assert.equal(said.length, 3);
});

test('after half a minute a kind is said again with its count', () => {
	const { said, notices, passMs } = digest();
	notices.add('server 1 closed');
	notices.add('server 2 closed');
	passMs(30_000);
	notices.add('server 3 closed');
	assert.deepEqual(said, ['server 1 closed', 'server 3 closed (2 more notices like this)']);
	notices.end();
	assert.equal(said.length, 2);
});

test('a server that invents a new notice each time cannot flood either', () => {
	const { said, notices } = digest();
	const word = (index: number) => String.fromCodePoint(0x4e00 + index);
	for (let index = 0; index < 5_000; index += 1) notices.add(`says ${word(index)}`);
	assert.ok(said.length <= 51, String(said.length));
});
