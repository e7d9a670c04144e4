import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../../src/recipients/parse-address.ts';

function accepted(cell: string): string {
	const parsed = parseAddress(cell);
	assert.ok(parsed.kind === 'address', `${JSON.stringify(cell)} ${parsed.kind === 'invalid' ? parsed.problem : ''}`);
	assert.equal(parsed.address, `${parsed.local}@${parsed.domain}`);
	return parsed.address;
}

function problemOf(cell: string): string {
	const parsed = parseAddress(cell);
	return parsed.kind === 'invalid' ? parsed.problem : `accepted as ${parsed.address}`;
}

test('common addresses are taken as they are, the domain in lower case', () => {
	for (const [cell, address] of [
		['bob@example.com', 'bob@example.com'],
		['Bob.Smith+News@Example.COM', 'Bob.Smith+News@example.com'],
		["o'hara+x@ex.com", "o'hara+x@ex.com"],
		['!#$%&*/=?^_`{|}~-@ex.com', '!#$%&*/=?^_`{|}~-@ex.com'],
		['a@b', 'a@b'],
		['root@localhost', 'root@localhost'],
		['x@1.example', 'x@1.example'],
		['x@3com.com', 'x@3com.com'],
		['x@r3---a.example.com', 'x@r3---a.example.com'],
		[`${'l'.repeat(64)}@example.com`, `${'l'.repeat(64)}@example.com`],
		[`a@${'d'.repeat(63)}.com`, `a@${'d'.repeat(63)}.com`],
	] as const) {
		assert.equal(accepted(cell), address);
	}
});

test('spaces around an address are trimmed, also no-break, zero-width and byte order mark', () => {
	for (const space of [' ', '\t', '\u00a0', '\u200b', '\ufeff', '\u2060', '\u3000', ' \u200b\u00a0 ']) {
		assert.equal(accepted(`${space}bob@example.com${space}`), 'bob@example.com');
	}
});

test('a cell that is a name and an address gives the address', () => {
	for (const cell of [
		'Zoë Müller <z@ex.com>',
		'"Smith, John" <z@ex.com>',
		'"He said \\"hi\\" <x>" <z@ex.com>'.replace('<x>', ''),
		'J. R. Smith <z@EX.com>',
		'<z@ex.com>',
		'  Zoe <z@ex.com>  ',
	]) {
		assert.equal(accepted(cell), 'z@ex.com');
	}
});

test('an international domain becomes its A-label, without the deviations of IDNA 2003', () => {
	assert.equal(accepted('zoe@bücher.example'), 'zoe@xn--bcher-kva.example');
	assert.equal(accepted('zoe@BÜCHER.example'), 'zoe@xn--bcher-kva.example');
	assert.equal(accepted('zoe@faß.de'), 'zoe@xn--fa-hia.de');
	assert.equal(accepted('zoe@例え。テスト'), 'zoe@xn--r8jz45g.xn--zckzah');
	assert.equal(accepted('zoe@XN--bcher-KVA.example'), 'zoe@xn--bcher-kva.example');
	assert.equal(accepted('zoe@ｅｘ.com'), 'zoe@ex.com');
});

test('a local part outside ASCII is kept, composed, and needs SMTPUTF8', () => {
	const parsed = parseAddress('ju\u0308rgen@bücher.example');
	assert.deepEqual(parsed, {
		kind: 'address',
		address: 'j\u00fcrgen@xn--bcher-kva.example',
		local: 'j\u00fcrgen',
		domain: 'xn--bcher-kva.example',
		smtpUtf8: true,
	});
	const ascii = parseAddress('juergen@bücher.example');
	assert.ok(ascii.kind === 'address' && !ascii.smtpUtf8);
});

