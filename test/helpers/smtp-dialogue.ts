/** The script of an SMTP server that behaves (RFC 5321, RFC 2920), except where a test tells it not to. */
import type { Peer, Script } from './scripted-server.ts';

/** What to do instead of the usual reply: say something else (after a 421 it hangs up), hang up without a word, or never say anything again. */
export type Deviation = { readonly say: string } | { readonly hangUp: 'close' | 'reset' | 'never' };

/** A command that waits for its reply; `dot` is the end of the content. */
export interface Moment {
	readonly command: 'HELO' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'dot' | 'RSET' | 'QUIT';
	readonly connection: number;
	/** Number of the transaction on this connection, from 1. */
	readonly transaction: number;
	readonly recipient: string;
}

export interface AcceptedMail {
	readonly connection: number;
	readonly recipient: string;
	/** Without CRLF and dot-stuffing. A bare CR or LF that came over the wire is still inside. */
	readonly lines: readonly string[];
}

export interface DialogueOptions {
	/** EHLO keywords; default PIPELINING and ENHANCEDSTATUSCODES. */
	readonly keywords?: readonly string[];
	/** Null for the usual reply. */
	readonly deviate?: (moment: Moment) => Deviation | null;
	/** Gets each message that is answered with 250, before that reply is sent. */
	readonly accepted?: AcceptedMail[];
}

/** A server's script: one recipient per message, content read to the lone dot. */
export function smtpDialogue(options: DialogueOptions = {}): Script {
	return async (peer) => {
		const { connection } = peer;
		let transaction = 0;
		let recipient = '';
		let hasSender = false;
		/** Says the usual, or what the test wants instead; returns the code said, 0 when the conversation is over. */
		const answer = (command: Moment['command'], usual: string): number =>
			carryOut(peer, options.deviate?.({ command, connection, transaction, recipient }) ?? { say: usual });

		peer.send('220 relay.acme.example ESMTP\r\n');
		for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
			const [verb = ''] = line.toUpperCase().split(' ', 1);
			let code = 0;
			if (verb === 'HELO') {
				code = answer('HELO', '250 relay.acme.example');
			} else if (verb === 'EHLO') {
				code = answer('EHLO', ehloReply(options.keywords ?? ['PIPELINING', 'ENHANCEDSTATUSCODES']));
			} else if (verb === 'MAIL') {
				transaction++;
				recipient = '';
				code = answer('MAIL', '250 2.1.0 Ok');
				hasSender = code === 250;
			} else if (verb === 'RCPT') {
				recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
				code = answer('RCPT', hasSender ? '250 2.1.5 Ok' : '503 5.5.1 Error: need MAIL command');
				if (code !== 250) recipient = '';
			} else if (verb === 'DATA') {
				code = answer('DATA', recipient === '' ? '554 5.5.1 Error: no valid recipients' : '354 End data with .');
				const lines = code === 354 ? await readContent(peer) : [];
				if (lines === null) return;
				if (code === 354) {
					const deviation = options.deviate?.({ command: 'dot', connection, transaction, recipient }) ?? null;
					if (deviation === null) options.accepted?.push({ connection, recipient, lines });
					code = carryOut(peer, deviation ?? { say: `250 2.0.0 Ok: queued as ${connection}.${transaction}` });
				}
			} else if (verb === 'RSET') {
				code = answer('RSET', '250 2.0.0 Ok');
			} else if (verb === 'QUIT') {
				answer('QUIT', '221 2.0.0 Bye');
				peer.close();
			} else {
				code = carryOut(peer, { say: '502 5.5.2 Error: command not recognized' });
			}
			if (code === 0) return;
		}
	};
}

function ehloReply(keywords: readonly string[]): string {
	const lines = ['relay.acme.example', ...keywords];
	return lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
}

function carryOut(peer: Peer, deviation: Deviation): number {
	if ('say' in deviation) {
		peer.send(`${deviation.say}\r\n`);
		if (!deviation.say.startsWith('421')) return Number(deviation.say.slice(0, 3));
		peer.close();
	} else if (deviation.hangUp === 'reset') {
		peer.reset();
	} else if (deviation.hangUp === 'close') {
		peer.close();
	}
	return 0;
}

/** Lines up to the lone dot; null when the client went away before it. */
async function readContent(peer: Peer): Promise<string[] | null> {
	const lines: string[] = [];
	for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
		if (line === '.') return lines;
		lines.push(line.startsWith('.') ? line.slice(1) : line);
	}
	return null;
}
