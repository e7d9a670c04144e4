/** The octets of a file or a stream from the beginning, unpacked when they are gz: told by content, whatever the name says. */
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { errorCode } from '../support/file-system.ts';
import { beginOctets } from './begin-octets.ts';

const chunkBytes = 64 * 1024;

/**
 * Each piece is a buffer of its own. Throws what node:fs and node:zlib throw; the file is closed whenever the reader stops. `findAgain` is asked for
 * the new name of a file that has gone, and throws or gives it.
 */
export async function* readFileOctets(path: string, findAgain?: () => Promise<string>): AsyncGenerator<Buffer> {
	yield* unpacked(fileOctets(path, findAgain));
}

/** The same for a stream that is open already. */
export async function* readStreamOctets(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
	yield* unpacked(streamOctets(stream));
}

async function* fileOctets(path: string, findAgain: (() => Promise<string>) | undefined): AsyncGenerator<Buffer> {
	const handle = await openFile(path, findAgain);
	try {
		for (;;) {
			const chunk = Buffer.allocUnsafeSlow(chunkBytes);
			const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
			if (bytesRead === 0) return;
			yield chunk.subarray(0, bytesRead);
		}
	} finally {
		await handle.close();
	}
}

async function openFile(path: string, findAgain: (() => Promise<string>) | undefined): Promise<FileHandle> {
	try {
		return await open(path, 'r');
	} catch (error) {
		if (findAgain === undefined || errorCode(error) !== 'ENOENT') throw error;
		return await open(await findAgain(), 'r');
	}
}

async function* streamOctets(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
	for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

async function* unpacked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	const { head, octets } = await beginOctets(source, 2);
	// RFC 1952 §2.3.1.
	if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(octets);
	else yield* octets;
}

async function* gunzipped(octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	const unpacking = createGunzip({ chunkSize: chunkBytes });
	// What breaks it comes out of the loop below as well.
	const flowing = pipeline(octets, unpacking).catch(() => {});
	for await (const chunk of unpacking) yield Buffer.from(chunk);
	await flowing;
}
