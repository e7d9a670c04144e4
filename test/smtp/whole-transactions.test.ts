/** Several messages in flight on one connection (RFC 3030 CHUNKING beside RFC 2920 PIPELINING), against a scripted peer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Script, servings } from './peer.ts';
import { type ConverseOptions, converse } from './session-harness.ts';

function fly(script: Script, options: ConverseOptions): ReturnType<typeof converse> {
	return converse(script, { depth: 'whole_transactions', chunking: true, ...options });
}

const to = ['a@x', 'b@x', 'c@x', 'd@x', 'e@x'];
const content = (address: string) => `Subject: hi\r\n\r\nDear ${address}\r\n`;

/** What arrived together. */
function groups(heard: readonly string[]): string[] {
	return heard
		.join(' ')
		.split('|')
		.map((group) => group.trim())
		.filter((group) => group !== '');
}

/** Nothing was said with DATA. */
function verbs(heard: readonly string[]): Set<string> {
	return new Set(heard.map((line) => line.split(' ')[0] ?? ''));
}

test('the first message goes command by command, and then all of them fly', async () => {
	const { outcomes, accepted, heard, why } = await fly({}, { to });
	const [reset, twice, mail, rcpt, trial, first, rest, quit] = groups(heard);
	assert.deepEqual([reset, twice, trial, quit], ['RSET', 'RSET', 'BDAT 1', 'QUIT']);
	assert.match(`${mail} ${rcpt}`, /^MAIL FROM:<news@acme.example> SIZE=25 RCPT TO:<a@x>$/);
	assert.equal(first, 'BDAT 24 LAST <25 octets> RSET');
	const whole = (address: string) =>
		`MAIL FROM:<news@acme.example> SIZE=25 RCPT TO:<${address}> BDAT 25 LAST <25 octets> RSET`;
	assert.equal(rest, to.slice(1).map(whole).join(' '));
	assert.deepEqual(
		outcomes,
		to.map((address) => `${address}: accepted 250`),
	);
	assert.deepEqual(accepted, to.map(content));
	assert.equal(why, null);
});

test('when the connection has rested, a RSET goes ahead alone', async () => {
	const { outcomes, heard } = await fly({}, { to, restAfter: 3 });
	assert.equal(outcomes.length, to.length);
	const at = heard.findIndex((line) => line.includes('d@x'));
	assert.deepEqual(heard.slice(at - 3, at - 1), ['RSET', '|']);
});

for (const serving of servings) {
	test(`a recipient who is taken after the sender was refused is out of step (${serving})`, async () => {
		const { outcomes, why } = await fly(
			{
				mail: (_from, nth) => (nth === 4 ? '452 4.3.1 no room' : '250 2.1.0 Ok'),
				rcpt: (address) => (address === 'c@x' ? '550 5.1.1 no such user' : '250 2.1.5 Ok'),
			},
			{ to, serving },
		);
		assert.deepEqual(outcomes, [
			'a@x: accepted 250',
			'b@x: accepted 250',
			'c@x: rejected rcpt 550',
			'd@x: broken verdict out_of_step',
			'e@x: broken verdict out_of_step',
		]);
		assert.equal(why?.cause, 'out_of_step');
	});

	test(`refusals at every step are told with their stage, and the others are sent (${serving})`, async () => {
		let isRefused = false;
		const { outcomes, accepted, why } = await fly(
			{
				mail: (_from, nth) => {
					isRefused = nth === 4;
					return isRefused ? '452 4.3.1 no room' : '250 2.1.0 Ok';
				},
				rcpt: (address) => {
					if (isRefused) return '503 5.5.1 need MAIL';
					return address === 'c@x' ? '550 5.1.1 no such user' : '250 2.1.5 Ok';
				},
				verdict: (text, nth) => (text.includes('e@x') ? '554 5.7.1 spam' : `250 2.0.0 queued as ${nth}Q`),
			},
			{ to: [...to, 'f@x'], serving },
		);
		assert.deepEqual(outcomes, [
			'a@x: accepted 250',
			'b@x: accepted 250',
			'c@x: rejected rcpt 550',
			'd@x: rejected mail 452',
			'e@x: rejected verdict 554',
			'f@x: accepted 250',
		]);
		assert.deepEqual(accepted, ['a@x', 'b@x', 'f@x'].map(content));
		assert.equal(why, null);
	});

	test(`a swallowed verdict is never made up for by the reply to RSET (${serving})`, async () => {
		const { outcomes, why } = await fly(
			{ verdict: (_content, nth) => (nth === 3 ? null : `250 2.0.0 queued as ${nth}Q`) },
			{ to, serving },
		);
		assert.deepEqual(outcomes, [
			'a@x: accepted 250',
			'b@x: accepted 250',
			'c@x: broken verdict out_of_step',
			'd@x: broken verdict out_of_step',
			'e@x: broken verdict out_of_step',
		]);
		assert.match(why?.message ?? '', /reply to another command/);
	});

	test(`a reply too many is noticed before the verdict that it pushes away is told (${serving})`, async () => {
		const stray = '250 2.0.0 queued as 0Z';
		const { outcomes, why } = await fly(
			{ verdict: (_content, nth) => (nth === 3 ? `${stray}\r\n554 5.7.1 spam` : `250 2.0.0 queued as ${nth}Q`) },
			{ to, serving },
		);
		assert.deepEqual(outcomes.slice(0, 3), [
			'a@x: accepted 250',
			'b@x: accepted 250',
			'c@x: broken verdict out_of_step',
		]);
		assert.equal(why?.cause, 'out_of_step');
	});
}

