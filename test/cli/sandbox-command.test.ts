import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { renderEvent, sandboxCommand } from '../../src/cli/sandbox-command.ts';
import { systemClock } from '../../src/support/clock.ts';
import { FakeOutput } from './fake-output.ts';

class WatchedOutput extends FakeOutput {
	onText: () => void = () => {};

	override write(text: string): void {
		super.write(text);
		this.onText();
	}

	/** Resolves with the match, now or later. */
	shows(pattern: RegExp): Promise<RegExpExecArray> {
		return new Promise((resolve) => {
			this.onText = () => {
				const match = pattern.exec(this.text);
				if (match !== null) resolve(match);
			};
			this.onText();
		});
	}
}

function surroundings() {
	const signals = new EventEmitter();
	const [stdout, stderr] = [new WatchedOutput(), new WatchedOutput()];
	const parts = {
		command: 'mailshot sandbox',
		env: {},
		stdin: new PassThrough(),
		stdout,
		stderr,
		clock: systemClock,
		randomBytes: (count: number) => Buffer.alloc(count),
		signals,
		openTerminal: () => null,
	};
	return { signals, stdout, stderr, parts };
}

test('with --json the sandbox says where it listens and what happens as JSON lines, and nothing else, until Ctrl-C', async () => {
	const { signals, stdout, stderr, parts } = surroundings();
	const ended = sandboxCommand({ port: '0', json: true }, parts);
	const [, port] = await stdout.shows(/^\{.*"kind":"listening","host":"127\.0\.0\.1","port":(\d+),.*\}\n/);
	const socket = connect(Number(port), '127.0.0.1');
	// Not before the greeting: smtp-server refuses who talks too early.
	socket.once('data', () => {
		socket.write('EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b+bounce-550-5-1-1@example.com>\r\n');
	});
	await stdout.shows(/"kind":"refused"/);
	socket.destroy();
	signals.emit('SIGINT');
	assert.equal(await ended, 0);
	const { v, kind, to, reply } = JSON.parse(stdout.text.split('\n')[1] ?? '');
	assert.deepEqual([v, kind, to], [1, 'refused', 'b+bounce-550-5-1-1@example.com']);
	assert.match(reply, /^550 5\.1\.1 /);
	assert.equal(stderr.text, '');
	assert.deepEqual(signals.eventNames(), []);
});

test('with TLS it leaves its certificate where --tls-ca finds it, and takes it away again', async () => {
	const { signals, stderr, parts } = surroundings();
	const ended = sandboxCommand({ port: '0', tls: 'implicit', auth: 'news:secret' }, parts);
	const [, path = ''] = await stderr.shows(/--smtp smtps:\/\/news@127\.0\.0\.1:\d+ --tls-ca (\S+)\n/);
	assert.match(readFileSync(path, 'utf8'), /BEGIN CERTIFICATE/);
	assert.doesNotMatch(stderr.text, /secret/);
	signals.emit('SIGTERM');
	assert.equal(await ended, 0);
	assert.match(stderr.text, /0 messages taken, 0 refused\. Nothing was delivered\.\n$/);
	assert.throws(() => readFileSync(path), { code: 'ENOENT' });
});

test('a message is one line', () => {
	const event = {
		kind: 'message',
		number: 3,
		from: 'news@acme.example',
		to: 'zoe@example.com',
		subject: 'Zoë, your update',
		sizeBytes: 18_234,
		messageId: '<x@acme.example>',
		path: 'mail/000003-zoe@example.com.eml',
	} as const;
	const at = Date.UTC(2026, 10, 22, 9, 5, 26);
	assert.equal(
		renderEvent(event, { at, isJson: false }),
		'09:05:26  #3  zoe@example.com  18.2 KB  Zoë, your update  mail/000003-zoe@example.com.eml\n',
	);
	const refused = {
		kind: 'refused',
		to: '',
		reply: '535 5.7.8 Authentication credentials invalid',
		stage: 'auth',
	} as const;
	assert.equal(
		renderEvent(refused, { at, isJson: false }),
		'09:05:26  refused  auth  535 5.7.8 Authentication credentials invalid\n',
	);
	const closed = { kind: 'closed', to: 'a@b.example', stage: 'rcpt', by: 'sandbox' } as const;
	assert.equal(renderEvent(closed, { at, isJson: false }), '09:05:26  closed by the sandbox at rcpt  a@b.example\n');
});
