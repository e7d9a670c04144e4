/** Dialling: the stage in which it fails, the deadline, and no credential before TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { dial } from '../../src/smtp/dial.ts';
import type { ServerSettings } from '../../src/smtp/server-settings.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';

interface Stranger {
	readonly port: number;
	readonly heard: string[];
	close(): void;
}

// Ends an answer that is followed by a close.
const thenClose = '<close>';

/** A server that says `greeting` and then answers each line as `answer` tells. */
async function startStranger(
	greeting: string | null,
	answer: (line: string) => string | null = () => null,
): Promise<Stranger> {
	const heard: string[] = [];
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
		if (greeting === '') socket.end();
		else if (greeting !== null) socket.write(greeting);
		let buffered = '';
		socket.on('data', (chunk) => {
			buffered += chunk.toString('latin1');
			for (let end = buffered.indexOf('\r\n'); end !== -1; end = buffered.indexOf('\r\n')) {
				const line = buffered.slice(0, end);
				buffered = buffered.slice(end + 2);
				heard.push(line);
				const said = answer(line);
				if (said === '') socket.end();
				else if (said?.endsWith(thenClose) === true) socket.end(said.slice(0, -thenClose.length));
				else if (said !== null) socket.write(said);
			}
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return {
		port: address.port,
		heard,
		close() {
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
}

function settings(port: number, changes: Partial<ServerSettings> = {}): ServerSettings {
	return {
		host: '127.0.0.1',
		port,
		tls: 'off',
		auth: null,
		tlsCa: null,
		tlsFingerprint: '',
		clientName: 'client.example',
		...changes,
	};
}

const never = new AbortController().signal;

async function dialStranger(
	greeting: string | null,
	answer: (line: string) => string | null,
	changes: Partial<ServerSettings> = {},
	clock: Clock = systemClock,
) {
	const stranger = await startStranger(greeting, answer);
	try {
		const result = await dial(settings(stranger.port, changes), { clock, signal: never, trace: null });
		if (result.kind === 'dialled') result.socket.destroy();
		return { result, heard: stranger.heard };
	} finally {
		stranger.close();
	}
}

/** A clock on which time passes at once for the stage whose deadline is `deadlineMs`. */
function clockThatExpires(deadlineMs: number): Clock {
	return {
		...systemClock,
		after: (delayMs, callback) => systemClock.after(delayMs === deadlineMs ? 0 : delayMs, callback),
	};
}

test('a server that answers EHLO gives its capabilities and a socket without listeners', async () => {
	const stranger = await startStranger(
		'220 hi\r\n',
		() => '250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 CHUNKING\r\n',
	);
	const result = await dial(settings(stranger.port), { clock: systemClock, signal: never, trace: null });
	assert.equal(result.kind, 'dialled');
	assert.ok(result.kind === 'dialled');
	assert.equal(result.capabilities.pipelining, true);
	assert.equal(result.capabilities.chunking, true);
	assert.equal(result.capabilities.sizeLimitBytes, 1000);
	assert.equal(result.tlsVersion, '');
	for (const event of ['data', 'close', 'timeout']) assert.equal(result.socket.listenerCount(event), 0, event);
	result.socket.destroy();
	stranger.close();
	assert.deepEqual(stranger.heard, ['EHLO client.example']);
});

test('each way a server is no use is told with its stage and its own words', async () => {
	const cases = [
		{ greeting: '554 5.7.1 go away\r\n', stage: 'greeting', cause: 'rejected', message: /^554 5.7.1 go away$/ },
		{ greeting: '421 4.3.2 busy\r\n', stage: 'greeting', cause: 'service_closing', message: /421 4.3.2 busy/ },
		{
			greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n',
			stage: 'greeting',
			cause: 'out_of_step',
			message: /no SMTP server: it said "HTTP/,
		},
		{ greeting: '', stage: 'greeting', cause: 'closed', message: /closed/ },
		{ greeting: '220 hi\r\n', answer: '', stage: 'ehlo', cause: 'closed', message: /closed/ },
		{ greeting: '220 hi\r\n', answer: '502 no\r\n', stage: 'ehlo', cause: 'rejected', message: /502 no/ },
	];
	for (const { greeting, answer, stage, cause, message } of cases) {
		const { result } = await dialStranger(greeting, () => answer ?? null);
		assert.ok(result.kind === 'failed', greeting);
		assert.equal(result.stage, stage, greeting);
		assert.equal(result.cause, cause, greeting);
		assert.match(result.message, message);
	}
});

test('nobody listening is a network failure with the system code', async () => {
	const stranger = await startStranger(null);
	stranger.close();
	const result = await dial(settings(stranger.port), { clock: systemClock, signal: never, trace: null });
	assert.ok(result.kind === 'failed');
	assert.deepEqual([result.stage, result.cause, result.code], ['connect', 'network', 'ECONNREFUSED']);
});

test('a server that says nothing is given up at the deadline of the greeting', async () => {
	const { result } = await dialStranger(null, () => null, {}, clockThatExpires(300_000));
	assert.ok(result.kind === 'failed');
	assert.deepEqual([result.stage, result.cause], ['greeting', 'timeout']);
	assert.match(result.message, /did not answer in time \(waiting for the greeting\)/);
});

test('where STARTTLS is required and not offered, no credential is sent', async () => {
	const { result, heard } = await dialStranger(
		'220 hi\r\n',
		(line) => (line.startsWith('EHLO') ? '250-mx\r\n250 AUTH PLAIN LOGIN\r\n' : '502 5.5.1 not implemented\r\n'),
		{ tls: 'starttls', auth: { kind: 'password', user: 'ann', password: 'secret', origin: 'a test' } },
	);
	assert.ok(result.kind === 'failed');
	assert.deepEqual([result.stage, result.cause], ['starttls', 'no_starttls']);
	assert.ok(!heard.some((line) => line.startsWith('AUTH')), heard.join());
});

test('bytes slipped in behind the reply to STARTTLS are not taken for the secured session', async () => {
	const { result, heard } = await dialStranger(
		'220 hi\r\n',
		(line) =>
			line.startsWith('EHLO') ? '250-mx\r\n250 STARTTLS\r\n' : '220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n<close>',
		{ tls: 'starttls', auth: { kind: 'password', user: 'ann', password: 'secret', origin: 'a test' } },
	);
	assert.ok(result.kind === 'failed');
	assert.equal(result.stage, 'starttls');
	assert.ok(!heard.some((line) => line.startsWith('AUTH')), heard.join());
});

test('a refused login is told with the stage auth and the reply', async () => {
	const { result } = await dialStranger(
		'220 hi\r\n',
		(line) => (line.startsWith('EHLO') ? '250-mx\r\n250 AUTH PLAIN\r\n' : '535 5.7.8 bad credentials\r\n'),
		{ auth: { kind: 'password', user: 'ann', password: 'wrong', origin: 'a test' } },
	);
	assert.ok(result.kind === 'failed');
	assert.deepEqual([result.stage, result.cause, result.reply?.code], ['auth', 'rejected', 535]);
	assert.ok(!result.message.includes('wrong'));
});

test('a server without AUTH is not sent a password', async () => {
	const { result, heard } = await dialStranger('220 hi\r\n', () => '250 mx\r\n', {
		auth: { kind: 'password', user: 'ann', password: 'secret', origin: 'a test' },
	});
	assert.ok(result.kind === 'failed');
	assert.equal(result.cause, 'no_auth');
	assert.equal(heard.length, 1);
});

test('a stop signal ends dialling at once and leaves no listener', async () => {
	const stranger = await startStranger(null);
	const stop = new AbortController();
	const dialling = dial(settings(stranger.port), { clock: systemClock, signal: stop.signal, trace: null });
	stop.abort();
	const result = await dialling;
	assert.ok(result.kind === 'failed');
	assert.equal(result.cause, 'dropped');
	stranger.close();
});

test('a reply that nobody asked for before the first message is out of step', async () => {
	const { result } = await dialStranger('220 hi\r\n', () => '250 mx\r\n250 surprise\r\n');
	assert.ok(result.kind === 'failed');
	assert.equal(result.cause, 'out_of_step');
});

test('a server that repeats the line it did not like does not get the password into the message', async () => {
	const auth = { kind: 'password', user: 'ann', password: 'S3cret pw', origin: 'a test' } as const;
	const { result } = await dialStranger(
		'220 hi\r\n',
		(line) => (line.startsWith('EHLO') ? '250-mx\r\n250 AUTH PLAIN\r\n' : `500 5.5.1 unrecognized: "${line}"\r\n`),
		{ auth },
	);
	assert.ok(result.kind === 'failed');
	const said = JSON.stringify(result);
	assert.match(said, /\(secret\)/);
	assert.ok(!said.includes(Buffer.from('\0ann\0S3cret pw').toString('base64')), said);
	assert.ok(!said.includes('S3cret'), said);
});

test('a server that asks for one more line of AUTH for ever is asked to stop, once, and left', async () => {
	const { result, heard } = await dialStranger(
		'220 hi\r\n',
		(line) => (line.startsWith('EHLO') ? '250-mx\r\n250 AUTH PLAIN\r\n' : '334 \r\n'),
		{ auth: { kind: 'password', user: 'ann', password: 'secret', origin: 'a test' } },
	);
	assert.ok(result.kind === 'failed');
	assert.deepEqual([result.stage, result.cause], ['auth', 'out_of_step']);
	assert.deepEqual(heard.slice(2), ['*']);
});

test('a server that never answers AUTH is given up at the deadline', async () => {
	const { result } = await dialStranger(
		'220 hi\r\n',
		(line) => (line.startsWith('EHLO') ? '250-mx\r\n250 AUTH PLAIN\r\n' : null),
		{ auth: { kind: 'password', user: 'ann', password: 'secret', origin: 'a test' } },
		clockThatExpires(120_000),
	);
	assert.ok(result.kind === 'failed');
	assert.deepEqual([result.stage, result.cause, result.isTemporary], ['auth', 'timeout', true]);
});

test('a second greeting is not taken for the reply to EHLO', async () => {
	const { result } = await dialStranger('220 hi\r\n220 hi again\r\n', () => '250 mx\r\n');
	assert.ok(result.kind === 'failed');
	assert.equal(result.cause, 'out_of_step');
});
