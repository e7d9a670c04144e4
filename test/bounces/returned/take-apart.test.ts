/** Taking mails apart: whatever the MIME, the words and the header of what came back are found. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { takeApart } from '../../../src/bounces/returned/take-apart.ts';
import { originalHeader, textMail } from './mails.ts';

function apart(mail: string | Uint8Array) {
	return takeApart(typeof mail === 'string' ? Buffer.from(mail) : mail);
}

const head = 'From: MAILER-DAEMON@mx.example.org\nSubject: failure notice';

describe('the words of a mail', () => {
	test('are those of the text part, decoded from its charset', async () => {
		const text = Buffer.concat([
			Buffer.from(`${head}\nContent-Type: text/plain; charset=iso-2022-jp\n\n`),
			Buffer.from([0x1b, 0x24, 0x42, 0x30, 0x38, 0x40, 0x68, 0x1b, 0x28, 0x42]),
		]);
		assert.equal((await apart(text)).text.trim(), '宛先');
		const undeclared = Buffer.from(text.toString('latin1').replace('; charset=iso-2022-jp', ''), 'latin1');
		assert.equal((await apart(undeclared)).text.trim(), '宛先');
		assert.equal(
			(
				await apart(
					`${head}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nEmpf=C3=A4nger`,
				)
			).text.trim(),
			'Empfänger',
		);
	});

	test('are those of the HTML when there is nothing else', async () => {
		const html =
			'<html><head><style>p { color: red }</style><title>x</title></head><body><p>Adresse &lt;bob@example.org&gt; n&#39;existe<br>pas &eacute;t&#xe9;</p><table><tr><td>550</td><td>no</td></tr></table><!-- hidden --></body>';
		const { text } = await apart(`${head}\nContent-Type: text/html; charset=utf-8\n\n${html}`);
		assert.equal(text, "Adresse <bob@example.org> n'existe\npas été\n\n550 no");
	});

	test('are kept whole when the multipart names no boundary that occurs', async () => {
		const { text } = await apart(`${head}\nContent-Type: multipart/mixed; boundary=nope\n\nThe user does not exist.`);
		assert.equal(text.trim(), 'The user does not exist.');
	});

	test('are cut at 40 KB', async () => {
		const { length } = (await apart(`${head}\n\n${'no such user '.repeat(50_000)}`)).text;
		assert.ok(length > 38_000 && length < 42_000, `${length}`);
	});
});

describe('the header of a mail', () => {
	test('comes in order, unfolded, with encoded words decoded', async () => {
		const { headers } = await apart(
			'Subject: =?iso-8859-1?q?Fehler_f=FCr?=\n =?utf-8?b?IGRpY2g=?=\nReceived: by a\nReceived: by b\n\nx',
		);
		assert.equal(headers.get('subject'), 'Fehler für dich');
		assert.deepEqual(
			headers.all.filter(({ name }) => name === 'received').map(({ value }) => value),
			['by a', 'by b'],
		);
		assert.equal(headers.get('to'), '');
	});

	test('begins behind an mbox line, a byte order mark and empty lines', async () => {
		for (const before of [
			'From MAILER-DAEMON Mon Nov  2 10:00:00 2026\n',
			'>From a@b.example Mon\n',
			'\ufeff',
			'\n\n \n',
		]) {
			const { headers } = await apart(`${before}Subject: x\nTo: a@b.example\n\ntext`);
			assert.deepEqual(
				headers.all.map(({ name }) => name),
				['subject', 'to'],
			);
		}
	});

	test('tells type and report type whatever their case and quotes', async () => {
		const { type, reportType } = await apart(
			'Content-Type: Multipart/REPORT; boundary=x;\n Report-Type="Delivery-Status"\n\n--x--',
		);
		assert.equal(type, 'multipart/report');
		assert.equal(reportType, 'delivery-status');
	});
});

describe('the message that came back', () => {
	test('is found where a server quotes its header', async () => {
		const quotes: Readonly<Record<string, string>> = {
			exim: `------ This is a copy of the message, including all the headers. ------\n\nReturn-path: <news@sender.example>\n${originalHeader}`,
			qmail: `--- Below this line is a copy of the message.\n\nReturn-Path: <news@sender.example>\n${originalHeader}\nHello`,
			exchange: `Original message headers:\n\n${originalHeader}`,
			'with a mark before each line': originalHeader.replace(/^/gm, '> '),
			indented: originalHeader.replace(/^/gm, '   '),
		};
		for (const [name, quote] of Object.entries(quotes)) {
			const { original } = await apart(textMail(head, `I could not deliver it.\n\n${quote}`));
			assert.equal(original?.get('message-id'), '<m1@sender.example>', name);
			assert.equal(original?.get('to'), 'bob@example.org', name);
		}
	});

	test('is not the summary that a notice gives before it', async () => {
		const summary = 'From: you\nTo: bob\nSubject: your mail\n';
		const { original } = await apart(textMail(head, `${summary}\nwas not delivered:\n\n${originalHeader}`));
		assert.equal(original?.get('message-id'), '<m1@sender.example>');
	});

	test('is not the mail that is quoted within it', async () => {
		const within = originalHeader.replace('m1@', 'm2@').replace('Date:', 'Cc: x@y.example\nDate:');
		const first = originalHeader.replace(/^Received.*\n/, '');
		const { original } = await apart(textMail(head, `Not delivered:\n\n${first}\nHello\n\n${within}`));
		assert.equal(original?.get('message-id'), '<m1@sender.example>');
	});

	test('may be missing', async () => {
		assert.equal((await apart(textMail(head, 'No: it is gone.\nTo: nowhere'))).original, null);
	});
});
