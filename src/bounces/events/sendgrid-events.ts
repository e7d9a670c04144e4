/** Twilio SendGrid: the events that its webhook posts, as a list or one a line. */
import type { EventFormat, JsonObject, RelayEvent } from './event-format.ts';
import { textOf } from './json-fields.ts';
import { bareAddress, bracketed, type RelayClass, relayRefusal, replyLineOf } from './relay-refusal.ts';
import { sendgridBounceClass, sendgridDropKind } from './sendgrid-classes.ts';

export const sendgridEvents: EventFormat = { id: 'sendgrid', read: readObject };

function readObject(object: JsonObject): readonly RelayEvent[] | null {
	const event = textOf(object, 'event').toLowerCase();
	if (event === '' || !('email' in object)) return null;
	switch (event) {
		case 'bounce':
		case 'blocked':
			return [refused(object, { kind: 'bounce', relayClass: sendgridBounceClass(object) })];
		case 'deferred':
			return [refused(object, { kind: 'delay', relayClass: { rule: 'sendgrid:deferred', category: 'system' } })];
		case 'dropped':
			return [readDrop(object)];
		case 'delivered':
			return [eventOf(object, { kind: 'delivered', reply: replyLineOf(saidIn(object)) })];
		case 'spamreport':
			return [eventOf(object, { kind: 'complaint' })];
		case 'unsubscribe':
		case 'group_unsubscribe':
			return [eventOf(object, { kind: 'unsubscribe' })];
		default:
			return [];
	}
}

/** Not even tried, for what SendGrid knew before. */
function readDrop(object: JsonObject): RelayEvent {
	const drop = sendgridDropKind(textOf(object, 'reason'));
	if (drop.kind !== 'bounce') return eventOf(object, { kind: drop.kind, reply: replyLineOf(saidIn(object)) });
	return refused(object, drop);
}

function refused(
	object: JsonObject,
	{ kind, relayClass }: { readonly kind: 'bounce' | 'delay'; readonly relayClass: RelayClass },
): RelayEvent {
	const why = relayRefusal({ said: saidIn(object), status: textOf(object, 'status'), kind, relayClass });
	return eventOf(object, { kind, ...why });
}

/** `reason` of a refusal, `response` of a delay or a delivery. */
function saidIn(object: JsonObject): string {
	return textOf(object, 'reason') || textOf(object, 'response');
}

type Said = Pick<RelayEvent['report'], 'kind'> & Partial<RelayEvent['report']>;

function eventOf(object: JsonObject, said: Said): RelayEvent {
	return {
		report: {
			recipient: bareAddress(textOf(object, 'email')),
			finalRecipient: '',
			enhancedCode: '',
			reply: '',
			server: '',
			refusal: null,
			isUndo: false,
			...said,
		},
		messageId: bracketed(textOf(object, 'smtp-id') || textOf(object, 'smtp_id')),
		// Behind the name that its 250 gave comes what happened to the message inside.
		remoteId: textOf(object, 'sg_message_id').split('.', 1)[0] ?? '',
		date: dateOf(object['timestamp']),
	};
}

/** Seconds since 1970. */
function dateOf(timestamp: unknown): string {
	const date = new Date(typeof timestamp === 'number' ? timestamp * 1000 : Number.NaN);
	return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
