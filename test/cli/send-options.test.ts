import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSendOptions, type SendFlags, type SendOptions } from '../../src/cli/send-options.ts';
import { UsageError } from '../../src/support/errors.ts';

function parse(flags: SendFlags = {}, env: Record<string, string> = {}, list = 'lists/list.csv'): SendOptions {
	return parseSendOptions(list, { template: 'mail/news.hbs', ...flags }, env);
}

function refused(flags: SendFlags, says: RegExp, env: Record<string, string> = {}): UsageError {
	try {
		parse(flags, env);
	} catch (error) {
		assert.ok(error instanceof UsageError, String(error));
		assert.match(`${error.message}\n${error.hint}`, says);
		return error;
	}
	throw new assert.AssertionError({ message: `not refused: ${JSON.stringify(flags)}` });
}

test('the defaults are those of --help', () => {
	const options = parse();
	assert.equal(options.connections, 10);
	assert.equal(options.messagesPerConnection, 1000);
	assert.equal(options.limit, Number.POSITIVE_INFINITY);
	assert.equal(options.progressMs, 30_000);
	assert.equal(options.tls, 'auto');
	assert.equal(options.campaign, 'news');
	assert.equal(options.log, 'list.news.results.jsonl');
	assert.equal(options.mode, 'send');
	assert.equal(options.output, 'text');
	assert.deepEqual([options.isConfirmed, options.expect, options.smtp, options.password], [false, null, null, null]);
});

test('a list from standard input has a name for messages and one for the log', () => {
	const options = parse({}, {}, '-');
	assert.deepEqual(options.list, { path: '-', displayName: 'standard input', isStdin: true });
	assert.equal(options.log, 'stdin.news.results.jsonl');
});

test('a name without ending, or with two, gives a log name', () => {
	assert.equal(parse({ template: 'news.txt.hbs' }, {}, '.hidden').log, '.hidden.news.txt.results.jsonl');
});

test('a flag wins over its variable, and an empty variable is none', () => {
	const env = {
		MAILSHOT_CONCURRENCY: '3',
		MAILSHOT_FROM: 'env@acme.example',
		MAILSHOT_SMTP_URL: 'smtp://env',
		MAILSHOT_TLS: '',
	};
	assert.equal(parse({}, env).connections, 3);
	assert.equal(parse({ concurrency: '7' }, env).connections, 7);
	assert.equal(parse({}, env).from, 'env@acme.example');
	assert.equal(parse({}, env).smtp?.url.host, 'env');
	assert.equal(parse({ smtp: 'smtp://flag' }, env).smtp?.url.host, 'flag');
	assert.equal(parse({}, env).tls, 'auto');
});

test('a wrong value is named by where it came from', () => {
	refused({ concurrency: '201' }, /--concurrency "201"/);
	refused({}, /MAILSHOT_CONCURRENCY="many"/, { MAILSHOT_CONCURRENCY: 'many' });
	refused({ messagesPerConnection: '0' }, /--messages-per-connection "0"/);
	refused({ tls: 'maybe' }, /--tls "maybe" is none of auto, implicit, starttls, off/);
	refused({ limit: '-1' }, /--limit "-1"/);
	refused({ expect: '9..1' }, /--expect "9\.\.1"/);
	refused({ set: ['x'] }, /--set "x" is not name=value/);
	refused({ tag: ['=x'] }, /--tag "=x"/);
	refused({ smtp: 'http://x' }, /--smtp is no smtp:/);
	refused({ campaign: ' ' }, /--campaign is empty/);
});

test('a missing template says what to type', () => {
	assert.throws(() => parseSendOptions('list.csv', {}, {}), {
		name: 'UsageError',
		hint: 'mailshot send list.csv --template news.hbs',
	});
});

test('a password in --smtp is refused with the command that is right, and is not repeated', () => {
	const error = refused({ smtp: 'smtps://news%40a.example:hunter2@smtp.acme.example:465' }, /MAILSHOT_SMTP_PASSWORD/);
	assert.match(error.hint, /--smtp smtps:\/\/news%40a\.example@smtp\.acme\.example:465$/m);
	assert.doesNotMatch(`${error.message}${error.hint}`, /hunter2/);
});

test('a password in MAILSHOT_SMTP_URL is taken', () => {
	const { smtp } = parse({}, { MAILSHOT_SMTP_URL: 'smtp://news:hunter2@smtp.acme.example' });
	assert.equal(smtp?.url.password, 'hunter2');
});

test('flags that exclude each other are told so', () => {
	refused({ dryRun: true, sandbox: true }, /--dry-run and --sandbox exclude/);
	refused({ sandbox: true, smtp: 'smtp://h' }, /--sandbox and --smtp exclude/);
	refused({ json: true, quiet: true }, /--json and --quiet exclude/);
	assert.equal(parse({ sandbox: true }, { MAILSHOT_SMTP_URL: 'smtp://h' }).mode, 'sandbox');
});
