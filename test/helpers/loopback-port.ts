/** Ports on 127.0.0.1 for servers that cannot be told to pick one themselves. */
import { connect, createServer } from 'node:net';

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return address.port;
}

/** Resolves once something listens on `port`; rejects when `hasEnded` becomes true before, or after 20 s. */
export async function portAnswers(port: number, hasEnded: () => boolean = () => false): Promise<void> {
	const deadline = performance.now() + 20_000;
	while (!(await answers(port))) {
		if (hasEnded()) throw new Error(`the server for port ${port} ended before it listened`);
		if (performance.now() > deadline) throw new Error(`nothing listens on port ${port}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ port, host: '127.0.0.1' });
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
}
