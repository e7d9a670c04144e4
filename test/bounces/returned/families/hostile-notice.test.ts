/** A quarter of a megabyte made to hurt is read in bounded work: no family throws, none runs away with time or memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNotice, textFamilies } from '../../../../src/bounces/returned/families/text-families.ts';
import { mailOf } from './notice-mail.ts';

const size = 262_144;
const pieces = [
	'<',
	'@',
	'<@',
	'a@',
	'<a@b>',
	'5',
	'550 ',
	'550 5.1.1 ',
	'\n',
	' \n',
	'\t',
	'----- ',
	'----- a -----\n',
	'"',
	'(',
	'550-a\n',
	'a@b.c ',
	'a@b.c\n',
	'>>> RCPT TO:<a@b.c>\n',
	': ',
	'** a **\n',
	'\u0130',
	'宛',
	'=',
	'\u0000',
	'1.',
	'{"',
	'[\n',
];
const openings = [
	'',
	'The following address(es) failed:\n',
	'   ----- Transcript of session follows -----\n',
	'Diagnostic information for administrators:\nGenerating server:',
	'** Address not found **\ngoogle ',
	'{"bouncedRecipients":',
	'could not be delivered: ',
];

for (const opening of openings) {
	test(`hostile text behind "${opening.slice(0, 30).trim()}" is read`, () => {
		for (const piece of pieces) {
			const text = opening + piece.repeat(Math.ceil(size / piece.length));
			const read = readNotice(mailOf(text));
			assert.ok(read === null || read.reports.length > 0);
			assert.ok((read?.reports.length ?? 0) <= 400);
			for (const report of read?.reports ?? []) {
				assert.ok(report.reply.length <= 2_000 && !report.reply.includes('\n'));
				assert.ok(report.recipient.length <= 400);
			}
		}
	});
}

test('empty mails belong to nobody, or name nobody', () => {
	for (const { id, read } of textFamilies) {
		const reports = read(mailOf(''));
		assert.ok(reports === null || reports.every(({ recipient }) => recipient === ''), id);
	}
});
