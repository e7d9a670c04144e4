/** A server whose replies go over the wire as a test wants them: as bytes, in pieces, in another number. It keeps the truth: a message counts once its dot came. */
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { FaultyServer } from './fault-case.ts';

export interface WireMoment {
	readonly command: 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'dot' | 'RSET' | 'QUIT' | 'other';
	readonly recipient: string;
	/** From 1. */
	readonly connection: number;
	/** The right reply, CRLF included. */
	readonly right: string;
	/** Commands that came in one piece with this one, and stand behind it. */
	readonly behind: number;
}

/** What goes over the wire instead: bytes; with an `ending`, the server is gone afterwards. */
export type Wire = string | { readonly bytes: string; readonly ending: 'close' | 'reset' | 'silence' };

export interface WireOptions {
	readonly keywords?: readonly string[];
	/** Null for the right reply. */
	readonly say: (moment: WireMoment) => Wire | null;
	/** One octet a turn of the event loop. */
	readonly octets?: boolean;
	/** Said, and the connection closed, when nothing came for 200 ms after a verdict. */
	readonly idleWords?: string;
	/** Said again and again, every 20 ms, after an ending of `silence`. */
	readonly trickles?: string;
	/** A message whose dot came is not taken then. */
	readonly loses?: (moment: WireMoment) => boolean;
}

export interface WireServer extends FaultyServer {
	readonly connectionCount: () => number;
	/** Command lines that came. */
	readonly heard: readonly string[];
}

export async function startWireServer(t: TestContext, options: WireOptions): Promise<WireServer> {
	const accepted: string[] = [];
	const heard: string[] = [];
	const sockets = new Set<Socket>();
	let connections = 0;
	const server = createServer({ allowHalfOpen: true }, (socket) => {
		connections += 1;
		sockets.add(socket);
		socket.setNoDelay(true);
		socket.on('error', () => {});
		serve(socket, options, { connection: connections, accepted, heard });
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	const url = `smtp://127.0.0.1:${address.port}`;
	return { url, copies: () => accepted, connectionCount: () => connections, heard };
}

function serve(
	socket: Socket,
	options: WireOptions,
	{ connection, accepted, heard }: { connection: number; accepted: string[]; heard: string[] },
): void {
	const send = options.octets === true ? octetSender(socket) : (bytes: string) => void socket.write(bytes, 'latin1');
	let received = '';
	let recipient = '';
	let hasSender = false;
	let isInContent = false;
	let isOver = false;
	let idle: NodeJS.Timeout | null = null;
	/** False when a no was said. */
	const answer = (command: WireMoment['command'], right: string): boolean => {
		const behind = received.split('\r\n').length - 1;
		const moment: WireMoment = { command, recipient, connection, right: `${right}\r\n`, behind };
		if (command === 'dot' && right.startsWith('250') && options.loses?.(moment) !== true) accepted.push(recipient);
		const said = options.say(moment) ?? moment.right;
		const bytes = typeof said === 'string' ? said : said.bytes;
		send(bytes);
		if (command === 'dot' && options.idleWords !== undefined) idle = setTimeout(() => leave(), 200);
		if (typeof said === 'string') return !/^[45]/.test(bytes);
		isOver = true;
		if (options.trickles !== undefined) {
			const again = setInterval(() => socket.write(options.trickles ?? ''), 20);
			socket.once('close', () => clearInterval(again));
		}
		if (said.ending === 'close') socket.end();
		if (said.ending === 'reset') socket.resetAndDestroy();
		return false;
	};
	const leave = () => {
		if (socket.destroyed) return;
		isOver = true;
		socket.end(`${options.idleWords}\r\n`);
	};
	const line = (text: string) => {
		heard.push(text);
		const verb = text.slice(0, 4).toUpperCase();
		if (verb === 'EHLO') {
			const lines = ['wire.acme.example', ...(options.keywords ?? ['PIPELINING', 'ENHANCEDSTATUSCODES'])];
			answer('EHLO', lines.map((each, at) => `250${at === lines.length - 1 ? ' ' : '-'}${each}`).join('\r\n'));
		} else if (verb === 'MAIL') {
			hasSender = true;
			recipient = '';
			answer('MAIL', '250 2.1.0 Sender ok');
		} else if (verb === 'RCPT') {
			recipient = /<(.*)>/.exec(text)?.[1] ?? '';
			const isTaken = answer('RCPT', hasSender ? '250 2.1.5 Recipient ok' : '503 5.5.1 Need MAIL');
			if (!isTaken) recipient = '';
		} else if (verb === 'DATA') {
			isInContent = recipient !== '';
			answer('DATA', isInContent ? '354 Go ahead' : '554 5.5.1 No valid recipients');
		} else if (verb === 'RSET') {
			recipient = '';
			answer('RSET', '250 2.0.0 Ok');
		} else if (verb === 'QUIT') {
			answer('QUIT', '221 2.0.0 Bye');
			socket.end();
		} else answer('other', '502 5.5.2 What?');
	};
	send('220 wire.acme.example ESMTP\r\n');
	socket.on('end', () => socket.end());
	socket.once('close', () => {
		if (idle !== null) clearTimeout(idle);
	});
	socket.on('data', (chunk) => {
		if (idle !== null) clearTimeout(idle);
		received += chunk.toString('latin1');
		while (!isOver) {
			const separator = isInContent ? '\r\n.\r\n' : '\r\n';
			const end = received.indexOf(separator);
			if (end === -1) return;
			const unit = received.slice(0, end);
			received = received.slice(end + separator.length);
			if (!isInContent) {
				line(unit);
				continue;
			}
			isInContent = false;
			hasSender = false;
			answer('dot', '250 2.0.0 Ok: queued as 1A');
			recipient = '';
		}
	});
}

function octetSender(socket: Socket): (bytes: string) => void {
	const queue: string[] = [];
	let isRunning = false;
	const pump = () => {
		const octet = queue.shift();
		isRunning = octet !== undefined;
		if (octet === undefined) return;
		if (!socket.destroyed && socket.writable) socket.write(octet, 'latin1');
		setImmediate(pump);
	};
	return (bytes) => {
		queue.push(...bytes);
		if (!isRunning) pump();
	};
}
