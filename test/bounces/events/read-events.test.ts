/** The seam: an event is asked of each format in order, and a further format is one more value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventFormat } from '../../../src/bounces/events/event-format.ts';
import { eventFormats } from '../../../src/bounces/events/event-formats.ts';
import { readEvents } from '../../../src/bounces/events/read-events.ts';
import { octetsOf } from './event-tools.ts';

async function read(text: string, formats: readonly EventFormat[]): Promise<string[]> {
	const lines: string[] = [];
	for await (const found of readEvents(octetsOf(text), formats)) {
		lines.push(`${found.line} ${'problem' in found ? `! ${found.problem}` : found.event.report.recipient}`);
	}
	return lines;
}

const text = [
	'{"event":"spamreport","email":"ann@example.com"}',
	'{"hello":"world"}',
	'not json',
	'{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"bob@example.com"}]},"mail":{}}',
	'{"pm":"cid@example.com"}',
].join('\n');

test('events of several relays may be mixed, and what none knows is told with its line', async () => {
	assert.deepEqual(await read(text, eventFormats), [
		'1 ann@example.com',
		'2 ! is no event of ses or sendgrid',
		'3 ! is no JSON',
		'4 bob@example.com',
		'5 ! is no event of ses or sendgrid',
	]);
});

test('one format leaves the events of another alone', async () => {
	const ses = eventFormats.filter(({ id }) => id === 'ses');
	assert.deepEqual((await read(text, ses)).slice(0, 2), ['1 ! is no event of ses', '2 ! is no event of ses']);
});

test('a further relay is one value more', async () => {
	const report = {
		kind: 'complaint',
		finalRecipient: '',
		enhancedCode: '',
		reply: '',
		server: '',
		refusal: null,
		isUndo: false,
	} as const;
	const further: EventFormat = {
		id: 'further',
		read: ({ pm }) =>
			typeof pm === 'string' ? [{ report: { ...report, recipient: pm }, messageId: '', remoteId: '', date: '' }] : null,
	};
	const lines = await read(text, [...eventFormats, further]);
	assert.deepEqual(lines.slice(3), ['4 bob@example.com', '5 cid@example.com']);
});
