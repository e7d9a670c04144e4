/** A node:net Socket without a network: the streams, their order of events and their errors are Node's own, the far end is the test's. */
import { Socket } from 'node:net';

export interface FarEnd {
	/** Bytes that the client handed to the kernel, one character each. Calls `taken` once there is room for more. */
	hear(text: string, taken: () => void): void;
	/** The client closed its side, or dropped the connection. */
	left(): void;
}

export class MemorySocket extends Socket {
	readonly #farEnd: FarEnd;
	#isReset = false;

	constructor(farEnd: FarEnd) {
		super();
		this.#farEnd = farEnd;
	}

	/** The far end says something; the client reads it now. */
	say(bytes: Buffer): void {
		if (!this.destroyed && !this.readableEnded) this.push(bytes);
	}

	/** FIN. */
	hangUp(): void {
		if (!this.destroyed && !this.readableEnded) this.push(null);
	}

	/** RST, which the client meets when it reads. */
	resetNow(): void {
		this.#isReset = true;
		this.destroy(systemError('ECONNRESET', 'read'));
	}

	/** RST, which the client meets at its next write, before it has read what came earlier. */
	resetAtWrite(): void {
		this.#isReset = true;
	}

	override _read(): void {}

	override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		if (this.#isReset) return done(systemError('EPIPE', 'write'));
		this.#farEnd.hear(typeof chunk === 'string' ? chunk : chunk.toString('latin1'), () => done());
	}

	override _writev(
		chunks: readonly { readonly chunk: string | Buffer; readonly encoding: BufferEncoding }[],
		done: (error?: Error | null) => void,
	): void {
		const text = chunks.map(({ chunk }) => (typeof chunk === 'string' ? chunk : chunk.toString('latin1'))).join('');
		this._write(text, 'latin1', done);
	}

	override _final(done: (error?: Error | null) => void): void {
		this.#farEnd.left();
		done();
	}

	override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
		this.#farEnd.left();
		super._destroy(error, done);
	}
}

function systemError(code: string, syscall: string): Error {
	return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}
