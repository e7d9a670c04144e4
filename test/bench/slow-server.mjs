/** A server that thinks: answers envelopes at once and each final dot after a delay, as a relay does that syncs a queue file. Prints its port. */
import { createServer } from 'node:net';

const delayMs = Number(process.argv[2]);

const server = createServer((socket) => {
	socket.setNoDelay(true);
	let isContent = false;
	let text = '';
	let isThinking = false;
	const say = (reply) => socket.write(reply);
	const advance = () => {
		while (!isThinking) {
			if (isContent) {
				const end = text.indexOf('\r\n.\r\n');
				if (end === -1) {
					// Only the end of the content matters.
					text = text.slice(-4);
					return;
				}
				text = text.slice(end + 5);
				isContent = false;
				isThinking = true;
				setTimeout(() => {
					isThinking = false;
					say('250 2.0.0 Ok: queued\r\n');
					advance();
				}, delayMs);
				return;
			}
			const end = text.indexOf('\r\n');
			if (end === -1) return;
			const verb = text.slice(0, 4).toUpperCase();
			text = text.slice(end + 2);
			if (verb === 'EHLO') say('250-slow.example\r\n250-PIPELINING\r\n250 SIZE 10240000\r\n');
			else if (verb === 'DATA') {
				isContent = true;
				say('354 go on\r\n');
			} else if (verb === 'QUIT') {
				say('221 bye\r\n');
				socket.end();
			} else say('250 2.1.0 Ok\r\n');
		}
	};
	socket.on('data', (chunk) => {
		text += chunk.toString('latin1');
		advance();
	});
	socket.on('error', () => {});
	say('220 slow.example\r\n');
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