test('a close makes everything in flight unknown, and nothing else', async () => {
	const { outcomes, left } = await fly(
		{ verdict: (_content, nth) => (nth === 2 ? { say: '', ending: 'close' } : '250 2.0.0 queued as 1Q') },
		{ to, maxMessages: 4 },
	);
	assert.deepEqual(outcomes, [
		'a@x: accepted 250',
		'b@x: broken verdict closed',
		'c@x: broken verdict closed',
		'd@x: broken verdict closed',
	]);
	assert.deepEqual(left, ['e@x']);
});

test('what stands behind a 421 was not taken', async () => {
	for (const [at, third] of [
		['verdict', 'c@x: rejected verdict 421'],
		['mail', 'c@x: rejected mail 421'],
	] as const) {
		const closing = { say: '421 4.3.2 shutting down', ending: 'close' } as const;
		const { outcomes } = await fly(
			{
				verdict: (_content, nth) => (nth === 3 && at === 'verdict' ? closing : `250 2.0.0 queued as ${nth}Q`),
				mail: (_from, nth) => (nth === 3 && at === 'mail' ? closing : '250 2.1.0 Ok'),
			},
			{ to },
		);
		assert.deepEqual(outcomes, [
			'a@x: accepted 250',
			'b@x: accepted 250',
			third,
			'd@x: broken mail service_closing',
			'e@x: broken mail service_closing',
		]);
	}
});

for (const [how, refusal, resets] of [
	[
		'does not know BDAT and takes its octet for a command',
		'502 5.5.1 not implemented',
		['RSET', 'RSET', 'SRSET', 'RSET'],
	],
	['knows BDAT and will not have it', '551 5.7.1 not for you', ['RSET', 'RSET', 'RSET', 'RSET']],
] as const) {
	test(`a server that ${how} is given one octet, and gets DATA`, async () => {
		const { outcomes, heard, accepted, chunkingFailures, why } = await fly({ trial: () => refusal }, { to });
		assert.deepEqual(
			outcomes,
			to.map((address) => `${address}: accepted 250`),
		);
		assert.deepEqual(accepted, to.map(content));
		assert.deepEqual(chunkingFailures, [`BDAT was refused: ${refusal}`]);
		assert.deepEqual(
			heard.filter((line) => line.startsWith('BDAT')),
			['BDAT 1'],
		);
		// The envelope of the trial is forgotten first.
		assert.deepEqual(
			heard.filter((line) => line.endsWith('RSET')),
			resets,
		);
		assert.match(groups(heard)[6] ?? '', /^RSET MAIL .* RCPT TO:<a@x> DATA$/);
		assert.equal(why, null);
	});
}

test('a server whose verdict sounds like its other replies gets one message at a time', async () => {
	const { outcomes, heard, chunkingFailures } = await fly(
		{ verdict: () => '250 2.0.0 Ok', rset: () => '250 2.0.0 Ok' },
		{ to },
	);
	assert.deepEqual(
		outcomes,
		to.map((address) => `${address}: accepted 250`),
	);
	assert.match(chunkingFailures.join(), /not to be told from its other replies/);
	assert.equal(heard.filter((line) => line === 'DATA').length, 4);
});

test('a server that answers RSET in other words each time gets one message at a time', async () => {
	const { outcomes, chunkingFailures, heard } = await fly(
		{ rset: (nth) => `250 ${['once', 'twice', 'thrice'][nth - 1] ?? 'again'} flushed` },
		{ to },
	);
	assert.deepEqual(
		outcomes,
		to.map((address) => `${address}: accepted 250`),
	);
	assert.match(chunkingFailures.join(), /differ from time to time/);
	assert.equal(heard.filter((line) => line === 'DATA').length, to.length);
});

