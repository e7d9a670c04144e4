/** Reads one message to its final dot, into a digest and, when it is saved, into a file; back-pressure of the disk goes to the socket. */
import type { SMTPServerDataStream } from 'smtp-server';
import type { IncomingFile } from './mail-directory.ts';
import { MessageDigest } from './message-digest.ts';

/** Null: the client left before the final dot. An error of the file does not end the reading. */
export function readMessage(stream: SMTPServerDataStream, file: IncomingFile | null): Promise<MessageDigest | null> {
	return new Promise((resolve) => {
		const digest = new MessageDigest();
		stream.on('data', (chunk: Buffer) => {
			digest.push(chunk);
			// A message over the announced size is read to its end (the verdict comes after the dot), but fills no disk.
			if (file === null || stream.sizeExceeded || file.write(chunk)) return;
			stream.pause();
			file.whenWritable(() => stream.resume());
		});
		stream.on('end', () => resolve(digest));
		stream.on('error', () => resolve(null));
	});
}
