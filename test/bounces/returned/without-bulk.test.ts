/** Long mails are cut where nobody reads them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withoutBulk } from '../../../src/bounces/returned/without-bulk.ts';
import { dsnMail, originalHeader, read, verdict } from './mails.ts';

const line = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.\n';
const long = line.repeat(3000);
const status =
	'Reporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1';

describe('a long mail', () => {
	test('keeps its report and the header of what came back, in whatever order', async () => {
		const mail = dsnMail({ status, original: `${originalHeader}\n${long}` });
		const parts = mail.split('\n--b1\n');
		const [head = '', text = '', report = '', original = ''] = parts;
		const turned = [head, original.replace('\n--b1--\n', ''), text, report].join('\n--b1\n').concat('\n--b1--\n');
		for (const each of [mail, turned]) {
			const cut = withoutBulk(Buffer.from(each));
			assert.ok(cut.length < 60_000, `${cut.length}`);
			assert.equal(verdict(await read(each)), 'bounce bob@example.org hard/invalid_recipient suppress');
			assert.equal((await read(each)).original.messageId, '<m1@sender.example>');
		}
	});

	test('loses nothing of a report to thousands', async () => {
		const groups = Array.from(
			{ length: 3000 },
			(_, at) => `Final-Recipient: rfc822; u${at}@example.org\nAction: failed\nStatus: 5.1.1`,
		);
		const { reports } = await read(dsnMail({ status: `Reporting-MTA: dns; x.example\n\n${groups.join('\n\n')}` }));
		assert.equal(reports.length, 3000);
	});

	test('ends with a whole line', () => {
		const cut = Buffer.from(withoutBulk(Buffer.from(`Subject: x\n\n${long}`))).toString();
		assert.ok(cut.length < 100_000);
		assert.ok(cut.endsWith(line.trim()));
	});

	test('is left alone when it is not long', () => {
		const mail = Buffer.from(dsnMail({ status }));
		assert.equal(withoutBulk(mail), mail);
	});
});
