/** Reads events out of texts, as tests want to see them. */
import type { RelayEvent } from '../../../src/bounces/events/event-format.ts';
import { eventFormats } from '../../../src/bounces/events/event-formats.ts';
import { readEvents } from '../../../src/bounces/events/read-events.ts';

/** In pieces of `size` octets. */
export async function* octetsOf(text: string, size = 64): AsyncGenerator<Buffer> {
	const octets = Buffer.from(text);
	for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

export async function eventsIn(...values: readonly unknown[]): Promise<RelayEvent[]> {
	const events: RelayEvent[] = [];
	const text = values.map((value) => JSON.stringify(value)).join('\n');
	for await (const found of readEvents(octetsOf(text), eventFormats)) {
		if ('problem' in found) throw new Error(`${found.line}: ${found.problem}`);
		events.push(found.event);
	}
	return events;
}

/** `bounce ann@example.com hard/invalid_recipient/suppress by text:user-unknown`. */
export async function told(...values: readonly unknown[]): Promise<string[]> {
	return (await eventsIn(...values)).map(({ report }) => {
		const { kind, recipient, refusal, isUndo } = report;
		const why = refusal === null ? '' : ` ${refusal.type}/${refusal.category}/${refusal.action}`;
		return `${kind} ${recipient}${why}${isUndo ? ' taken back' : ''}`;
	});
}
