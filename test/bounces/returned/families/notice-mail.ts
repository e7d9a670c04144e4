/** Makes returned mails out of little, as the MIME reader hands them to the families. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNotice } from '../../../../src/bounces/returned/families/text-families.ts';
import type { HeaderFields, MailParts } from '../../../../src/bounces/returned/mail-parts.ts';
import type { TextReport } from '../../../../src/bounces/returned/text-family.ts';

export function headersOf(fields: Readonly<Record<string, string>>): HeaderFields {
	const all = Object.entries(fields).map(([name, value]) => ({ name: name.toLowerCase(), value }));
	return { all, get: (name) => all.find((field) => field.name === name)?.value ?? '' };
}

export interface MailOptions {
	readonly headers?: Readonly<Record<string, string>>;
	readonly original?: Readonly<Record<string, string>>;
}

export const fromDaemon = {
	'Return-Path': '<>',
	From: 'Mail Delivery System <MAILER-DAEMON@mx.example.com>',
	To: 'news@sender.example',
	Subject: 'Undelivered Mail Returned to Sender',
};

export function mailOf(text: string, { headers = fromDaemon, original }: MailOptions = {}): MailParts {
	return {
		headers: headersOf(headers),
		type: 'text/plain',
		reportType: '',
		text,
		parts: [{ type: 'text/plain', text, fileName: '' }],
		original: original === undefined ? null : headersOf(original),
	};
}

export interface Expected extends Partial<TextReport> {
	readonly recipient: string;
	/** The reply begins so. */
	readonly says?: string;
}

/** One test: which family claims the notice and what it reads. Fields that are not given are not compared. */
export function reads(title: string, family: string, mail: MailParts, expected: readonly Expected[]): void {
	test(title, () => {
		const read = readNotice(mail);
		assert.equal(read?.family, family);
		assert.deepEqual(
			read?.reports.map((report) => report.recipient),
			expected.map((report) => report.recipient),
		);
		for (const [index, { says, ...fields }] of expected.entries()) {
			const report: TextReport | undefined = read?.reports[index];
			assert.deepEqual({ ...report, ...fields }, report, JSON.stringify(report));
			if (says !== undefined) assert.ok(report?.reply.startsWith(says), `${report?.reply} begins with ${says}`);
		}
	});
}
