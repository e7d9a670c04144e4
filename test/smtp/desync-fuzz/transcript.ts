/** What one client wrote, read and concluded on one connection, in the order in which it happened. */
import type { Outcome } from '../../../src/smtp/outcome.ts';
import type { WireReply } from './mishaps.ts';
import type { Command } from './model-server.ts';

export type TranscriptEvent =
	/** `recipient`: of the RCPT, or whose content the dot or the last chunk ends; '' for a lone dot. */
	| { readonly kind: 'wrote'; readonly command: Command; readonly recipient: string }
	/** Its last byte arrived. */
	| { readonly kind: 'read'; readonly reply: WireReply }
	/** The end of the connection arrived. */
	| { readonly kind: 'ended' }
	| { readonly kind: 'settled'; readonly recipient: string; readonly outcome: Outcome };

export class Transcript {
	readonly events: TranscriptEvent[] = [];
	#unread = '';
	/** A content that a dot ends is being written. */
	#isInContent = false;
	/** The chunk that is being written; null while none is. */
	#chunk: { readonly command: 'BDAT' | 'LAST'; readonly octets: number } | null = null;

	/** Bytes that the client wrote, however cut. Gives whose contents they end. */
	wrote(bytes: string): string[] {
		const before = this.events.length;
		this.#unread += bytes;
		while (this.#wroteNext());
		return this.events
			.slice(before)
			.flatMap((event) => (event.kind === 'wrote' && endsContent(event.command) ? [event.recipient] : []));
	}

	/** False: there is nothing whole any more. */
	#wroteNext(): boolean {
		if (this.#chunk !== null) {
			const { command, octets } = this.#chunk;
			if (this.#unread.length < octets) return false;
			const content = this.#cut(octets);
			this.#chunk = null;
			this.#push(command, command === 'LAST' ? recipientOf(content) : '');
			return true;
		}
		if (this.#isInContent) {
			const end = this.#unread.indexOf('\r\n.\r\n');
			if (end === -1) return false;
			this.#push('dot', recipientOf(this.#cut(end + 5)));
			this.#isInContent = false;
			return true;
		}
		const end = this.#unread.indexOf('\r\n');
		if (end === -1) return false;
		// Every content begins so.
		if (this.#unread.startsWith('Subject:')) this.#isInContent = true;
		else this.#wroteLine(this.#cut(end + 2).slice(0, -2));
		return true;
	}

	#wroteLine(line: string): void {
		if (line === '.') return this.#push('dot', '');
		const verb = line.slice(0, 4);
		if (verb === 'RCPT') this.#push(verb, /<(.*)>/.exec(line)?.[1] ?? '');
		else if (verb === 'MAIL' || verb === 'DATA' || verb === 'RSET' || verb === 'QUIT') this.#push(verb, '');
		else if (verb === 'BDAT') {
			this.#chunk = { command: line.endsWith(' LAST') ? 'LAST' : 'BDAT', octets: Number(line.split(' ')[1]) };
		} else this.#push('other', '');
	}

	#push(command: Command, recipient: string): void {
		this.events.push({ kind: 'wrote', command, recipient });
	}

	#cut(length: number): string {
		const unit = this.#unread.slice(0, length);
		this.#unread = this.#unread.slice(length);
		return unit;
	}

	/** Messages that went out whole behind another one whose verdict was due. */
	get flown(): number {
		const due: Command[] = [];
		let count = 0;
		for (const event of this.events) {
			if (event.kind === 'read') due.shift();
			if (event.kind !== 'wrote') continue;
			if (event.command === 'LAST' && due.includes('LAST')) count += 1;
			due.push(event.command);
		}
		return count;
	}

	/** For people. */
	show(): string {
		return this.events.map(showEvent).join('\n');
	}
}

export function endsContent(command: Command): boolean {
	return command === 'dot' || command === 'LAST';
}

function recipientOf(content: string): string {
	return /^Dear (.*)\r$/m.exec(content)?.[1] ?? '';
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
