/** Looks at how a stream of octets begins, without taking anything away from whoever reads it. */

export interface BegunOctets {
	/** The first octets: as many as were asked for or more, fewer when there are no more. */
	readonly head: Buffer;
	/** Everything, the head included; to be read to its end or let go by `return`. */
	readonly octets: AsyncIterableIterator<Buffer>;
}

/** Waits for `count` octets (at least 1) or the end. Rejects with what reading throws. */
export async function beginOctets(source: AsyncIterable<Buffer>, count: number): Promise<BegunOctets> {
	const iterator = source[Symbol.asyncIterator]();
	const pieces: Buffer[] = [];
	let length = 0;
	while (length < count) {
		const { done, value } = await iterator.next();
		if (done === true) break;
		pieces.push(value);
		length += value.length;
	}
	const [first = Buffer.alloc(0)] = pieces;
	const head = pieces.length < 2 ? first : Buffer.concat(pieces);
	return { head, octets: resumed(head, iterator) };
}

// No generator: the `finally` of one that was never started does not run, and the file would stay open.
function resumed(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncIterableIterator<Buffer> {
	let isHeadDue = head.length > 0;
	return {
		next: () => {
			if (!isHeadDue) return iterator.next();
			isHeadDue = false;
			return Promise.resolve({ done: false, value: head });
		},
		return: async () => {
			await iterator.return?.();
			return { done: true, value: undefined };
		},
		[Symbol.asyncIterator]() {
			return this;
		},
	};
}
