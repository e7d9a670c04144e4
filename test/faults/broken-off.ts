/** A server that goes wrong in the middle of one recipient's content, on the first connection that brings it; over any other all is well. */
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { FaultyServer } from './fault-case.ts';

export interface BreakingOff {
	readonly recipient: string;
	readonly how: 'close' | 'reset' | 'stops_reading';
	/** Said before, without being asked. */
	readonly says?: string;
	readonly onReached?: () => void;
}

export async function brokenOff(t: TestContext, breaking: BreakingOff): Promise<FaultyServer> {
	const accepted: string[] = [];
	let hasBroken = false;
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
		let received = '';
		let recipient = '';
		let isInContent = false;
		let isOver = false;
		const breakOff = () => {
			hasBroken = true;
			isOver = true;
			breaking.onReached?.();
			if (breaking.says !== undefined) socket.write(`${breaking.says}\r\n`);
			if (breaking.how === 'reset') socket.resetAndDestroy();
			else if (breaking.how === 'stops_reading') socket.pause();
			// It goes on reading and forgets: else the kernel would reset, and what was said be lost.
			else socket.end();
		};
		socket.write('220 relay.acme.example ESMTP\r\n');
		socket.on('data', (chunk) => {
			if (isOver) return;
			received += chunk.toString('latin1');
			for (;;) {
				if (isInContent) {
					if (recipient === breaking.recipient && !hasBroken && received.length > 0) return breakOff();
					const end = received.indexOf('\r\n.\r\n');
					if (end === -1) {
						// The rest may be the beginning of the end.
						received = received.slice(-4);
						return;
					}
					received = received.slice(end + 5);
					isInContent = false;
					accepted.push(recipient);
					socket.write('250 2.0.0 Ok: queued as 1A\r\n');
					continue;
				}
				const end = received.indexOf('\r\n');
				if (end === -1) return;
				const line = received.slice(0, end);
				received = received.slice(end + 2);
				if (line.startsWith('RCPT')) recipient = /<(.*)>/.exec(line)?.[1] ?? '';
				isInContent = line === 'DATA';
				if (line.startsWith('EHLO')) socket.write('250-relay.acme.example\r\n250 PIPELINING\r\n');
				else if (line === 'QUIT') socket.end('221 2.0.0 Bye\r\n');
				else socket.write(isInContent ? '354 Go ahead\r\n' : '250 2.0.0 Ok\r\n');
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return { url: `smtp://127.0.0.1:${address.port}`, copies: () => accepted };
}
