/** Reads a delivery status notification (RFC 3464): what became of each recipient. Judges no words; where it says little, the caller asks the text. */
import { type FieldGroup, findStatusFields } from './dsn-fields.ts';
import { isSameAddress } from './mail-addresses.ts';
import type { MailParts } from './mail-parts.ts';
import { fromXtext, recipientIn, statusIn, withoutType } from './typed-value.ts';

export interface DsnRecipient {
	readonly kind: 'bounce' | 'delay' | 'delivered';
	/** As written to; '' when the report names nobody. */
	readonly recipient: string;
	/** That which failed, when it is another one; '' otherwise. */
	readonly finalRecipient: string;
	/** `5.1.1`, as it stands there; '' for none. */
	readonly status: string;
	/** Diagnostic-Code without its type, one line; '' for none. */
	readonly diagnostic: string;
	/** Remote-MTA, else Reporting-MTA; '' for neither. */
	readonly server: string;
}

export interface DeliveryStatus {
	/** One for each recipient; empty when the report has none that can be read. */
	readonly recipients: readonly DsnRecipient[];
	readonly envelopeId: string;
	/** It stood in a text, where anybody may have pasted it. */
	readonly isDisguised: boolean;
}

/** Null when the mail has no delivery status. */
export function readDsn(mail: MailParts): DeliveryStatus | null {
	const fields = findStatusFields(mail);
	if (fields === null) return null;
	const { perMessage, perRecipient } = fields;
	const reportedBy = withoutType(perMessage.get('reporting-mta') ?? '');
	const recipients = new Map<string, DsnRecipient>();
	for (const group of perRecipient) {
		const one = recipientOf(group, { reportedBy, mail });
		const key = `${one.kind} ${one.recipient.toLowerCase()} ${one.finalRecipient.toLowerCase()}`;
		const known = recipients.get(key);
		if (known === undefined || known.diagnostic.length < one.diagnostic.length) recipients.set(key, one);
	}
	const envelopeId = perMessage.get('original-envelope-id') ?? '';
	return { recipients: [...recipients.values()], envelopeId, isDisguised: fields.isDisguised };
}

function recipientOf(
	group: FieldGroup,
	{ reportedBy, mail }: { readonly reportedBy: string; readonly mail: MailParts },
): DsnRecipient {
	const final = recipientIn(group.get('final-recipient') ?? '');
	const actual = recipientIn(group.get('x-actual-recipient') ?? '');
	const original = originalRecipient(group.get('original-recipient') ?? '', final);
	const recipient = original || final || actual;
	const failed = [final, actual].find((each) => each !== '' && !isSameAddress(each, recipient)) ?? '';
	const status = statusIn(group.get('status') ?? '');
	return {
		kind: kindOf(group.get('action') ?? '', status, mail),
		recipient,
		finalRecipient: failed,
		status,
		diagnostic: diagnosticOf(group),
		server: hostIn(group.get('remote-mta') ?? '') || hostIn(reportedBy),
	};
}

function originalRecipient(value: string, final: string): string {
	const written = recipientIn(value);
	return written === '' || isSameAddress(written, final) ? written : fromXtext(written);
}

// Action before Status before text (reference/bounces.md §1, rule 8). QUIRK: 41 of 305 real reports say `failed` with 4.x.x.
const actions: readonly (readonly [RegExp, DsnRecipient['kind']])[] = [
	[/^\W*(?:fail|bounce|reject|error|undeliver|not[ -]deliver|expire|unable|permanent)/i, 'bounce'],
	[/^\W*(?:delay|defer|warn|transient|temporar)/i, 'delay'],
	[/^\W*(?:deliver|relay|expand|success|forward)/i, 'delivered'],
];
const stillTried =
	/will (?:be retried|retry|continue|keep (?:on )?trying)|still (?:being|be) (?:retried|tried)|no action is required|delivery (?:has been |is )?delayed|wird (?:weiter|erneut) versucht/i;

function kindOf(action: string, status: string, { text }: MailParts): DsnRecipient['kind'] {
	for (const [pattern, kind] of actions) if (pattern.test(action)) return kind;
	if (status.startsWith('5')) return 'bounce';
	if (status.startsWith('2')) return 'delivered';
	return stillTried.test(text) ? 'delay' : 'bounce';
}

const saysLittle = /^(?:[245]\d\d[ -]?)?(?:#?[245]\.\d{1,3}\.\d{1,3})?[\s\W]*$/;

/** QUIRK: Exchange puts the reply into X-Supplementary-Info, Sendmail a reason into the comment of the Status. */
function diagnosticOf(group: FieldGroup): string {
	const diagnostic = withoutType(group.get('diagnostic-code') ?? '').replace(/^smtp\s*:\s*/i, '');
	if (!saysLittle.test(diagnostic)) return diagnostic;
	const other = withoutType(
		group.get('x-supplementary-info') ?? group.get('x-diagnostic-code') ?? group.get('x-notes') ?? '',
	);
	const comment = /\(([^()]{4,300})\)/.exec(group.get('status') ?? '')?.[1] ?? '';
	return other || (comment === '' ? diagnostic : `${diagnostic} ${comment}`.trim());
}

function hostIn(value: string): string {
	return /[\w-]+(?:\.[\w-]+)+/.exec(withoutType(value).slice(0, 300))?.[0] ?? '';
}
