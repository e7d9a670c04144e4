/** Results for tests: one of each kind, with defaults that a test overrides by name. */
import type { Attempt } from '../../src/delivery/delivery-result.ts';
import type { Address, Malformed, Recipient } from '../../src/recipients/row.ts';
import type { Reply, Result } from '../../src/results/result.ts';
import type { Clock } from '../../src/support/clock.ts';

type Kind<K extends Result['kind']> = Extract<Result, { kind: K }>;

export const runFacts = {
	runId: '01KAMN4Q2V8D6T2YB7N5KXWCRA',
	campaign: 'november-news',
	tags: new Map<string, string>(),
};

export function makeRecipient(
	overrides: { address?: string; key?: string; row?: number; line?: number } = {},
): Recipient {
	// Not parsed on purpose: the log must hold whatever reaches it.
	const address = (overrides.address ?? 'bob@old.example') as Address;
	return { kind: 'recipient', key: address.toLowerCase(), row: 976, line: 977, fields: [], ...overrides, address };
}

export function makeReply(code: number, enhancedCode: string, ...lines: readonly string[]): Reply {
	return { code, enhancedCode, lines };
}

export const attempt: Attempt = {
	number: 1,
	isRetry: false,
	at: Date.UTC(2026, 10, 22, 9, 0, 1, 250),
	serverAddress: 'smtp.acme.example',
	serverPort: 587,
	connection: 3,
	mark: 0,
	queueMs: 12.5,
	smtpMs: 142.1,
};

function makeMessage(recipient: Recipient): Kind<'accepted'>['message'] {
	const envelope = {
		from: makeRecipient({ address: 'news@acme.example' }).address,
		to: recipient.address,
		smtpUtf8: false,
	};
	return {
		recipient,
		messageId: '<abc@acme.example>',
		envelope,
		sizeBytes: 18234,
		content: Buffer.alloc(0),
		renderMs: 0.3,
	};
}

export function makeAccepted(overrides: Partial<Kind<'accepted'>> & { recipient?: Recipient } = {}): Kind<'accepted'> {
	const { recipient = makeRecipient(), ...rest } = overrides;
	const reply = makeReply(250, '2.0.0', '2.0.0 Ok: queued as 4F2C81A0B3');
	return { kind: 'accepted', message: makeMessage(recipient), attempt, reply, ...rest };
}

export function makeBounced(overrides: Partial<Kind<'bounced'>> & { recipient?: Recipient } = {}): Kind<'bounced'> {
	const { recipient = makeRecipient(), ...rest } = overrides;
	return {
		kind: 'bounced',
		message: makeMessage(recipient),
		attempt,
		stage: 'rcpt',
		reply: makeReply(550, '5.1.1', '5.1.1 <bob@old.example>: User unknown'),
		refusal: { type: 'hard', category: 'invalid_recipient', action: 'suppress', rule: 'enhanced:5.1.1' },
		...rest,
	};
}

export function makeDeferred(overrides: Partial<Kind<'deferred'>> & { recipient?: Recipient } = {}): Kind<'deferred'> {
	const { recipient = makeRecipient(), ...rest } = overrides;
	return {
		kind: 'deferred',
		message: makeMessage(recipient),
		attempt,
		stage: 'rcpt',
		reply: makeReply(452, '4.2.2', '4.2.2 over quota'),
		refusal: { type: 'soft', category: 'mailbox_full', action: 'retry', rule: 'enhanced:4.2.2' },
		sequel: { kind: 'left' },
		...rest,
	};
}

export function makeUndelivered(
	overrides: Partial<Kind<'undelivered'>> & { recipient?: Recipient } = {},
): Kind<'undelivered'> {
	const { recipient = makeRecipient(), ...rest } = overrides;
	const why = { cause: 'closed', message: 'connection reset before the final dot', reply: null } as const;
	return {
		kind: 'undelivered',
		message: makeMessage(recipient),
		attempt,
		stage: 'content',
		why,
		sequel: { kind: 'left' },
		...rest,
	};
}

export function makeUnknown(overrides: Partial<Kind<'unknown'>> & { recipient?: Recipient } = {}): Kind<'unknown'> {
	const { recipient = makeRecipient(), ...rest } = overrides;
	const why = { cause: 'timeout', message: 'no answer within 10 minutes after the final dot', reply: null } as const;
	return { kind: 'unknown', message: makeMessage(recipient), attempt, why, ...rest };
}

export function makeFailed(): Kind<'failed'> {
	return {
		kind: 'failed',
		message: makeMessage(makeRecipient()),
		attempt,
		errorType: 'smtp.no_smtputf8',
		errorMessage: 'smtp.acme.example does not offer SMTPUTF8',
	};
}

export function makeSkipped(): Kind<'skipped'> {
	return { kind: 'skipped', recipient: makeRecipient(), reason: 'duplicate' };
}

export function makeMalformed(overrides: Partial<Malformed> = {}): Kind<'malformed'> {
	const message = 'line 14 of list.csv: "bob@" has no domain';
	return {
		kind: 'malformed',
		row: { kind: 'malformed', row: 13, line: 14, cell: 'bob@', reason: 'address.invalid', message, ...overrides },
	};
}

export function makeUnrenderable(): Kind<'unrenderable'> {
	const failure = { errorType: 'template.header_line_break', message: 'Subject: {{title}} holds a line break' };
	return { kind: 'unrenderable', recipient: makeRecipient(), failure };
}

/** One of each. */
export function allResults(): Result[] {
	return [
		makeAccepted(),
		makeBounced(),
		makeDeferred(),
		makeUndelivered(),
		makeFailed(),
		makeUnknown(),
		makeSkipped(),
		makeMalformed(),
		makeUnrenderable(),
	];
}

/** A clock that stands still until `advance`; timers fire inside it. */
export class TestClock implements Clock {
	#now = Date.UTC(2026, 10, 22, 9, 0, 0);
	readonly #start = this.#now;
	readonly #timers = new Set<{ at: number; readonly intervalMs: number; readonly callback: () => void }>();

	now(): number {
		return this.#now;
	}

	monotonicMs(): number {
		return this.#now - this.#start;
	}

	after(delayMs: number, callback: () => void): { cancel(): void } {
		return this.#add({ at: this.#now + delayMs, intervalMs: 0, callback });
	}

	every(intervalMs: number, callback: () => void): { cancel(): void } {
		return this.#add({ at: this.#now + intervalMs, intervalMs, callback });
	}

	get timers(): number {
		return this.#timers.size;
	}

	advance(milliseconds: number): void {
		const end = this.#now + milliseconds;
		for (;;) {
			const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
			if (due === undefined) break;
			this.#now = due.at;
			if (due.intervalMs > 0) due.at += due.intervalMs;
			else this.#timers.delete(due);
			due.callback();
		}
		this.#now = end;
	}

	#add(timer: { at: number; readonly intervalMs: number; readonly callback: () => void }): { cancel(): void } {
		this.#timers.add(timer);
		return { cancel: () => this.#timers.delete(timer) };
	}
}