test('ids, sizes and addresses in replies are not taken for other words', async () => {
	const { outcomes, chunkingFailures, heard } = await fly(
		{
			rset: (nth) => `250 2.1.5 Flushed d2e1a72fcca58-7b0a${nth}.${nth} - gsmtp`,
			mail: (_from, nth) => `250 2.1.0 OK d2e1a72fcca58-7b0a${nth}.3 - gsmtp`,
			rcpt: (address, nth) => `250 2.1.5 <${address}> OK d2e1a72fcca58-7b0a${nth}.4 - gsmtp`,
			verdict: (_content, nth) => `250 2.0.0 OK  176381${nth} d2e1a72fcca58-7b0a${nth}.5 - gsmtp`,
		},
		{ to },
	);
	assert.deepEqual([outcomes.length, chunkingFailures], [to.length, []]);
	assert.equal(verbs(heard).has('DATA'), false);
});

test('BDAT refused as a command in full flight: that message may go again, with DATA, and so may the rest', async () => {
	const { outcomes, chunkingFailures, why } = await fly(
		{ verdict: (_content, nth) => (nth === 3 ? '503 5.5.1 bad sequence' : `250 2.0.0 queued as ${nth}Q`) },
		{ to },
	);
	assert.deepEqual(outcomes, [
		'a@x: accepted 250',
		'b@x: accepted 250',
		'c@x: broken content chunking_refused',
		'd@x: accepted 250',
		'e@x: accepted 250',
	]);
	assert.deepEqual(chunkingFailures, ['BDAT was refused: 503 5.5.1 bad sequence']);
	assert.equal(why, null);
});

test('nothing of a message is written before it may end, and those before it are', async () => {
	let isDurable = false;
	const { outcomes, heard } = await fly(
		{},
		{
			to,
			mayEnd: (address) => address !== 'd@x' || isDurable,
			meddle(_session, told) {
				isDurable = told.length === 3;
			},
		},
	);
	assert.deepEqual(
		outcomes,
		to.map((address) => `${address}: accepted 250`),
	);
	const withD = groups(heard).find((group) => group.includes('d@x')) ?? '';
	assert.doesNotMatch(withD, /c@x/);
});

test('a big message goes alone, with DATA, between those that fly', async () => {
	const big = `Subject: big\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(1_000)}`;
	const { outcomes, accepted, heard, why } = await fly(
		{},
		{ to, content: (address) => (address === 'c@x' ? big : content(address)) },
	);
	assert.deepEqual(
		outcomes,
		to.map((address) => `${address}: accepted 250`),
	);
	assert.equal(accepted[2], big);
	assert.equal(heard.filter((line) => line === 'DATA').length, 1);
	assert.equal(why, null);
});

test('a dot at the beginning of a line is no end and needs no second one in a chunk', async () => {
	const dotted = 'Subject: hi\r\n\r\n.\r\n..\r\n';
	const { accepted } = await fly({}, { to: ['a@x', 'b@x'], content: () => dotted });
	assert.deepEqual(accepted, [dotted, dotted]);
});

test('a server that hung up while nothing was in flight was given no content', async () => {
	const { outcomes, left } = await fly(
		{ rset: (nth) => (nth === 4 ? { say: '', ending: 'close' } : '250 2.0.0 Ok') },
		{ to, restAfter: 1 },
	);
	assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: broken mail closed']);
	assert.deepEqual(left, ['c@x', 'd@x', 'e@x']);
});

test('a passing no to the lone RSET is a farewell', async () => {
	const { outcomes, why } = await fly(
		{ rset: (nth) => (nth === 4 ? '451 4.4.2 timeout' : '250 2.0.0 Ok') },
		{ to, restAfter: 1 },
	);
	assert.deepEqual(outcomes, ['a@x: accepted 250', 'b@x: broken mail service_closing']);
	assert.equal(why?.cause, 'service_closing');
});

test('a session that is dropped in full flight tells nobody that he was not sent to', async () => {
	const { outcomes } = await fly(
		{ verdict: (_content, nth) => (nth > 2 ? null : `250 2.0.0 queued as ${nth}Q`) },
		{ to, meddle: (session, told) => told.length === 2 && session.drop('enough') },
	);
	assert.deepEqual(outcomes.slice(2), [
		'c@x: broken verdict dropped',
		'd@x: broken verdict dropped',
		'e@x: broken verdict dropped',
	]);
});

test('a server without PIPELINING is never flown to, whatever else it announces', async () => {
	const { heard, outcomes } = await fly({}, { to, pipelining: false });
	assert.equal(outcomes.length, to.length);
	assert.equal(verbs(heard).has('BDAT'), false);
});

