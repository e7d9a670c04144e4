/** What one client wrote, read and concluded on one connection, in the order in which it happened. */
import type { Outcome } from '../../../src/smtp/outcome.ts';
import type { WireReply } from './mishaps.ts';
import type { Command } from './model-server.ts';

export type TranscriptEvent =
	/** `recipient`: of the RCPT, or whose content the dot ends; '' for a lone dot. */
	| { readonly kind: 'wrote'; readonly command: Command; readonly recipient: string }
	/** Its last byte arrived. */
	| { readonly kind: 'read'; readonly reply: WireReply }
	/** The end of the connection arrived. */
	| { readonly kind: 'ended' }
	| { readonly kind: 'settled'; readonly recipient: string; readonly outcome: Outcome };

export class Transcript {
	readonly events: TranscriptEvent[] = [];
	#line = '';
	#contentOf = '';

	/** Bytes that the client wrote, however cut. Gives whose contents they end. */
	wrote(bytes: string): string[] {
		const before = this.events.length;
		const lines = (this.#line + bytes).split('\r\n');
		this.#line = lines.pop() ?? '';
		for (const line of lines) this.#wroteLine(line);
		return this.events
			.slice(before)
			.flatMap((event) => (event.kind === 'wrote' && event.command === 'dot' ? [event.recipient] : []));
	}

	#wroteLine(line: string): void {
		if (line === '.') {
			this.events.push({ kind: 'wrote', command: 'dot', recipient: this.#contentOf });
			this.#contentOf = '';
			return;
		}
		const verb = line.slice(0, 4);
		if (verb === 'Dear') this.#contentOf = line.slice(5);
		if (verb === 'RCPT') this.events.push({ kind: 'wrote', command: verb, recipient: /<(.*)>/.exec(line)?.[1] ?? '' });
		if (verb === 'MAIL' || verb === 'DATA' || verb === 'RSET' || verb === 'QUIT') {
			this.events.push({ kind: 'wrote', command: verb, recipient: '' });
		}
	}

	/** For people. */
	show(): string {
		return this.events.map(showEvent).join('\n');
	}
}

function showEvent(event: TranscriptEvent): string {
	switch (event.kind) {
		case 'wrote':
			return `  C: ${event.command} ${event.recipient}`;
		case 'read': {
			const { truth, bytes } = event.reply;
			const meant =
				truth === null ? 'nothing asked for it' : `truly: ${truth.code} to ${truth.command} ${truth.recipient}`;
			return `  S: ${JSON.stringify(bytes.slice(0, 60))}   (${meant})`;
		}
		case 'ended':
			return '  S: (end)';
		case 'settled':
			return `  -> ${event.recipient}: ${showOutcome(event.outcome)}`;
	}
}

export function showOutcome(outcome: Outcome): string {
	if (outcome.kind === 'accepted') return `accepted ${outcome.reply.code}`;
	if (outcome.kind === 'rejected') return `rejected at ${outcome.stage} ${outcome.reply.code}`;
	return `broken at ${outcome.stage}, ${outcome.why.cause}: ${outcome.why.message}`;
}
