/**
 * A mail server that takes everything by DATA or BDAT (RFC 5321, 2920, 3030) and keeps nothing but count; strict about the order of commands.
 * Prints its port. Answers `counts` on standard input with a line of JSON about what it saw since the last; ends with standard input.
 *
 *   node chunking-sink.mjs [--no-pipelining] [--no-chunking] [--verdict-ms 20] [--tls-key FILE --tls-cert FILE]
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createServer as createTlsServer } from 'node:tls';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
	options: {
		'no-pipelining': { type: 'boolean', default: false },
		'no-chunking': { type: 'boolean', default: false },
		// How long it thinks about each message, as a relay does that syncs a queue file.
		'verdict-ms': { type: 'string', default: '0' },
		// With these it speaks TLS from the first byte.
		'tls-key': { type: 'string' },
		'tls-cert': { type: 'string' },
	},
});
const pipelining = !values['no-pipelining'];
const chunking = !values['no-chunking'];
const verdictMs = Number(values['verdict-ms']);

const features = [
	'sink.example',
	...(pipelining ? ['PIPELINING'] : []),
	...(chunking ? ['CHUNKING'] : []),
	'SIZE 50000000',
];
const ehloReply = features.map((word, index) => `250${index === features.length - 1 ? ' ' : '-'}${word}\r\n`).join('');

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const dot = 0x2e;
const dotLine = Buffer.from('\r\n.');
const nothing = Buffer.alloc(0);
const maxLine = 1000;

const nothingYet = { accepted: 0, octets: 0, chunked: 0, faults: 0, lastFault: '', firstMailAt: 0, lastVerdictAt: 0 };
let counts = { ...nothingYet };
let queueNumber = 0;

class Session {
	#socket;
	#input = nothing;
	#at = 0;
	/** command, content (after 354), chunk (octets of BDAT), thinking, over */
	#state = 'command';
	#isGreeted = false;
	#hasSender = false;
	#recipients = 0;
	#isChunked = false;
	#isContentStart = false;
	#octets = 0;
	#chunk = { left: 0, size: 0, isLast: false, isWanted: false };
	#replies = '';

	constructor(socket) {
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.on('data', (bytes) => {
			const isRest = this.#at < this.#input.length;
			this.#input = isRest ? Buffer.concat([this.#input.subarray(this.#at), bytes]) : bytes;
			this.#at = 0;
			this.#advance();
		});
		socket.on('end', () => socket.end());
		socket.on('error', () => {}); // A client may go at any moment.
		socket.write('220 sink.example ESMTP\r\n');
	}

	/** One write for all replies to what one read brought. */
	#advance() {
		while (this.#step());
		if (this.#replies === '') return;
		this.#socket.write(this.#replies, 'latin1');
		this.#replies = '';
		if (this.#state === 'over') this.#socket.end();
	}

	/** False when it takes more bytes, or time. */
	#step() {
		if (this.#at === this.#input.length) return false;
		if (this.#state === 'command') return this.#readCommand();
		if (this.#state === 'content') return this.#readContent();
		if (this.#state === 'chunk') return this.#readChunk();
		return false;
	}

	#readCommand() {
		const end = this.#input.indexOf(lineFeed, this.#at);
		const length = (end === -1 ? this.#input.length : end) - this.#at;
		if (length > maxLine) return this.#refuseAndClose('500 5.5.2 line too long');
		if (end === -1) return false;
		if (this.#input[end - 1] !== carriageReturn) return this.#refuseAndClose('500 5.5.2 a line without CR');
		const line = this.#input.latin1Slice(this.#at, end - 1);
		this.#at = end + 1;
		const verb = line.slice(0, 4).toUpperCase();
		const hasMore = this.#at < this.#input.length;
		// RFC 2920 §3.1: these two are the last of their group, whatever was offered.
		const endsGroup = !pipelining || verb === 'EHLO' || verb === 'DATA';
		const isOwnChunk = chunking && verb === 'BDAT';
		if (hasMore && endsGroup && !isOwnChunk)
			return this.#refuseAndClose(`554 5.5.0 sent on without waiting for ${verb}`);
		this.#obey(verb, line);
		return true;
	}

	#obey(verb, line) {
		if (verb === 'MAIL') {
			if (!this.#isGreeted || this.#hasSender) return this.#outOfOrder('MAIL');
			if (!/^MAIL FROM:</i.test(line)) return this.#fault('501 5.5.4 MAIL FROM:<address>');
			if (counts.firstMailAt === 0) counts.firstMailAt = performance.now();
			this.#hasSender = true;
			return this.#say('250 2.1.0 Ok');
		}
		if (verb === 'RCPT') {
			if (!this.#hasSender || this.#isChunked) return this.#outOfOrder('RCPT');
			if (!/^RCPT TO:<[^>]/i.test(line)) return this.#fault('501 5.5.4 RCPT TO:<address>');
			this.#recipients++;
			return this.#say('250 2.1.5 Ok');
		}
		if (verb === 'DATA') {
			if (this.#recipients === 0 || this.#isChunked) return this.#outOfOrder('DATA');
			this.#state = 'content';
			this.#isContentStart = true;
			return this.#say('354 go on');
		}
		if (verb === 'BDAT' && chunking) return this.#beginChunk(line);
		if (verb === 'EHLO' || verb === 'HELO') {
			this.#isGreeted = true;
			this.#endTransaction();
			this.#replies += verb === 'EHLO' ? ehloReply : '250 sink.example\r\n';
			return;
		}
		if (verb === 'RSET') {
			this.#endTransaction();
			return this.#say('250 2.0.0 Ok');
		}
		if (verb === 'NOOP') return this.#say('250 2.0.0 Ok');
		if (verb === 'QUIT') {
			this.#state = 'over';
			return this.#say('221 2.0.0 bye');
		}
		this.#fault(`502 5.5.1 no ${verb} here`);
	}

	/** RFC 5321 §4.5.2: the end is a dot alone on its line; a line that begins with one has one more. */
	#readContent() {
		const input = this.#input;
		if (this.#isContentStart) {
			if (input[this.#at] === dot) {
				if (input.length - this.#at < 3) return false;
				this.#at++;
				if (input[this.#at] === carriageReturn && input[this.#at + 1] === lineFeed) {
					this.#at += 2;
					return this.#decide();
				}
			}
			this.#isContentStart = false;
		}
		for (;;) {
			const found = input.indexOf(dotLine, this.#at);
			// A line end and a dot may still come in two pieces.
			const known = found === -1 ? Math.max(this.#at, input.length - 2) : found;
			this.#octets += known - this.#at;
			this.#at = known;
			if (found === -1 || input.length - found < 5) return false;
			this.#octets += 2;
			this.#at += 3;
			if (input[this.#at] === carriageReturn && input[this.#at + 1] === lineFeed) {
				this.#at += 2;
				return this.#decide();
			}
		}
	}

	/** RFC 3030 §2: the octets of a refused chunk come all the same, and are read and thrown away. */
	#beginChunk(line) {
		const parts = /^BDAT (\d{1,12})( LAST)?$/i.exec(line);
		if (parts === null) return this.#refuseAndClose('501 5.5.4 BDAT size [LAST]');
		const size = Number(parts[1]);
		this.#chunk = { left: size, size, isLast: parts[2] !== undefined, isWanted: this.#recipients > 0 };
		this.#state = 'chunk';
		// Of a chunk of no octets there is nothing to read.
		if (size === 0) this.#endChunk();
	}

	#readChunk() {
		const taken = Math.min(this.#chunk.left, this.#input.length - this.#at);
		this.#at += taken;
		this.#chunk.left -= taken;
		if (this.#chunk.left > 0) return false;
		return this.#endChunk();
	}

	#endChunk() {
		const { size, isLast, isWanted } = this.#chunk;
		this.#state = 'command';
		if (!isWanted) return this.#outOfOrder('BDAT');
		this.#isChunked = true;
		this.#octets += size;
		if (isLast) return this.#decide();
		return this.#say(`250 2.0.0 ${size} octets`);
	}

	#decide() {
		if (verdictMs === 0) return this.#accept();
		this.#state = 'thinking';
		setTimeout(() => {
			this.#accept();
			this.#advance();
		}, verdictMs);
		return false;
	}

	#accept() {
		counts.accepted++;
		counts.octets += this.#octets;
		if (this.#isChunked) counts.chunked++;
		counts.lastVerdictAt = performance.now();
		this.#endTransaction();
		this.#state = 'command';
		return this.#say(`250 2.0.0 Ok: queued as ${(++queueNumber).toString(16).toUpperCase().padStart(10, '0')}`);
	}

	#endTransaction() {
		this.#hasSender = false;
		this.#recipients = 0;
		this.#isChunked = false;
		this.#octets = 0;
	}

	#outOfOrder(verb) {
		return this.#fault(`503 5.5.1 ${verb} out of order`);
	}

	#refuseAndClose(reply) {
		this.#state = 'over';
		return this.#fault(reply);
	}

	#fault(reply) {
		counts.faults++;
		counts.lastFault = reply;
		return this.#say(reply);
	}

	#say(reply) {
		this.#replies += `${reply}\r\n`;
		return true;
	}
}

const { 'tls-key': keyFile, 'tls-cert': certificateFile } = values;
const listener = (socket) => new Session(socket);
const server =
	keyFile === undefined
		? createServer(listener)
		: createTlsServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, listener);
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

createInterface({ input: process.stdin })
	.on('line', () => {
		const { firstMailAt, lastVerdictAt, ...rest } = counts;
		process.stdout.write(`${JSON.stringify({ ...rest, spanMs: Math.max(0, lastVerdictAt - firstMailAt) })}\n`);
		counts = { ...nothingYet };
	})
	.on('close', () => process.exit(0));