test('a message that waits to be written when BDAT is refused in full flight goes out with DATA', async () => {
	let isDurable = false;
	const { outcomes, accepted } = await fly(
		{ verdict: (_content, nth) => (nth === 3 ? '503 5.5.1 bad sequence' : `250 2.0.0 queued as ${nth}Q`) },
		{
			to,
			mayEnd: (address) => address !== 'd@x' || isDurable,
			meddle(_session, told) {
				isDurable = told.length === 3;
			},
		},
	);
	assert.deepEqual(outcomes.slice(2), [
		'c@x: broken content chunking_refused',
		'd@x: accepted 250',
		'e@x: accepted 250',
	]);
	assert.deepEqual(accepted, ['a@x', 'b@x', 'd@x', 'e@x'].map(content));
});

test('a reply too many before the first content shows at the RSET behind it, and nothing false is told', async () => {
	// The doubled reply shifts all that follow by one, also the 554 that is the true verdict.
	const { outcomes, why } = await fly(
		{ rset: (nth) => (nth === 2 ? '250 2.0.0 Ok\r\n250 2.0.0 Ok' : '250 2.0.0 Ok'), verdict: () => '554 5.7.1 spam' },
		{ to: ['a@x'], serving: 'by_line' },
	);
	// Whether it is noticed at once depends on when it arrives.
	assert.match(outcomes.join(), /^a@x: broken (mail|verdict) out_of_step$/);
	assert.equal(why?.cause, 'out_of_step');
});

test('a server that refuses one RSET too many and hangs up has carried out nothing behind it', async () => {
	const { outcomes, why } = await fly(
		{ rset: (nth) => (nth === 5 ? { say: '554 Too many nonmail commands', ending: 'close' } : '250 Reset OK') },
		{ to },
	);
	assert.deepEqual(outcomes, [
		'a@x: accepted 250',
		'b@x: accepted 250',
		'c@x: accepted 250',
		'd@x: broken mail closed',
		'e@x: broken mail closed',
	]);
	assert.equal(why?.cause, 'closed');
});

test('a server that refuses RSET and goes on all the same is out of step', async () => {
	const { outcomes, why } = await fly({ rset: (nth) => (nth === 5 ? '554 no' : '250 Reset OK') }, { to });
	assert.deepEqual(outcomes.slice(2), [
		'c@x: broken verdict out_of_step',
		'd@x: broken verdict out_of_step',
		'e@x: broken verdict out_of_step',
	]);
	assert.match(why?.message ?? '', /RSET was refused/);
});

test('a server that hangs up at BDAT is not tried with it again', async () => {
	const { outcomes, chunkingFailures } = await fly({ trial: () => ({ say: '', ending: 'close' }) }, { to });
	assert.deepEqual(outcomes, ['a@x: broken data closed']);
	assert.match(chunkingFailures.join(), /BDAT was not answered/);
});

test('who leaves while the next messages are put together writes none of them', async () => {
	const { outcomes, accepted, left } = await fly(
		{},
		{ to, meddleInTake: (session, taken) => taken === 3 && session.leave('the run was stopped') },
	);
	assert.deepEqual(outcomes.slice(0, 2), ['a@x: accepted 250', 'b@x: broken mail dropped']);
	assert.deepEqual([...accepted, ...left.map(content)].includes(content('b@x')), false);
	assert.equal(accepted.length, 1);
});

test('a server that refuses RSET gets DATA, without one', async () => {
	const { outcomes, heard, chunkingFailures, why } = await fly({ rset: () => '502 5.5.1 not implemented' }, { to });
	assert.deepEqual(
		outcomes,
		to.map((address) => `${address}: accepted 250`),
	);
	assert.deepEqual(chunkingFailures, ['RSET was refused: 502 5.5.1 not implemented']);
	assert.deepEqual([verbs(heard).has('BDAT'), heard.filter((line) => line === 'RSET').length], [false, 1]);
	assert.equal(why, null);
});

test('a server that closes with messages in flight is not flown to again', async () => {
	const { chunkingFailures } = await fly(
		{
			verdict: (_content, nth) =>
				nth === 3 ? { say: '421 4.3.2 bye', ending: 'close' } : `250 2.0.0 queued as ${nth}Q`,
		},
		{ to },
	);
	assert.deepEqual(chunkingFailures, ['it closed the connection with messages in flight']);
});

test('a RSET refused for another reason than too many of them proves nothing', async () => {
	const { outcomes } = await fly(
		{ rset: (nth) => (nth === 5 ? { say: '452 4.3.1 no room', ending: 'close' } : '250 Reset OK') },
		{ to },
	);
	assert.deepEqual(outcomes.slice(2), [
		'c@x: broken verdict out_of_step',
		'd@x: broken verdict out_of_step',
		'e@x: broken verdict out_of_step',
	]);
});
