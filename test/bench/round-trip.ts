/** How long a line really takes: asks a mail server for nothing, a few times. */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { spread } from './measure.ts';

/** Median milliseconds from NOOP to its reply. */
export async function measureRoundTrip(port: number, times: number): Promise<number> {
	const socket = connect({ port, host: '127.0.0.1', noDelay: true });
	try {
		const replies = createInterface({ input: socket })[Symbol.asyncIterator]();
		await replies.next();
		const trips: number[] = [];
		for (let trip = 0; trip < times; trip++) {
			const sentAt = performance.now();
			socket.write('NOOP\r\n');
			await replies.next();
			trips.push(performance.now() - sentAt);
		}
		return spread(trips).median;
	} finally {
		socket.destroy();
	}
}
