/** Reads what relays tell of their recipients: a stream of JSON, event by event. */
import type { EventFormat, JsonObject, RelayEvent } from './event-format.ts';
import { jsonObjects } from './json-objects.ts';

/** `line` is where the JSON object begins that it was found in, from 1. */
export type FoundEvent =
	| { readonly line: number; readonly event: RelayEvent }
	| { readonly line: number; readonly problem: string };

/** Asks the formats in order; the first that knows the object reads it. What none knows is a problem, and the next object is read. */
export async function* readEvents(
	source: AsyncIterable<Uint8Array>,
	formats: readonly EventFormat[],
): AsyncGenerator<FoundEvent> {
	const names = formats.map(({ id }) => id).join(' or ');
	for await (const found of jsonObjects(source)) {
		if ('problem' in found) {
			yield found;
			continue;
		}
		const events = eventsOf(found.object, formats);
		if (events === null) yield { line: found.line, problem: `is no event of ${names}` };
		else for (const event of events) yield { line: found.line, event };
	}
}

function eventsOf(object: JsonObject, formats: readonly EventFormat[]): readonly RelayEvent[] | null {
	for (const format of formats) {
		const events = format.read(object);
		if (events !== null) return events;
	}
	return null;
}
