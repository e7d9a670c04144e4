/** Amazon SES: notifications and event publishing, bare or in the envelopes of SNS, SQS, Lambda and EventBridge. */
import type { EventFormat, JsonObject, RelayEvent } from './event-format.ts';
import { objectIn, objectOf, objectsOf, textOf, textsOf } from './json-fields.ts';
import {
	bareAddress,
	bracketed,
	type RelayFailure,
	type RelayRefusal,
	relayRefusal,
	replyLineOf,
} from './relay-refusal.ts';
import { sesBounceClass, sesDelayClass, sesRejectClass } from './ses-classes.ts';

export const sesEvents: EventFormat = { id: 'ses', read: (object) => readObject(object, 0) };

/** Lambda holds SQS holds SNS holds the event: no envelope is deeper. */
const mostEnvelopes = 5;

function readObject(object: JsonObject, envelopes: number): readonly RelayEvent[] | null {
	const type = textOf(object, 'eventType') || textOf(object, 'notificationType');
	if (type !== '' && 'mail' in object) return readEvent(type, object);
	if (envelopes >= mostEnvelopes) return null;
	const inner = insideOf(object);
	if (inner === null) return null;
	const read = inner.map((each) => readObject(each, envelopes + 1));
	// A queue may hold other things beside.
	return inner.length > 0 && read.every((events) => events === null) ? null : read.flatMap((events) => events ?? []);
}

/** What an envelope holds; null when it is none, or holds JSON that is torn. Subscription notices and words for people hold nothing. */
function insideOf(object: JsonObject): readonly JsonObject[] | null {
	const records = [...objectsOf(object, 'Records'), ...objectsOf(object, 'Messages')];
	if (records.length > 0) return records;
	if ('Sns' in object) return [objectOf(object, 'Sns')];
	if ('detail' in object && 'detail-type' in object) return [objectOf(object, 'detail')];
	for (const name of ['Message', 'body', 'Body']) {
		const text = textOf(object, name);
		const isEnvelope = name !== 'Message' || 'TopicArn' in object;
		if (text === '' || !isEnvelope) continue;
		const held = objectIn(text);
		if (held !== null) return [held];
		return text.startsWith('{') ? null : [];
	}
	return null;
}

function readEvent(type: string, object: JsonObject): readonly RelayEvent[] {
	switch (type.toLowerCase()) {
		case 'bounce':
			return readBounce(object);
		case 'complaint':
			return readComplaint(object);
		case 'deliverydelay':
			return readDelay(object);
		case 'delivery':
			return readDelivery(object);
		case 'reject':
			return readReject(object);
		case 'subscription':
			return readSubscription(object);
		default:
			return [];
	}
}

function readBounce(object: JsonObject): RelayEvent[] {
	const bounce = objectOf(object, 'bounce');
	const [type, subtype] = [textOf(bounce, 'bounceType'), textOf(bounce, 'bounceSubType')];
	const hasUnsubscribed = subtype.toLowerCase() === 'unsubscribedrecipient';
	return objectsOf(bounce, 'bouncedRecipients').map((recipient) => {
		const why = whyOf(recipient, { kind: 'bounce', relayClass: sesBounceClass(type, subtype) });
		return eventOf(object, textOf(bounce, 'timestamp'), {
			...why,
			kind: hasUnsubscribed ? 'unsubscribe' : 'bounce',
			recipient: bareAddress(textOf(recipient, 'emailAddress')),
			server: why.server || textOf(bounce, 'remoteMtaIp'),
			refusal: hasUnsubscribed ? null : why.refusal,
		});
	});
}

function readDelay(object: JsonObject): RelayEvent[] {
	const delay = objectOf(object, 'deliveryDelay');
	const relayClass = sesDelayClass(textOf(delay, 'delayType'));
	return objectsOf(delay, 'delayedRecipients').map((recipient) =>
		eventOf(object, textOf(delay, 'timestamp'), {
			...whyOf(recipient, { kind: 'delay', relayClass }),
			kind: 'delay',
			recipient: bareAddress(textOf(recipient, 'emailAddress')),
		}),
	);
}

function whyOf(recipient: JsonObject, failure: Pick<RelayFailure, 'kind' | 'relayClass'>): RelayRefusal {
	return relayRefusal({ said: textOf(recipient, 'diagnosticCode'), status: textOf(recipient, 'status'), ...failure });
}

function readComplaint(object: JsonObject): RelayEvent[] {
	const complaint = objectOf(object, 'complaint');
	const feedback = textOf(complaint, 'complaintFeedbackType').toLowerCase();
	return objectsOf(complaint, 'complainedRecipients').map((recipient) =>
		eventOf(object, textOf(complaint, 'timestamp'), {
			// A report about authentication blames nobody (reference/bounces.md §1, rule 9).
			kind: feedback === 'auth-failure' ? 'auth-report' : 'complaint',
			recipient: bareAddress(textOf(recipient, 'emailAddress')),
			isUndo: feedback === 'not-spam',
		}),
	);
}

function readDelivery(object: JsonObject): RelayEvent[] {
	const delivery = objectOf(object, 'delivery');
	const reply = replyLineOf(textOf(delivery, 'smtpResponse'));
	return textsOf(delivery, 'recipients').map((recipient) =>
		eventOf(object, textOf(delivery, 'timestamp'), {
			kind: 'delivered',
			recipient: bareAddress(recipient),
			reply,
			server: textOf(delivery, 'remoteMtaIp'),
		}),
	);
}

/** SES took the message and found a virus in it: nobody got it. */
function readReject(object: JsonObject): RelayEvent[] {
	const reason = textOf(objectOf(object, 'reject'), 'reason');
	const why = relayRefusal({ said: reason, status: '', kind: 'bounce', relayClass: sesRejectClass });
	return textsOf(objectOf(object, 'mail'), 'destination').map((recipient) =>
		eventOf(object, '', { ...why, kind: 'bounce', recipient: bareAddress(recipient) }),
	);
}

/** List management of SES: somebody used the header or the page. Only who wants nothing at all has unsubscribed. */
function readSubscription(object: JsonObject): RelayEvent[] {
	const subscription = objectOf(object, 'subscription');
	const wantsNothing = objectOf(subscription, 'newTopicPreferences')['unsubscribeAll'] === true;
	if (!wantsNothing) return [];
	return textsOf(objectOf(object, 'mail'), 'destination').map((recipient) =>
		eventOf(object, textOf(subscription, 'timestamp'), { kind: 'unsubscribe', recipient: bareAddress(recipient) }),
	);
}

type Said = Pick<RelayEvent['report'], 'kind' | 'recipient'> & Partial<RelayEvent['report']>;

function eventOf(object: JsonObject, timestamp: string, said: Said): RelayEvent {
	const mail = objectOf(object, 'mail');
	return {
		report: { finalRecipient: '', enhancedCode: '', reply: '', server: '', refusal: null, isUndo: false, ...said },
		messageId: messageIdOf(mail),
		remoteId: textOf(mail, 'messageId'),
		date: timestamp || textOf(mail, 'timestamp'),
	};
}

/** SES puts a Message-ID of its own into what it sends; the headers as they were given to it have ours, when they are included. */
function messageIdOf(mail: JsonObject): string {
	const given = objectsOf(mail, 'headers').find((header) => textOf(header, 'name').toLowerCase() === 'message-id');
	const found = given === undefined ? '' : textOf(given, 'value');
	return bracketed(found || textOf(objectOf(mail, 'commonHeaders'), 'messageId'));
}
