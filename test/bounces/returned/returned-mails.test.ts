/**
 * Holds the reader to labelled mails that its writer had not seen (test/fixtures/returned; `real`: made by a mail server, `written`: by hand). What is still
 * read wrong stands below with the reason, so that a new miss turns this red, and a mended one as well.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readReturnedMail } from '../../../src/bounces/returned/read-returned-mail.ts';
import type { RecipientReport, ReturnedMail } from '../../../src/bounces/returned/returned-mail.ts';
import { takeApart } from '../../../src/bounces/returned/take-apart.ts';
import { textMail } from './mails.ts';

/** `?` stands for whatever is said: people may differ about it. */
interface Label {
	readonly file: string;
	readonly kind: string;
	readonly recipients?: readonly {
		readonly recipient: string;
		readonly type?: string;
		readonly category?: string;
	}[];
}

const folder = new URL('../../fixtures/returned/', import.meta.url);
/** `second/` was written when the reader was through: of it nothing was looked at but what would have suppressed somebody. */
const labels = ['', 'second/'].flatMap((lot) => readLabels(lot));

const knownMisses: Readonly<Record<string, string>> = {
	'written-gmail-not-delivered-limit.eml': 'no rule knows "You have reached a limit for sending mail" as our account',
	'written-exim-pipe-failed.eml': 'no rule knows "local delivery failed"',
	'written-mdaemon-warning.eml':
		'"transient delivery errors" sounds like trouble of the system; the transcript says that it timed out',
	'written-biglobe-biglobe.eml': '"number of messages exceeded the local limit" reads like a rate',
	'second/written-other-s2-unknown-mta-1.eml': 'the words of a server that nobody knows stand too far from the address',
	'second/written-other-s2-unknown-mta-2.eml': 'the same, and the recipient is not found',
	'second/written-other-s2-unknown-mta-3.eml': 'a numbered list in which one reply follows another',
	'written-dma-local.eml': '"DNS lookup failure" is believed more than "host not found"',
};

function readLabels(lot: string): readonly Label[] {
	const of: readonly Label[] = JSON.parse(readFileSync(new URL(`${lot}labels.json`, folder), 'utf8'));
	return of.map((label) => ({ ...label, file: lot + label.file }));
}

function missesOf(mail: ReturnedMail, label: Label): readonly string[] {
	const misses = mail.kind === label.kind ? [] : [`kind ${mail.kind}, not ${label.kind}`];
	const wanted = label.recipients ?? [];
	const names = new Set(mail.reports.map(({ recipient }) => recipient.toLowerCase()));
	const isOpen = wanted.some(({ recipient }) => recipient === '?');
	const wantedNames = new Set(wanted.map(({ recipient }) => recipient.toLowerCase()));
	if (!isOpen && label.recipients !== undefined && [...names].sort().join() !== [...wantedNames].sort().join()) {
		misses.push(`recipients ${[...names]}, not ${[...wantedNames]}`);
	}
	for (const { recipient, type, category } of wanted) {
		const report = reportAbout(mail.reports, recipient);
		misses.push(
			...differences(report?.refusal?.type ?? '', type),
			...differences(report?.refusal?.category ?? '', category),
		);
	}
	return misses;
}

function reportAbout(reports: readonly RecipientReport[], recipient: string): RecipientReport | undefined {
	return reports.find((report) => report.recipient.toLowerCase() === recipient.toLowerCase()) ?? reports[0];
}

function differences(is: string, wanted: string | undefined): readonly string[] {
	return wanted === undefined || wanted === '?' || wanted === '' || wanted === is ? [] : [`${is}, not ${wanted}`];
}

test('each labelled mail is read as its label says, except those that are known to be read wrong', async () => {
	const wrong: string[] = [];
	const mended = new Set(Object.keys(knownMisses));
	for (const label of labels) {
		const misses = missesOf(await readReturnedMail(readFileSync(new URL(label.file, folder))), label);
		if (misses.length === 0) continue;
		if (!mended.delete(label.file)) wrong.push(`${label.file}: ${misses.join('; ')}`);
	}
	assert.deepEqual(wrong, []);
	assert.deepEqual([...mended], [], 'read right now: take them off the list');
});

test('no ordinary mail is taken for one that came back', async () => {
	for (const { file, kind } of labels) {
		if (kind !== 'none') continue;
		assert.equal((await readReturnedMail(readFileSync(new URL(file, folder)))).kind, 'none', file);
	}
});

test('none of them is a returned mail any more when a person quotes it', async () => {
	const ann = 'From: Ann Bell <ann@customer.example>\nTo: news@sender.example\n';
	for (const { file } of labels.filter(({ kind }) => kind === 'bounce' || kind === 'delay')) {
		const { headers, text } = await takeApart(readFileSync(new URL(file, folder)));
		const subject = headers.get('subject');
		const quoted = text.replace(/^/gm, '> ');
		const mails = [
			textMail(
				`${ann}Subject: Fwd: ${subject}`,
				`Hi, what is this?\n\n---------- Forwarded message ---------\n${text}`,
			),
			textMail(`${ann}In-Reply-To: <a@b.example>\nSubject: Re: ${subject}`, `Thanks.\n\n${quoted}`),
			textMail(`${ann}Subject: ${subject}`, `Hi Bob,\n\nI get this from your address. Can you help?\n\n${text}`),
		];
		for (const mail of mails) assert.equal((await readReturnedMail(Buffer.from(mail))).kind, 'none', file);
	}
});
