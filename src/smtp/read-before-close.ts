/**
 * Replies that arrived before a write failed are read before the connection is judged.
 *
 * A server may accept a message and reset the connection in one breath. Node then meets EPIPE or ECONNRESET on our next
 * write, destroys the socket at once and drops what the kernel had already received: 16 of 600 lost a 250 that way in a
 * trial (design.md §3). So a destroy that a failed write asks for is put off until the event loop has polled the socket once more.
 */
import type { Socket } from 'node:net';

export function readBeforeClose(socket: Socket): void {
	const destroyNow = socket.destroy.bind(socket);
	let isPutOff = false;
	socket.destroy = (error?: Error) => {
		if (isPutOff || error === undefined || !isWriteError(error)) return destroyNow(error);
		isPutOff = true;
		forgetReadableError(socket);
		// One turn to get behind the current poll phase, one to let the next poll phase read until the kernel has no more.
		setImmediate(() => setImmediate(() => destroyNow(error)));
		return socket;
	};
}

function isWriteError(error: Error): boolean {
	return 'syscall' in error && error.syscall === 'write';
}

/** Node marks the readable side of a duplex as failed when a write failed, and then drops what it reads. */
function forgetReadableError(socket: Socket): void {
	const { _readableState: state } = socket as unknown as { _readableState?: { errored: unknown } };
	if (state !== undefined) state.errored = null;
}
