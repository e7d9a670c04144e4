/** One row to one message (RFC 5322): header lines and bodies between the literals of the skeleton. Hot path: no promise, nothing done twice. */
import type { Address, Recipient } from '../recipients/row.ts';
import { cleanText } from '../support/clean-text.ts';
import type { Clock } from '../support/clock.ts';
import type { Body } from './compile-bodies.ts';
import type { CompiledHeader } from './compile-headers.ts';
import type { Render, TemplateData } from './compile-program.ts';
import type { Skeleton } from './compose-skeleton.ts';
import { firstHttpsUrl, lineBreakFailure, type RowFacts, valueFailure } from './header-field.ts';
import { QuotedPrintableWriter } from './quoted-printable.ts';
import type { RenderFailure, RenderResult } from './rendered-message.ts';
import type { RowContext } from './row-context.ts';

// What big providers take at most (Gmail 25 MB, Microsoft 365 defaults to 35 MB): a larger one is a runaway template or a hostile cell.
const maxMessageBytes = 25 * 1024 * 1024;

export interface RendererParts {
	readonly lines: readonly CompiledHeader[];
	readonly unsubscribe: Render | null;
	/** Null when no template asks for one. */
	readonly unsubscribeToken: ((address: Address) => string) | null;
	readonly from: Address;
	/** The envelope sender by Message-ID; null: it is `from`. */
	readonly verp: ((messageId: string) => Address) | null;
	/** Envelopes have an id. */
	readonly asksForDsn: boolean;
	readonly bodies: readonly Body[];
	readonly skeleton: Skeleton;
	readonly context: RowContext;
	readonly campaign: string;
	readonly clock: Clock;
	readonly mailDate: () => string;
	readonly messageId: (key: string) => string;
}

/** Writes one slot of the message; null, or why the row fails. */
type Fill = (facts: RowFacts) => RenderFailure | null;

export class MessageRenderer {
	readonly #parts: RendererParts;
	readonly #writer = new QuotedPrintableWriter();
	/** `literals[0] fills[0] literals[1] ...`: the skeleton as octets, with the lines that are the same for every row already in place. */
	readonly #literals: Uint8Array[] = [];
	readonly #fills: Fill[] = [];

	constructor(parts: RendererParts) {
		this.#parts = parts;
		const { literals, slots } = parts.skeleton;
		let literal = literals[0] ?? '';
		for (const [at, slot] of slots.entries()) {
			const constant = slot.kind === 'header' ? (parts.lines[slot.index]?.field.constant ?? null) : null;
			if (typeof constant === 'string') literal += constant;
			else {
				this.#literals.push(Buffer.from(literal, 'latin1'));
				this.#fills.push(slot.kind === 'header' ? this.#headerFill(slot.index) : this.#bodyFill(slot.kind));
				literal = '';
			}
			literal += literals[at + 1] ?? '';
		}
		this.#literals.push(Buffer.from(literal, 'latin1'));
	}

	render(recipient: Recipient): RenderResult {
		const { clock, context, from, verp, asksForDsn } = this.#parts;
		const startedAt = clock.monotonicMs();
		if (context.hasHiddenNul(recipient)) return this.#nulFailure(recipient);
		const facts = this.#facts(recipient);
		try {
			const unsubscribeFailure = this.#findUnsubscribeUrl(facts);
			if (unsubscribeFailure !== null) return unsubscribeFailure;
			const content = this.#content(facts);
			if (!Buffer.isBuffer(content)) return content;
			if (content.length > maxMessageBytes) return tooLarge(content.length);
			const { address } = recipient;
			const messageId = facts.options.data.message_id;
			const message = {
				recipient,
				messageId,
				envelope: {
					from: verp === null ? from : verp(messageId),
					to: address,
					smtpUtf8: !isAscii(address),
					// The hex digits of the Message-ID: nobody can guess them.
					envelopeId: asksForDsn ? messageId.slice(1, messageId.indexOf('@')) : '',
				},
				sizeBytes: content.length,
				content,
				renderMs: clock.monotonicMs() - startedAt,
			};
			return { kind: 'rendered', message };
		} catch (error) {
			// Whatever a template does on one row (a string longer than V8 allows, too), the others go on.
			return {
				kind: 'failed',
				errorType: 'template.render',
				message: cleanText(`the template failed on this row: ${String(error)}`),
			};
		}
	}

