/** A client that says exactly what a test says, byte for byte, and reads whole replies. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export class RawClient {
	#socket: Socket;
	#received = '';
	#isEnded = false;
	#wake: () => void = () => {};

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.setNoDelay(true);
		this.#listen(socket);
	}

	/** Connects and reads the greeting. */
	static async connect(port: number): Promise<RawClient> {
		const client = new RawClient(connect(port, '127.0.0.1'));
		await client.reply();
		return client;
	}

	/** The same over implicit TLS, trusting `ca` only. */
	static async connectTls(port: number, ca: string): Promise<RawClient> {
		const socket = connectTls({ port, host: '127.0.0.1', ca });
		await once(socket, 'secureConnect');
		const client = new RawClient(socket);
		await client.reply();
		return client;
	}

	/** One reply with all its lines, CRLF between them; 'closed' when the server ended the connection instead. */
	async reply(): Promise<string> {
		for (;;) {
			const end = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#received);
			if (end !== null) {
				this.#received = this.#received.slice(end[0].length);
				return end[0].trimEnd();
			}
			if (this.#isEnded) return this.#received === '' ? 'closed' : `closed after ${this.#received}`;
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	write(text: string | Buffer): void {
		this.#socket.write(text);
	}

	/** Sends a line and reads its reply. */
	async say(line: string): Promise<string> {
		this.write(`${line}\r\n`);
		return this.reply();
	}

	/** EHLO, MAIL, RCPT, DATA and content as far as the server lets it; the reply that ended it. */
	async mail(to: string, content = 'Subject: Hello\r\n\r\nbody\r\n'): Promise<string> {
		await this.say('EHLO client.example');
		const from = await this.say('MAIL FROM:<news@acme.example> BODY=8BITMIME SMTPUTF8');
		if (!from.startsWith('250')) return from;
		const recipient = await this.say(`RCPT TO:<${to}>`);
		if (!recipient.startsWith('250')) return recipient;
		await this.say('DATA');
		this.write(content);
		return this.say('.');
	}

	async startTls(ca: string): Promise<void> {
		await this.say('STARTTLS');
		this.#socket.removeAllListeners();
		const secure = connectTls({ socket: this.#socket, servername: 'localhost', ca });
		await once(secure, 'secureConnect');
		this.#socket = secure;
		this.#listen(secure);
	}

	/** Gone without a word. */
	break(): void {
		this.#socket.destroy();
	}

	#listen(socket: Socket): void {
		socket.on('data', (chunk: Buffer) => {
			this.#received += chunk.toString('latin1');
			this.#wake();
		});
		const end = () => {
			this.#isEnded = true;
			this.#wake();
		};
		socket.on('end', end);
		socket.on('close', end);
		socket.on('error', end);
	}
}
