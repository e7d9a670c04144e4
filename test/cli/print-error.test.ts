import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPaint } from '../../src/cli/paint.ts';
import { exitCodeOf, renderError, renderErrorJson } from '../../src/cli/print-error.ts';
import { RunError, UsageError } from '../../src/support/errors.ts';

test('an error is what happened, and indented below it what to do', () => {
	const error = new RunError(65, 'list.csv has no address column', {
		hint: '"Contact" looks like it:\n  --email-column Contact',
	});
	assert.equal(
		renderError(error, plainPaint),
		'error: list.csv has no address column\n  "Contact" looks like it:\n    --email-column Contact\n',
	);
	assert.equal(exitCodeOf(error), 65);
});

test('an error without a hint is one line', () => {
	assert.equal(renderError(new UsageError('no'), plainPaint), 'error: no\n');
	assert.equal(exitCodeOf(new UsageError('no')), 2);
});

test('a bug comes with its stack and a request to report it, and exits 1', () => {
	const text = renderError(new TypeError('x is not a function'), plainPaint);
	assert.match(text, /^error: a bug in mailshot stopped it\n {2}TypeError: x is not a function\n {6}at /);
	assert.match(text, /Please report it/);
	assert.equal(exitCodeOf(new TypeError('x')), 1);
	assert.equal(exitCodeOf('thrown text'), 1);
});

test('for programs an error is one JSON line', () => {
	assert.equal(
		renderErrorJson(new UsageError('no', { hint: 'yes' }), 2),
		'{"v":1,"type":"error","exit_code":2,"message":"no","hint":"yes"}\n',
	);
});
