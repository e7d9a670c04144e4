import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { drained, surviveErrors } from '../../src/cli/steady-output.ts';
import { systemError } from '../results/faulty-file-system.ts';

test('a reader that went away mutes the stream, and nobody waits for it', async () => {
	let writes = 0;
	const stream = new Writable({
		write: (_chunk, _encoding, done) => {
			writes += 1;
			done(systemError('EPIPE', 'broken pipe'));
		},
	});
	surviveErrors(stream);
	stream.write('progress\n');
	await new Promise((resolve) => setImmediate(resolve));
	for (let line = 0; line < 100; line += 1) assert.equal(stream.write('more progress\n'), true);
	await drained(stream);
	assert.equal(writes, 1);
});

test('what a stream still takes has left before the end', async () => {
	const taken: string[] = [];
	const stream = new Writable({
		decodeStrings: false,
		write: (chunk, _encoding, done) => {
			setImmediate(() => {
				taken.push(String(chunk));
				done();
			});
		},
	});
	surviveErrors(stream);
	stream.write('one\n');
	stream.write('two\n');
	await drained(stream);
	assert.deepEqual(taken, ['one\n', 'two\n', '']);
});
