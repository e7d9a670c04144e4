/**
 * A long line on 127.0.0.1: hands on every byte after a delay, each way, in order; no loss, no limit of bandwidth. Opening a connection is not delayed.
 * Prints its port; ends with standard input.
 *
 *   node delay-proxy.mjs PORT DELAY_MS
 */
import { connect, createServer } from 'node:net';

const [target, delay] = process.argv.slice(2).map(Number);
// So much is under way at 25 ms and 2.5 GB/s: a bound for memory, not for the line.
const maxUnderWay = 64 * 2 ** 20;

const server = createServer({ allowHalfOpen: true }, (client) => {
	const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
	for (const [from, to] of [
		[client, far],
		[far, client],
	]) {
		from.setNoDelay(true);
		from.on('error', () => to.destroy());
		from.on('close', () => {
			if (from.errored) to.destroy();
		});
		carry(from, to);
	}
});

/** One timer at a time, for the oldest piece; what is due together is written together. */
function carry(from, to) {
	const underWay = [];
	let bytes = 0;
	let isTiming = false;
	const wait = () => {
		if (isTiming || underWay.length === 0) return;
		isTiming = true;
		setTimeout(handOn, Math.floor(underWay[0].due - performance.now()));
	};
	const handOn = () => {
		isTiming = false;
		// A timer counts whole milliseconds: half of one too early now and then evens out one too late.
		const now = performance.now() + 0.5;
		to.cork();
		while (underWay.length > 0 && underWay[0].due <= now) {
			const { piece } = underWay.shift();
			if (piece === null) to.end();
			else to.write(piece);
			bytes -= piece?.length ?? 0;
		}
		to.uncork();
		if (bytes < maxUnderWay) from.resume();
		wait();
	};
	const put = (piece) => {
		underWay.push({ due: performance.now() + delay, piece });
		bytes += piece?.length ?? 0;
		if (bytes >= maxUnderWay) from.pause();
		wait();
	};
	from.on('data', put);
	from.on('end', () => put(null));
}

server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.resume().on('close', () => process.exit(0));
