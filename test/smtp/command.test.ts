/** Every octet of a command passes command.ts: nothing that it builds ends a line or a path early, and no content ends itself (RFC 5321 §4.1.1, §4.5.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCapabilities } from '../../src/smtp/capabilities.ts';
import { dotStuff, mailCommand, rcptCommand, type Submission } from '../../src/smtp/command.ts';

/** As a server reads it: to the lone dot, one dot taken off each line that begins with one. */
function received(wire: string): { readonly content: string; readonly rest: string } {
	const lines = wire.split('\r\n');
	const end = lines.indexOf('.');
	assert.notEqual(end, -1, 'no lone dot');
	const content = lines.slice(0, end).map((line) => `${line.startsWith('.') ? line.slice(1) : line}\r\n`);
	return { content: content.join(''), rest: lines.slice(end + 1).join('\r\n') };
}

/** Lines that are made of what is dangerous. */
const line = fc.array(fc.constantFrom('.', '..', 'a', ' ', '=2E', '\r', '\n', '.\r', '\n.', 'QUIT', 'é'), {
	maxLength: 6,
});
const content = fc
	.array(line, { minLength: 1, maxLength: 12 })
	// A bare CR at the end of a line and a bare LF after it would be a line end.
	.map((lines) => lines.map((parts) => `${parts.join('').replaceAll('\r\n', '').replace(/\r+$/, '')}\r\n`).join(''));

test('whatever the content is, the server reads the same and the command behind it', () => {
	fc.assert(
		fc.property(content, (text) => {
			const stuffed = dotStuff(Buffer.from(text, 'latin1')).toString('latin1');
			const seen = received(`${stuffed}.\r\nMAIL FROM:<next@acme.example>\r\n`);
			assert.equal(seen.content, text);
			assert.equal(seen.rest, 'MAIL FROM:<next@acme.example>\r\n');
		}),
		{ numRuns: 2_000, examples: [['.\r\n'], ['..\r\n'], ['a\r\n.\r\nb\r\n'], ['\r\n.\r\n.\r\n']] },
	);
});

const capabilities = parseCapabilities(['peer.example', 'SIZE 1000', 'PIPELINING']);

function submission(from: string, to: string): Submission {
	return { envelope: { from, to, smtpUtf8: false }, sizeBytes: 10, content: Buffer.from('a\r\n') };
}

test('an address is on the wire as one path in one line, or it is a bug and nothing is written', () => {
	const odd = fc.array(fc.constantFrom('a', '@', '>', '<', '\r', '\n', ' ', '\u0000', 'é', '"', '.', '\u007f'), {
		minLength: 1,
		maxLength: 12,
	});
	fc.assert(
		fc.property(odd, (parts) => {
			const address = parts.join('');
			const isDangerous = /[\u0000-\u0020<>\u007f]/.test(address);
			for (const build of [
				() => mailCommand(submission(address, 'bob@x.example'), capabilities),
				() => rcptCommand(submission('news@acme.example', address), capabilities),
			]) {
				if (isDangerous) {
					assert.throws(build, /not an SMTP path/);
					continue;
				}
				const wire = Buffer.from(build(), 'latin1').toString('utf8');
				assert.match(wire, /^[A-Z]{4} [A-Z]+:<[^<>\s]+>(?: SIZE=10)?\r\n$/);
				assert.ok(wire.includes(`<${address}>`));
			}
		}),
		{ numRuns: 2_000 },
	);
});

test('a notification is asked for where it is offered and wanted, with an address that is spelt as xtext', () => {
	const offered = parseCapabilities(['peer.example', 'DSN']);
	const ask = (to: string, envelopeId = '0f3a') => {
		const message = { ...submission('news@acme.example', to) };
		const wanted = { ...message, envelope: { ...message.envelope, envelopeId } };
		return [mailCommand(wanted, offered), rcptCommand(wanted, offered)];
	};

	assert.deepEqual(ask('bob+a=b@x.example'), [
		'MAIL FROM:<news@acme.example> RET=HDRS ENVID=0f3a\r\n',
		'RCPT TO:<bob+a=b@x.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob+2Ba+3Db@x.example\r\n',
	]);
	assert.doesNotMatch(ask('zoë@x.example').join(''), /ORCPT/);
	assert.deepEqual(ask('bob@x.example', ''), ['MAIL FROM:<news@acme.example>\r\n', 'RCPT TO:<bob@x.example>\r\n']);
	const plain = submission('news@acme.example', 'bob@x.example');
	const wanted = { ...plain, envelope: { ...plain.envelope, envelopeId: '0f3a' } };
	assert.doesNotMatch(mailCommand(wanted, capabilities) + rcptCommand(wanted, capabilities), /ENVID|NOTIFY/);
});
