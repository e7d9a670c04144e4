/** An abstract socket as a lock (unix(7), Linux only): the kernel gives a name to one process at a time, and frees it when that process dies, however. */
import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import type { Clock } from '../../support/clock.ts';
import { errorCode } from '../../support/file-system.ts';

/** sockaddr_un has room for so many octets, the NUL at the beginning included. */
const nameLength = 108;
const answerWithinMs = 1000;
const longestAnswer = 4096;

export type BoundSocket =
	| { readonly kind: 'held'; release(): void }
	| { readonly kind: 'taken' }
	/** This kernel, or what fences this process in, has no abstract sockets. */
	| { readonly kind: 'unavailable' };

/**
 * Always as long as a name may be: Node 20 fills shorter ones up with NULs and later versions do not, so that two processes would hold
 * two names.
 */
export function lockSocketName(
	directory: { readonly device: bigint; readonly inode: bigint },
	baseName: string,
): string {
	const digest = createHash('sha256').update(baseName).digest('hex').slice(0, 32);
	return `\0mailshot-log:${directory.device}:${directory.inode}:${digest}`.padEnd(nameLength, '.');
}

/** `answer` is what those are told who ask who holds it; it keeps no process alive. */
export function bindLockSocket(name: string, answer: () => string): Promise<BoundSocket> {
	const server = createServer((socket) => {
		socket.unref();
		socket.on('error', () => {
			// The other one asked and did not wait: nothing is owed to it.
		});
		socket.end(answer(), () => socket.destroy());
	});
	server.maxConnections = 16;
	server.unref();
	return new Promise((resolve) => {
		server.once('error', (error) => {
			resolve({ kind: errorCode(error) === 'EADDRINUSE' ? 'taken' : 'unavailable' });
		});
		server.listen({ path: name, exclusive: true }, () => resolve(held(server)));
	});
}

export interface SocketAnswer {
	readonly isHeld: boolean;
	/** '' when the holder says nothing: it is busy, suspended, or gone by now. */
	readonly text: string;
}

/** Asks who holds it; takes nothing. */
export function askLockSocket(name: string, clock: Clock): Promise<SocketAnswer> {
	return new Promise((resolve) => {
		let isHeld = false;
		let text = '';
		const socket = connect({ path: name });
		const timer = clock.after(answerWithinMs, () => socket.destroy());
		socket.setEncoding('utf8');
		socket.once('connect', () => {
			isHeld = true;
		});
		socket.on('data', (more: string) => {
			text += more;
			if (text.length > longestAnswer) socket.destroy();
		});
		socket.on('error', () => {
			// `close` follows, and what came so far is the answer.
		});
		socket.on('close', () => {
			timer.cancel();
			resolve({ isHeld, text });
		});
	});
}

function held(server: Server): BoundSocket {
	return {
		kind: 'held',
		release: () => {
			server.close();
		},
	};
}
