/** Messages that stay in the queue keep no more memory than their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParcelQueue } from '../../src/delivery/parcel-queue.ts';
import { messageFor } from './run-delivery.ts';

/** As the renderer makes them: one behind the other in one room. */
function queueOfShared(texts: readonly string[]): ParcelQueue {
	const room = Buffer.from(texts.join(''), 'latin1');
	let at = 0;
	const messages = texts.map((text, nth) => {
		at += text.length;
		return messageFor(`r${nth}@x.example`, { content: room.subarray(at - text.length, at), sizeBytes: text.length });
	});
	return new ParcelQueue({
		source: { next: () => messages.shift() ?? null, ended: false, round: 0, whenReadable: () => {} },
		monotonicMs: () => 0,
		domainPace: null,
		maxWaiting: undefined,
	});
}

test('a message that waits, or comes last, has its octets for itself', () => {
	const texts = ['first\r\n', 'second\r\n', 'third\r\n'];
	const queue = queueOfShared(texts);
	const [waiting, suspect] = [queue.take(), queue.take()];
	assert.ok(waiting !== null && suspect !== null);
	assert.ok(waiting.content.buffer.byteLength > waiting.content.length, 'they share a room');

	assert.ok(queue.wait(waiting, 0));
	queue.putBack(suspect, true);

	for (const [parcel, text] of [
		[waiting, texts[0]],
		[suspect, texts[1]],
	] as const) {
		assert.equal(parcel.content.toString('latin1'), text);
		assert.equal(parcel.content.buffer.byteLength, parcel.content.length);
		assert.equal(parcel.message.content, parcel.content);
	}
});
