/** One reason, one text; two reasons, two texts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { classify } from '../../../src/bounces/classify.ts';
import { replyFromText } from '../../../src/bounces/reply-from-text.ts';
import { normaliseRefusal } from '../../../src/delivery/breaker/normalise-refusal.ts';
import { knownReplies } from '../../bounces/replies.ts';

function reasonOf(text: string): string {
	return normaliseRefusal('rcpt', replyFromText(text));
}

const sameReason: Readonly<Record<string, readonly string[]>> = {
	'addresses and their domains': [
		'554 5.7.1 <jo@example.org>: Relay access denied',
		'554 5.7.1 <kim.li+x=y@mail.example.co.uk>: Relay access denied',
		'554 5.7.1 <"john doe"@example.net>: Relay access denied',
		'554 5.7.1 <büro@пример.рф>: Relay access denied',
	],
	'a bounce address with the recipient in it': [
		'550 <bounce-1a2b-jo=example.org@news.example.com>: Sender address rejected',
		'550 <bounce-77ff-anna.k=gmail.com@news.example.com>: Sender address rejected',
	],
	'domains by themselves': [
		'550 Domain example.org is blocked',
		'550 Domain MAIL.EXAMPLE.CO.UK is blocked',
		'550 Domain mx1.host-7.example is blocked',
	],
	'way of quoting another server': ['550 host said: 550-No such route', '550 host said: No such route'],
	'ids in base64': ['554 Blocked, ref kD3xx9/xYzAbcDe/9QwErTyU==', '554 Blocked, ref 7hGfDsA/qWe+rTyUiOpLkJ8'],
	"Postfix's queue ids": [
		'451 4.3.0 Error: queue file write error 4B2F31A0C5',
		'451 4.3.0 Error: queue file write error 4WzKbV2Qxyz1Rl',
		'451 4.3.0 Error: queue file write error F31A0C52B4',
		'451 4.3.0 Error: queue file write error FAB1234567',
	],
	"Exim's message ids": [
		'451 Temporary local problem 1rXyZa-0000Ab-Cd',
		'451 Temporary local problem 1sTuVw-000000003kD-1a2B',
	],
	"Sendmail's queue ids": ['451 4.3.2 41LBqC3k012345 deferred', '451 4.3.2 51MCrD4l543210 deferred'],
	'message ids': ['550 Duplicate <0100018d-ab@mx.example> refused', '550 Duplicate <b3f.99=k/2@example.org> refused'],
	UUIDs: [
		'554 Rejected, reference 123e4567-e89b-12d3-a456-426614174000',
		'554 Rejected, reference 9b2d77aa-0c1e-4c5f-8a8e-00ff12ab34cd',
	],
	"Gmail's session tokens": [
		'550-5.7.1 Messages are blocked. For more information, go to\n550 5.7.1 https://support.google.com/mail/answer/188131 d2e1a72fcca58-72a1b2c3d4esi1234567b3a.56 - gsmtp',
		'550-5.7.1 Messages are blocked. For more information, go to\n550 5.7.1 https://support.google.com/mail/answer/188131 a640c23a62f3a-b71b1234fe0si98765a12.4 - gsmtp',
	],
	'lines that Gmail breaks elsewhere': [
		"550-5.7.26 Unauthenticated email from a.example is not accepted due to\n550-5.7.26 domain's DMARC policy. - gsmtp",
		"550-5.7.26 Unauthenticated email from a-much-longer-name.example is not\n550-5.7.26 accepted due to domain's DMARC policy. - gsmtp",
	],
	"Microsoft's servers and times": [
		'550 5.7.708 Service unavailable. [AM4PEPF00025F9C.EURPRD83.prod.outlook.com 2023-01-01T01:02:03.456Z 08DBA2C1D3E4F5A6]',
		'550 5.7.708 Service unavailable. [BN8NAM11FT035.eop-nam11.prod.protection.outlook.com 2024-12-31T23:59:59.001Z 08DD299B1C2E3F4A]',
	],
	"Mimecast's references": [
		'554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554 [XhKp3sMYOvWg5zXqjZP4gw.uk12]',
		'554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554 [aB9-dKf_2mNoPqRsTuVwXy.us33]',
	],
	'IP addresses of both kinds': [
		'421 Too many connections from 192.0.2.7',
		'421 Too many connections from 203.0.113.250',
		'421 Too many connections from 2001:db8::dead:beef',
		'421 Too many connections from fe80:0:0:0:1:2:3:4',
	],
	'times and dates': [
		'421 Not allowed, try again after Mon, 25 Aug 2025 07:00:31 UTC',
		'421 Not allowed, try again after Tue, 2 Sep 2025 17:45:00 UTC',
	],
	amounts: ['554 Limited to 100 messages / hour, 5/5 (100%)', '554 Limited to 2,500 messages / hour, 12/20 (60%)'],
	'what follows the question mark of a URL': [
		'550 Mail denied. http://service.mail.example/help?subtype=1&&id=20022&&no=1000726',
		'550 Mail denied. http://service.mail.example/help?subtype=9&&id=7&&no=a',
	],
	'letters and spaces': ['550 Message  Rejected', '550 message rejected '],
};

describe('the same reason gives the same text', () => {
	for (const [what, replies] of Object.entries(sameReason)) {
		test(`whatever its ${what}`, () => {
			const texts = new Set(replies.map(reasonOf));
			assert.equal(texts.size, 1, [...texts].join('\n'));
		});
	}

	test('whoever the recipient is, for every reply that we know', () => {
		const stand = /[\w.+-]+@[\w.-]+\.\w+/g;
		const named = [...knownReplies('providers'), ...knownReplies('families')].filter(({ reply }) =>
			reply.includes('@'),
		);
		assert.ok(named.length > 50);
		for (const { reply } of named) {
			const one = reasonOf(reply.replace(stand, 'kim.li@example.net'));
			const other = reasonOf(reply.replace(stand, 'o-1234+tag@sub.domain.example.co.uk'));
			assert.equal(one, other);
		}
	});
});

describe('different reasons give different texts', () => {
	const pairs: readonly (readonly [string, string])[] = [
		['454 Throttling failure: Maximum sending rate exceeded.', '454 Throttling failure: Daily message quota exceeded.'],
		['550 5.1.1 Sorry', '550 5.7.1 Sorry'],
		['550 Sorry', '554 Sorry'],
		['550 [CS01] Message rejected', '550 [HM08] Message rejected'],
		['550 RESOLVER.ADR.ExRecipNotFound; no', '550 RESOLVER.RST.RecipSizeLimit; no'],
		['554 STOREDRV.Submission.Exception:SendAsDenied', '554 STOREDRV.Submission.Exception:OutboundSpam'],
		['550 用户3不存在', '550 信箱3已满'],
		['550 refused, see help/err12', '550 refused, see abuse/err12'],
		['553 server does not support SMTPUTF8', '553 server does not support 8BITMIME'],
	];
	for (const [one, other] of pairs) {
		test(`${one} and ${other}`, () => assert.notEqual(reasonOf(one), reasonOf(other)));
	}

	test('and at different stages', () => {
		const reply = replyFromText('550 No');
		assert.notEqual(normaliseRefusal('rcpt', reply), normaliseRefusal('verdict', reply));
	});

	test('so that no two replies that we know have one text and two meanings', () => {
		const meanings = new Map<string, string>();
		for (const { reply } of [...knownReplies('providers'), ...knownReplies('families')]) {
			const parsed = replyFromText(reply);
			const { category, action } = classify({ reply: parsed, stage: 'rcpt', via: 'relay', provider: '' });
			const text = normaliseRefusal('rcpt', parsed);
			const meaning = `${category} ${action}`;
			assert.equal(meanings.get(text) ?? meaning, meaning, text);
			meanings.set(text, meaning);
		}
		assert.ok(meanings.size > 400, `only ${meanings.size}`);
	});
});

describe('a hostile reply', () => {
	const megabyte = 1 << 20;
	const pieces = [
		'a',
		'1',
		'1a',
		'a.',
		'a:',
		'1-',
		'@',
		'a@',
		'# ',
		'"',
		'http://a/?',
		'Aa1/',
		'mon, 1 jan ',
		'é.',
		'f:f',
		'550-',
		' ',
	];

	test('of a megabyte in one line takes less than 50 ms', () => {
		for (const piece of pieces) {
			const lines = [`${piece.repeat(megabyte / piece.length)}x`];
			assert.ok(millisecondsFor(lines) < 50, piece);
		}
	});

	test('of a million lines takes less than 50 ms', () => {
		for (const line of ['', 'a', '5.1.1']) {
			assert.ok(millisecondsFor(Array.from({ length: megabyte }, () => line)) < 50, line);
		}
	});

	test('of whatever text gives a short text and throws nothing', () => {
		const anyLine = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }));
		fc.assert(
			fc.property(fc.array(anyLine, { maxLength: 5 }), (lines) => {
				const text = normaliseRefusal('verdict', { code: 550, enhancedCode: '', lines });
				assert.ok(text.length < 600);
			}),
		);
	});
});

/** CPU time of this process, so that a busy machine does not count. */
function millisecondsFor(lines: readonly string[]): number {
	const before = process.cpuUsage();
	normaliseRefusal('rcpt', { code: 550, enhancedCode: '5.1.1', lines });
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1_000;
}
