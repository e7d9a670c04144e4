/** Everything that a source says of recipients: mails that came back and events of relays, one by one. */

import type { Classify } from '../bounces/classify.ts';
import type { EventFormat, RelayEvent } from '../bounces/events/event-format.ts';
import { readEvents } from '../bounces/events/read-events.ts';
import { readReturnedMail } from '../bounces/returned/read-returned-mail.ts';
import type { ReturnedMail } from '../bounces/returned/returned-mail.ts';
import { openMailboxes } from '../mailboxes/open-mailboxes.ts';
import { readProblem } from '../mailboxes/read-problem.ts';

export type Reading =
	| { readonly kind: 'mail'; readonly file: string; readonly returned: ReturnedMail }
	| { readonly kind: 'event'; readonly file: string; readonly event: RelayEvent }
	/** `count`: of lines, where several are told of at once. */
	| { readonly kind: 'problem'; readonly file: string; readonly problem: string; readonly count: number };

export interface ReadingOptions {
	readonly stdin: AsyncIterable<Buffer | string>;
	/** auto: mails and events, each file by its content. */
	readonly content: 'auto' | 'mail' | 'json';
	/** Of events. */
	readonly formats: readonly EventFormat[];
	/** What a refusal means. */
	readonly classify: Classify;
}

/** In the order of the sources. RunError 66 when one does not exist, before anything is read. */
export async function* readReturned(sources: readonly string[], options: ReadingOptions): AsyncGenerator<Reading> {
	for await (const found of openMailboxes(sources, options)) {
		const { file } = found;
		if ('problem' in found) yield { kind: 'problem', file, problem: found.problem, count: 1 };
		else if ('json' in found) yield* eventsOf(file, found.json, options.formats);
		else yield { kind: 'mail', file, returned: await readReturnedMail(found.octets, options.classify) };
	}
}

/** A file in the wrong format has thousands of wrong lines. */
const mostToldLines = 5;

async function* eventsOf(
	file: string,
	json: AsyncIterable<Buffer>,
	formats: readonly EventFormat[],
): AsyncGenerator<Reading> {
	let wrongLines = 0;
	try {
		for await (const found of readEvents(json, formats)) {
			const place = `${file}:${found.line}`;
			if ('event' in found) {
				yield { kind: 'event', file: place, event: found.event };
				continue;
			}
			wrongLines += 1;
			if (wrongLines <= mostToldLines) yield { kind: 'problem', file: place, problem: found.problem, count: 1 };
		}
	} catch (error) {
		yield { kind: 'problem', file, problem: readProblem(error), count: 1 };
	}
	const untold = wrongLines - mostToldLines;
	if (untold > 0) yield { kind: 'problem', file, problem: `${untold} more like these`, count: untold };
}
