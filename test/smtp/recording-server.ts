/** A mail server that keeps every byte it is told, apart for what came in clear and what came over TLS. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';

/** Says this, and then speaks TLS. */
export interface StartTls {
	readonly startTls: string;
}

export interface RecordingOptions {
	/** Bytes as they are; null: it says nothing. */
	readonly greeting: string | Buffer | null;
	readonly answer?: (line: string, isSecure: boolean) => string | StartTls | null;
	/** Certificate, key, versions. */
	readonly tls?: SecureContextOptions;
	readonly isImplicit?: boolean;
	/** Every answer goes out in pieces of so many octets, each in a packet of its own. */
	readonly pieceBytes?: number;
}

export interface RecordingServer {
	readonly port: number;
	/** All lines of all connections that came in clear. */
	readonly inClear: readonly string[];
	readonly overTls: readonly string[];
	readonly connections: number;
	/** Resolves when bytes of any kind have come. */
	heardSomething(): Promise<void>;
	close(): void;
}

export async function startRecordingServer(options: RecordingOptions): Promise<RecordingServer> {
	const { greeting, answer = () => null, tls, isImplicit = false, pieceBytes = Number.POSITIVE_INFINITY } = options;
	const inClear: string[] = [];
	const overTls: string[] = [];
	const sockets = new Set<Socket>();
	let connections = 0;
	let noteHeard = (): void => {};
	const heard = new Promise<void>((resolve) => {
		noteHeard = resolve;
	});
	const say = (socket: Socket, text: string | Buffer): void => {
		const bytes = Buffer.from(text);
		const sayFrom = (at: number): void => {
			if (at >= bytes.length) return;
			socket.write(bytes.subarray(at, at + pieceBytes), () => setImmediate(() => sayFrom(at + pieceBytes)));
		};
		sayFrom(0);
	};
	const converse = (socket: Socket, isSecure: boolean): void => {
		let buffered = '';
		socket.on('error', () => {});
		const read = (chunk: Buffer): void => {
			noteHeard();
			buffered += chunk.toString('latin1');
			for (let end = buffered.indexOf('\r\n'); end !== -1; end = buffered.indexOf('\r\n')) {
				const line = buffered.slice(0, end);
				buffered = buffered.slice(end + 2);
				(isSecure ? overTls : inClear).push(line);
				const said = answer(line, isSecure);
				if (typeof said === 'string') say(socket, said);
				else if (said !== null) {
					socket.off('data', read);
					socket.write(said.startTls);
					converse(secure(socket, tls ?? {}), true);
				}
			}
		};
		socket.on('data', read);
	};
	const server = createServer((socket) => {
		connections += 1;
		sockets.add(socket);
		socket.setNoDelay(true);
		socket.on('error', () => {});
		const stream = isImplicit ? secure(socket, tls ?? {}) : socket;
		converse(stream, isImplicit);
		if (greeting === null) return;
		if (isImplicit) stream.once('secure', () => say(stream, greeting));
		else say(stream, greeting);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return {
		port: address.port,
		inClear,
		overTls,
		get connections() {
			return connections;
		},
		heardSomething: () => heard,
		close() {
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
}

function secure(socket: Socket, options: SecureContextOptions): TLSSocket {
	const stream = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(options) });
	// Clients that do not like the certificate hang up.
	stream.on('error', () => {});
	return stream;
}