test('what is no address says why, in words that go on after the cell', () => {
	for (const [cell, problem] of [
		['', 'is empty'],
		[' \u00a0\u200b', 'is empty'],
		['bob', 'has no @'],
		['bob@', 'has no domain'],
		['@example.com', 'has nothing before the @'],
		['a@b@c', 'has two @'],
		['a@ex.com, c@d.com', 'holds two addresses'],
		['a@ex.com;c@d.com', 'holds two addresses'],
		['a@ex.com c@d.com', 'holds two addresses'],
		['a@ex.com ::: c@d.com', 'holds two addresses'],
		['A <a@ex.com>, C <c@d.com>', 'holds two addresses'],
		['a@ex.com <c@d.com>', 'holds two addresses'],
		['"a b"@ex.com', 'has a quoted local part, which is not supported'],
		['"a@b"@ex.com', 'has a quoted local part, which is not supported'],
		['@relay,@other:a@ex.com', 'has a route, which is not supported'],
		['team: a@ex.com;', 'has a ":" before the @'],
		['mailto:a@ex.com', 'has a ":" before the @'],
		['a(home)@ex.com', 'has a comment before the @'],
		['a@ex.com(home)', 'has a comment in its domain'],
		['a b@ex.com', 'has a space before the @'],
		['a@ex .com', 'has a space in its domain'],
		['a..b@ex.com', 'has two dots in a row'],
		['.a@ex.com', 'has a dot at the edge of the part before the @'],
		['a.@ex.com', 'has a dot at the edge of the part before the @'],
		['a@ex.com.', 'has a dot at the end of its domain'],
		['a@.ex.com', 'has an empty part in its domain'],
		['a@ex..com', 'has an empty part in its domain'],
		['a@-ex.com', 'has a hyphen at the edge of a part of its domain'],
		['a@ex-.com', 'has a hyphen at the edge of a part of its domain'],
		['a@é-.com', 'accepted as a@xn----9fa.com'],
		['a@ex_am.com', 'has a "_" in its domain'],
		['a@[127.0.0.1]', 'has an address literal for a domain'],
		['a@127.0.0.1', 'has an IP address for a domain'],
		['a@１２７.1', 'has a domain that cannot exist'],
		['a@0x7f.0x1', 'has an IP address for a domain'],
		['a@xn--zzzzz999.com', 'has a domain that cannot exist'],
		[`${'l'.repeat(65)}@ex.com`, 'has more than 64 octets before the @'],
		[`${'é'.repeat(33)}@ex.com`, 'has more than 64 octets before the @'],
		[`a@${'d'.repeat(64)}.com`, 'has a part of more than 63 characters in its domain'],
		[`a@${'d'.repeat(62)}é.com`, 'has a part of more than 63 characters in its domain'],
		[`a@${`${'d'.repeat(61)}.`.repeat(4)}com`, `accepted as a@${`${'d'.repeat(61)}.`.repeat(4)}com`],
		[`ab@${`${'d'.repeat(61)}.`.repeat(4)}comm`, 'is longer than 254 octets'],
		['x'.repeat(2000), 'is too long for an address'],
		['Smith, John <a@ex.com>', 'has a name before the "<" that needs quotes around it'],
		['Bob <a@ex.com', 'has a "<" without a ">"'],
		['a@ex.com>', 'has a ">" without a "<"'],
		['Bob <a@ex.com> x', 'goes on after the ">"'],
		['Bob <>', 'has nothing between "<" and ">"'],
		['Bob <a@ex.com >', 'has a space in its domain'],
		['bob\u200b@ex.com', 'has an invisible character (U+200B) before the @'],
		['bob@ex\u00ad.com', 'has an invisible character (U+00AD) in its domain'],
		['a\u037eb@ex.com', 'has a ";" before the @'],
		['a\ud800@ex.com', 'has an invisible character (U+D800) before the @'],
		['a\u0000@ex.com', 'has a control character (U+0000)'],
		['a\u001b[2J@ex.com', 'has a control character (U+001B)'],
	] as const) {
		assert.equal(problemOf(cell), problem, JSON.stringify(cell));
	}
});

test('domainToASCII cannot be talked into another domain: slashes, percent signs, ports, look-alikes of both', () => {
	for (const domain of [
		'ex.com/b',
		'ex%41mple.com',
		'ex.com:25',
		'é／b.com',
		'é％41.com',
		'é：80',
		'℀.com',
		'é＠b.com',
		'é?x',
		'é#x',
		'é\\b',
	]) {
		assert.equal(parseAddress(`a@${domain}`).kind, 'invalid', domain);
	}
});

test('a line break anywhere in the cell is refused, also at its end', () => {
	for (const cell of [
		'a@b.com\r\nX: y@x.test',
		'a@b.com\n',
		'\ra@b.com',
		'a@b.com\u2028',
		'Bob\r\nBcc: x <a@b.com>',
		'"Bob\n" <a@b.com>',
	]) {
		assert.equal(problemOf(cell), 'has a line break', JSON.stringify(cell));
	}
});

test('whatever is accepted is safe inside angle brackets and parses to itself again', () => {
	const hostile = fc.string({
		unit: fc.constantFrom(...'ab.@<>"\\ ,;:()[]%/\r\n\t\u0000é\u0308ß。＠\u200b\u00a0x-1_ü😀'),
		maxLength: 24,
	});
	const cell = fc.oneof(
		hostile,
		fc.tuple(hostile, hostile).map(([a, b]) => `${a}@${b}.com`),
		fc.emailAddress(),
		fc.string({ unit: 'binary' }),
	);
	fc.assert(
		fc.property(cell, (text) => {
			const parsed = parseAddress(text);
			if (parsed.kind === 'invalid') {
				assert.notEqual(parsed.problem, '');
				return;
			}
			assert.match(parsed.address, /^[^\p{C}\p{Z}<>@"(),:;\\[\]]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/u);
			assert.ok(Buffer.byteLength(parsed.address) <= 254 && Buffer.byteLength(parsed.local) <= 64);
			assert.equal(parsed.smtpUtf8, /[^\u0000-\u007f]/.test(parsed.address));
			assert.deepEqual(parseAddress(parsed.address), parsed);
		}),
		{ numRuns: 3000 },
	);
});

test('a hostile cell of a megabyte is answered at once', () => {
	for (const cell of [
		' '.repeat(1_000_000),
		`${' '.repeat(900)}x`,
		`${'a.'.repeat(120)}@`,
		`a@${'a-'.repeat(120)}`,
		'"\\'.repeat(500),
		`${'<'.repeat(999)}`,
	]) {
		assert.equal(parseAddress(cell).kind, 'invalid');
	}
});
