/** A raw TCP server whose side of each conversation is a small script: for servers that misbehave. */
import { createServer, type Socket } from 'node:net';

/** One connection as the script sees it. */
export interface Peer {
	/** 1 for the first connection. */
	readonly connection: number;
	/** Writes bytes as they are. */
	send(text: string): void;
	/** Next line without its CRLF (a bare CR or LF stays in it); null when the client has gone. */
	readLine(): Promise<string | null>;
	/** Resolves when the client has gone. */
	gone(): Promise<void>;
	/** Sends FIN after what was written. */
	close(): void;
	/** Sends RST, now. */
	reset(): void;
}

export type Script = (peer: Peer) => Promise<void> | void;

export interface ScriptedServer {
	readonly port: number;
	readonly url: string;
	/** All lines that were read, with the connection they came on. */
	readonly heard: readonly { readonly connection: number; readonly line: string }[];
	/** Connections so far. */
	readonly connectionCount: number;
	/** Most conversations at one moment; one is over when either side has ended it. */
	readonly peakConnections: number;
	/** Resolves at the first connection, or at once when there was one. */
	connected(): Promise<void>;
	stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1; `script` is run for each connection. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
	const heard: { connection: number; line: string }[] = [];
	const sockets = new Set<Socket>();
	let connectionCount = 0;
	let underWay = 0;
	let peakConnections = 0;
	let noteConnected = () => {};
	const firstConnection = new Promise<void>((resolve) => {
		noteConnected = resolve;
	});
	const server = createServer((socket) => {
		connectionCount++;
		sockets.add(socket);
		underWay++;
		peakConnections = Math.max(peakConnections, underWay);
		let isOver = false;
		const noteOver = () => {
			if (!isOver) underWay--;
			isOver = true;
		};
		for (const event of ['finish', 'end', 'close']) socket.once(event, noteOver);
		socket.once('close', () => sockets.delete(socket));
		// The client may hang up at any moment: that is what many scripts provoke.
		socket.on('error', () => {});
		noteConnected();
		void script(makePeer(socket, connectionCount, (connection, line) => heard.push({ connection, line })));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return {
		port: address.port,
		url: `smtp://127.0.0.1:${address.port}`,
		heard,
		get connectionCount() {
			return connectionCount;
		},
		get peakConnections() {
			return peakConnections;
		},
		connected: () => firstConnection,
		stop() {
			for (const socket of sockets) socket.destroy();
			return new Promise((resolve) => server.close(() => resolve()));
		},
	};
}

function makePeer(socket: Socket, connection: number, hear: (connection: number, line: string) => void): Peer {
	socket.setNoDelay(true);
	const readLine = lineReader(socket);
	const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
	return {
		connection,
		send: (text) => {
			socket.write(text, 'latin1');
		},
		async readLine() {
			const line = await readLine();
			if (line !== null) hear(connection, line);
			return line;
		},
		gone: () => gone,
		close: () => {
			socket.end();
		},
		reset: () => {
			socket.resetAndDestroy();
		},
	};
}

/** Only CRLF ends a line: a bare CR or LF stays visible to the test. */
function lineReader(socket: Socket): () => Promise<string | null> {
	let received = '';
	let ended = false;
	let wake = () => {};
	socket.setEncoding('latin1');
	socket.on('data', (text: string) => {
		received += text;
		wake();
	});
	for (const event of ['end', 'close']) {
		socket.once(event, () => {
			ended = true;
			wake();
		});
	}
	return async () => {
		let end = received.indexOf('\r\n');
		while (end === -1 && !ended) {
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
			end = received.indexOf('\r\n');
		}
		if (end === -1) return null;
		const line = received.slice(0, end);
		received = received.slice(end + 2);
		return line;
	};
}
