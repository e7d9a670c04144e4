import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeSegment, QuotedPrintableWriter, segmentMarker } from '../../src/message/quoted-printable.ts';

function encoded(text: string): string {
	const writer = new QuotedPrintableWriter();
	writer.write(text, []);
	return writer.take().toString('latin1');
}

/** RFC 2045 §6.7, written anew for the test. */
function decoded(text: string): string {
	const octets: number[] = [];
	const joined = text.replace(/=\r\n/g, '');
	for (let at = 0; at < joined.length; at++) {
		if (joined[at] === '=') {
			octets.push(Number.parseInt(joined.slice(at + 1, at + 3), 16));
			at += 2;
		} else octets.push(joined.charCodeAt(at));
	}
	return Buffer.from(octets).toString('utf8').replaceAll('\r\n', '\n');
}

function assertLines(text: string): void {
	for (const line of text.split('\r\n')) {
		assert.ok(line.length <= 76, `${line.length}: ${line}`);
		assert.doesNotMatch(line, /^\.|[ \t]$|[^\t\x20-\x7e]/);
	}
}

test('what needs encoding is encoded and nothing else', () => {
	const cases = {
		'plain text, with: signs!': 'plain text, with: signs!',
		'a=b': 'a=3Db',
		'.\n..\na.b': '=2E\r\n=2E.\r\na.b',
		'end \nend\t\n \n': 'end=20\r\nend=09\r\n=20\r\n',
		'last ': 'last=20',
		'é€😀': '=C3=A9=E2=82=AC=F0=9F=98=80',
		'\ud800x\udc00': '=EF=BF=BDx=EF=BF=BD',
		'\u0007\u007f': '=07=7F',
	};
	for (const [text, want] of Object.entries(cases)) assert.equal(encoded(text), want);
});

test('a line that is too long is broken softly, at 76 octets, never inside a character', () => {
	assert.equal(encoded('x'.repeat(160)), `${'x'.repeat(75)}=\r\n${'x'.repeat(75)}=\r\n${'x'.repeat(10)}`);
	assert.equal(encoded(`${'x'.repeat(70)}😀`), `${'x'.repeat(70)}=\r\n=F0=9F=98=80`);
	assert.equal(encoded(`${'x'.repeat(75)}.`), `${'x'.repeat(75)}=\r\n=2E`);
	assert.equal(encoded(`${'x'.repeat(75)}\n`), `${'x'.repeat(75)}\r\n`);
});

const pieces = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 100 }),
	fc.constantFrom(
		'.',
		'\n',
		' ',
		' \n',
		'\n.',
		'\t',
		'x'.repeat(74),
		'x'.repeat(75),
		'x'.repeat(76),
		'é'.repeat(30),
		'=',
		'',
	),
);
const cleanPieces = pieces.map((text) => text.replace(/[\r\0]/g, ''));

test('text and segments in any order decode to what they were', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.boolean(), cleanPieces), { maxLength: 12 }), (parts) => {
			const used = parts.filter(([isSegment, text]) => isSegment && text !== '').map(([, text]) => text);
			const segments = used.map(encodeSegment);
			let count = 0;
			const withMarks = parts
				.map(([isSegment, text]) => (isSegment && text !== '' ? segmentMarker(count++) : text))
				.join('');
			const writer = new QuotedPrintableWriter();

			writer.write(withMarks, segments);

			const out = writer.take().toString('latin1');
			assertLines(out);
			assert.equal(decoded(out), Buffer.from(parts.map(([, text]) => text).join('')).toString('utf8'));
		}),
		{ numRuns: 1000 },
	);
});

test('a NUL that is no mark is a bug that does not pass', () => {
	assert.throws(() => encoded('a\0b'), /NUL/);
});

test('a blank before a value stays a blank, and is =20 only where the line may end behind it', () => {
	const segments = [encodeSegment('Dear '), encodeSegment(',\n')];
	const write = (value: string) => {
		const writer = new QuotedPrintableWriter();
		writer.write(`${segmentMarker(0)}${value}${segmentMarker(1)}`, segments);
		return writer.take().toString('latin1');
	};
	assert.equal(write('Ann'), 'Dear Ann,\r\n');
	assert.equal(write('Zoë'), 'Dear Zo=C3=AB,\r\n');
	assert.equal(write(''), 'Dear=20,\r\n');
	assert.equal(write('\nx'), 'Dear=20\r\nx,\r\n');
	assert.equal(write(' x'), 'Dear=20 x,\r\n');
});

test('text and segments larger than the room there was come out whole, and the writer starts anew', () => {
	const long = 'é'.repeat(30_000);
	const segment = encodeSegment(`${'x'.repeat(60)}\n`.repeat(4_000));
	const writer = new QuotedPrintableWriter();
	for (const _ of [1, 2]) {
		writer.write(`${long}\n${segmentMarker(0)}${long}\n${segmentMarker(0)}`, [segment]);
		const out = writer.take().toString('latin1');
		assertLines(out);
		assert.equal(decoded(out), `${long}\n${`${'x'.repeat(60)}\n`.repeat(4_000)}`.repeat(2));
	}
	assert.equal(writer.take().length, 0);
});

test('a body begins its own line wherever it stands, and only its own last line is ended', () => {
	const writer = new QuotedPrintableWriter();
	writer.line('Subject: x\r\n\r\n');
	writer.beginBody();
	writer.write('.a', []);
	writer.endLine();
	writer.copy(Buffer.from('--boundary\r\n'));
	writer.beginBody();
	writer.write('b\n', []);
	writer.endLine();
	writer.beginBody();
	writer.endLine();
	assert.equal(writer.take().toString('latin1'), 'Subject: x\r\n\r\n=2Ea\r\n--boundary\r\nb\r\n\r\n');
});

test('what was written of a row that failed is in no message', () => {
	const writer = new QuotedPrintableWriter();
	writer.line('To: somebody else\r\n');
	assert.throws(() => writer.write('a\0b', []), /NUL/);
	writer.discard();
	writer.write('mine', []);
	assert.equal(writer.take().toString('latin1'), 'mine');
});

test('messages that were taken stay as they are, whatever is written behind them', () => {
	const step = fc.record({
		letter: fc.constantFrom('a', 'b', 'c'),
		// Beside short ones: the edge of a room, and messages that get one of their own.
		lines: fc.oneof(fc.nat(5), fc.nat(600), fc.integer({ min: 480, max: 1_100 })),
		fails: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(step, { minLength: 2, maxLength: 40 }), (steps) => {
			const writer = new QuotedPrintableWriter();
			const taken: { readonly octets: Buffer; readonly text: string }[] = [];
			for (const { letter, lines, fails } of steps) {
				const text = `${letter.repeat(60)}\r\n`.repeat(lines);
				writer.line('X: y\r\n');
				writer.beginBody();
				writer.write(text.replaceAll('\r\n', '\n'), []);
				if (fails) writer.discard();
				else taken.push({ octets: writer.take(), text: `X: y\r\n${text}` });
			}
			for (const { octets, text } of taken) assert.equal(octets.toString('latin1'), text);
		}),
		{ numRuns: 100 },
	);
});
