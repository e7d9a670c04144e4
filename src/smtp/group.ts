/**
 * What is written at once (RFC 2920 §3): commands and contents in order, put together as octets in one place. A content stays where it was rendered until
 * then, outside of V8's heap: as strings, the messages under way were copied by every collection of garbage, and once more to stand beside their commands.
 */
import type { Socket } from 'node:net';

/** Commands as wire octets in a one-byte string, or a stretch of content. */
type Piece = string | Buffer;

export class Group {
	readonly #pieces: Piece[] = [];
	/** Octets. */
	length = 0;

	/** Command lines with CRLF, each character one octet. */
	commands(lines: string): void {
		if (lines === '') return;
		this.#pieces.push(lines);
		this.length += lines.length;
	}

	/** Octets of a message, which stay as they are until the group is written. */
	content(octets: Buffer): void {
		this.#pieces.push(octets);
		this.length += octets.length;
	}

	copyTo(octets: Buffer): void {
		let at = 0;
		for (const piece of this.#pieces) {
			if (typeof piece === 'string') at += octets.write(piece, at, 'latin1');
			else {
				octets.set(piece, at);
				at += piece.length;
			}
		}
	}

	/** For people: what a trace may hold (RFC 5321 §4.1.1.4, RFC 3030), each content as `<5587 octets>`. */
	get masked(): string {
		return this.#pieces.map((piece) => (typeof piece === 'string' ? piece : contentSize(piece.length))).join('');
	}
}

export function contentSize(octets: number): string {
	return `<${octets} octets>\r\n`;
}

// An ordinary message with the commands behind it. What is longer gets room of its own.
const ordinaryRoom = 16 * 1024;

/** Writes groups to one socket. */
export class GroupWriter {
	readonly #socket: Socket;
	#room: Buffer | null = null;

	constructor(socket: Socket) {
		this.#socket = socket;
	}

	write(group: Group): void {
		const { length } = group;
		if (length === 0) return;
		const room =
			length > ordinaryRoom ? Buffer.allocUnsafeSlow(length) : (this.#room ?? Buffer.allocUnsafeSlow(ordinaryRoom));
		group.copyTo(room);
		this.#socket.write(length === room.length ? room : room.subarray(0, length));
		// The kernel has it all already, or the room is on loan until it has: then the next group gets another.
		this.#room = this.#socket.writableLength === 0 && length <= ordinaryRoom ? room : null;
	}
}
