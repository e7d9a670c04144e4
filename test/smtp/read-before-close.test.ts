/** A reply that the kernel had before our write failed is read, however its end came. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { readBeforeClose } from '../../src/smtp/read-before-close.ts';

// The peer lives in a thread, so that it can answer and reset while this one is held inside one turn of the event loop.
const peerSource = `
const { parentPort, workerData } = require('node:worker_threads');
const flag = new Int32Array(workerData.shared);
const server = require('node:net').createServer((socket) => {
	socket.on('error', () => {});
	socket.once('data', () => {
		socket.on('close', () => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); });
		socket.write('250 2.0.0 queued\\r\\n', () => socket.resetAndDestroy());
	});
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

async function heardAfterReset(guard: boolean): Promise<string> {
	const shared = new SharedArrayBuffer(4);
	const worker = new Worker(peerSource, { eval: true, workerData: { shared } });
	try {
		const [port] = await once(worker, 'message');
		const socket = connect(Number(port), '127.0.0.1');
		await once(socket, 'connect');
		if (guard) readBeforeClose(socket);
		let heard = '';
		socket.on('data', (chunk: Buffer) => {
			heard += chunk.toString();
		});
		socket.on('error', () => {});
		const closed = new Promise((resolve) => socket.on('close', resolve));
		socket.write('final dot\r\n');
		// Held here, the reply and the reset both arrive before Node can read; the next write meets the reset.
		Atomics.wait(new Int32Array(shared), 0, 0, 5000);
		socket.write('MAIL FROM:<next@x>\r\n');
		await closed;
		return heard;
	} finally {
		await worker.terminate();
	}
}

test('a 250 that arrived before the reset is read although the write behind it fails', async () => {
	for (let round = 0; round < 5; round += 1) assert.equal(await heardAfterReset(true), '250 2.0.0 queued\r\n');
});

test('without the guard Node drops that 250: the reason this file exists', async () => {
	assert.equal(await heardAfterReset(false), '');
});