	#facts(recipient: Recipient): RowFacts {
		const { context, messageId, mailDate, campaign, unsubscribeToken } = this.#parts;
		const values = context.valuesOf(recipient);
		const data: TemplateData = {
			root: values,
			email: recipient.address,
			row: recipient.row,
			campaign,
			unsubscribe_url: '',
			unsubscribe_token: unsubscribeToken === null ? '' : unsubscribeToken(recipient.address),
			message_id: messageId(recipient.key),
			date: mailDate(),
		};
		return { recipient, values, options: { data } };
	}

	#findUnsubscribeUrl({ values, options }: RowFacts): RenderFailure | null {
		const { unsubscribe } = this.#parts;
		if (unsubscribe === null) return null;
		const url = firstHttpsUrl(unsubscribe(values, options));
		if (url === '') return valueFailure('List-Unsubscribe', 'has no <https://...> for {{@unsubscribe_url}}');
		options.data.unsubscribe_url = url;
		return null;
	}

	/** Into one run of octets, which stay where they are: joined from strings, they would be copied wherever they are looked at or sent. */
	#content(facts: RowFacts): Buffer | RenderFailure {
		const writer = this.#writer;
		// A row that failed half-way may have left something.
		writer.discard();
		for (let at = 0; at < this.#literals.length; at++) {
			const literal = this.#literals[at];
			if (literal !== undefined) writer.copy(literal);
			const failure = this.#fills[at]?.(facts) ?? null;
			if (failure !== null) return failure;
		}
		return writer.take();
	}

	#headerFill(index: number): Fill {
		const writer = this.#writer;
		const line = this.#parts.lines[index];
		// The two that are made anew stand behind the others (see compileMessage).
		if (line === undefined) {
			const isDate = index === this.#parts.lines.length;
			return ({ options: { data } }) => {
				writer.line(isDate ? `Date: ${data.date}\r\n` : `Message-ID: ${data.message_id}\r\n`);
				return null;
			};
		}
		return (facts) => {
			const rendered = line.field.render(facts);
			if (typeof rendered === 'string') {
				writer.line(rendered);
				return null;
			}
			if (rendered.errorType !== 'template.header_line_break') return rendered;
			return lineBreakFailure(line.field.name, this.#parts.context.columnWithBreak(facts.recipient, line.names));
		};
	}

	#bodyFill(kind: 'html' | 'text'): Fill {
		const body = this.#parts.bodies.find(({ part }) => part.kind === kind);
		if (body === undefined) throw new Error(`the skeleton has a ${kind} part that the template has not`);
		const writer = this.#writer;
		const { write } = body;
		const { isBodyLast } = this.#parts.skeleton;
		return ({ values, options }) => {
			writer.beginBody();
			write(values, options, writer);
			if (isBodyLast) writer.endLine();
			return null;
		};
	}

	#nulFailure(recipient: Recipient): RenderFailure {
		for (const { field, names } of this.#parts.lines) {
			const column = this.#parts.context.columnWithBreak(recipient, names);
			if (column !== null) return lineBreakFailure(field.name, column);
		}
		throw new Error('a NUL was seen in a header value and is gone');
	}
}

function tooLarge(length: number): RenderFailure {
	const message = `the message would be ${Math.ceil(length / 1024 / 1024)} MiB, the most is ${maxMessageBytes / 1024 / 1024} MiB`;
	return { kind: 'failed', errorType: 'template.too_large', message };
}

function isAscii(address: string): boolean {
	for (let at = 0; at < address.length; at++) if (address.charCodeAt(at) > 0x7f) return false;
	return true;
}
