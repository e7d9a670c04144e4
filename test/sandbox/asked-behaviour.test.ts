/** Which wish an address makes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedBehaviour, sandboxAddresses } from '../../src/sandbox/asked-behaviour.ts';

const asked = (local: string) => askedBehaviour(`${local}@example.com`);

function replyTo(local: string): string {
	const behaviour = asked(local);
	return behaviour.kind === 'refuse'
		? `${behaviour.at} ${behaviour.reply.code} ${behaviour.reply.text}`
		: behaviour.kind;
}

test('an ordinary address is accepted, also one with a tag of its own', () => {
	for (const local of ['zoe', 'zoe+news', 'zoe+bouncer', 'bounce', 'bounce-550', '+slowly', 'a+bounce+news', '']) {
		assert.deepEqual(asked(local), { kind: 'accept' }, local);
	}
});

test('a bounce tag is refused at RCPT with its code, its enhanced code and a text that fits', () => {
	assert.equal(replyTo('zoe+bounce'), 'rcpt 550 5.1.1 User unknown');
	assert.equal(replyTo('zoe+bounce-550-5-1-1'), 'rcpt 550 5.1.1 User unknown');
	assert.equal(replyTo('zoe+news+BOUNCE-550-5-2-1'), 'rcpt 550 5.2.1 Mailbox disabled, not accepting messages');
	assert.equal(replyTo('zoe+bounce-554-5-7-1'), 'rcpt 554 5.7.1 Message blocked, it looks like spam');
	assert.equal(replyTo('zoe+bounce-554'), 'rcpt 554 Transaction failed');
	assert.equal(replyTo('zoe+bounce-557-5-9-99'), 'rcpt 557 5.9.99 Refused');
});

test('a defer tag with a code is refused every time, without one the first time only', () => {
	assert.equal(replyTo('zoe+defer-450'), 'rcpt 450 Requested mail action not taken: mailbox unavailable');
	assert.equal(replyTo('zoe+defer-452-4-2-2'), 'rcpt 452 4.2.2 Mailbox full, the recipient is over quota');
	assert.equal(replyTo('zoe+defer-421-4-7-0').slice(0, 14), 'rcpt 421 4.7.0');
	const greylisted = asked('zoe+defer');
	assert.ok(greylisted.kind === 'refuse' && greylisted.once && greylisted.reply.code === 450);
	const always = asked('zoe+defer-450');
	assert.ok(always.kind === 'refuse' && !always.once);
});

test('a data tag is refused at the verdict', () => {
	assert.equal(replyTo('zoe+bounce-data-550-5-7-1'), 'verdict 550 5.7.1 Message blocked, it looks like spam');
	assert.equal(
		replyTo('zoe+defer-data-451-4-3-0'),
		'verdict 451 4.3.0 Temporary local problem, please try again later',
	);
});

test('slow and close tags say how long and where', () => {
	assert.deepEqual(asked('zoe+slow-60000'), { kind: 'slow', delayMs: 60_000 });
	assert.deepEqual(asked('zoe+close'), { kind: 'close', at: 'rcpt' });
	assert.deepEqual(asked('zoe+close-after-dot'), { kind: 'close', at: 'verdict' });
});

test('a wish that no server could grant is refused with 501 and the way to write it', () => {
	for (const local of [
		'+bounce-250',
		'+bounce-450',
		'+bounce-599',
		'+bounce-5501',
		'+bounce-550-4-2-2',
		'+bounce-550-5-1',
		'+bounce-',
		'+defer-550',
		'+defer-410',
		'+defer-452-5-2-2',
		'+slow',
		'+slow-60001',
		'+slow--1',
		'+slow-99999999999',
		'+close-now',
	]) {
		assert.match(
			replyTo(`zoe${local}`),
			/^rcpt 501 5\.5\.4 The sandbox does not understand \+.*(use|begins with)/,
			local,
		);
	}
});

test('a hostile tag can neither add a line to the reply nor make it long', () => {
	const behaviour = askedBehaviour(`zoe+bounce-${'9'.repeat(10_000)}@example.com`);
	assert.ok(behaviour.kind === 'refuse' && behaviour.reply.text.length < 200);
});

test('every address of the list shown by --help does what the list says', () => {
	for (const { address, effect } of sandboxAddresses) {
		const behaviour = askedBehaviour(address);
		assert.notEqual(behaviour.kind, 'accept', address);
		if (behaviour.kind === 'refuse') assert.notEqual(behaviour.reply.code, 501, `${address}: ${effect}`);
	}
});
