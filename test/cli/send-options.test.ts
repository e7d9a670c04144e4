import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSendOptions, type SendFlags, type SendOptions } from '../../src/cli/send-options.ts';
import { openSettings } from '../../src/cli/settings/open-settings.ts';
import { UsageError } from '../../src/support/errors.ts';

const now = Date.UTC(2026, 10, 22, 9);

async function parse(
	flags: SendFlags = {},
	env: Record<string, string> = {},
	list = 'lists/list.csv',
): Promise<SendOptions> {
	const settings = await openSettings(flags, { env, directory: '/nowhere' });
	return parseSendOptions(list, { template: 'mail/news.hbs', ...flags }, { settings, now });
}

async function refused(flags: SendFlags, says: RegExp, env: Record<string, string> = {}): Promise<UsageError> {
	try {
		await parse(flags, env);
	} catch (error) {
		assert.ok(error instanceof UsageError, String(error));
		assert.match(`${error.message}\n${error.hint}`, says);
		return error;
	}
	throw new assert.AssertionError({ message: `not refused: ${JSON.stringify(flags)}` });
}

test('the defaults are those of --help', async () => {
	const options = await parse();
	assert.equal(options.connections, 10);
	assert.equal(options.messagesPerConnection, 1000);
	assert.equal(options.limit, Number.POSITIVE_INFINITY);
	assert.equal(options.progressMs, 30_000);
	assert.equal(options.campaign, 'news');
	assert.equal(options.log, 'list.news.results.jsonl');
	assert.equal(options.mode, 'send');
	assert.equal(options.output, 'text');
	assert.deepEqual([options.isConfirmed, options.expect, options.servers], [false, null, []]);
	assert.deepEqual(options.retry.delaysMs, [60_000, 300_000, 900_000]);
	assert.deepEqual(options.safety, { maxBounceRate: 0.2, maxFailures: Number.POSITIVE_INFINITY });
	assert.deepEqual([options.maxWaitMs, options.maxRuntimeMs, options.deadlineAt], [3_600_000, null, null]);
	assert.deepEqual([options.rates, options.domainRates.size, options.tracePath], [[], 0, null]);
});

test('a list from standard input has a name for messages and one for the log', async () => {
	const options = await parse({}, {}, '-');
	assert.deepEqual(options.list, { path: '-', displayName: 'standard input', isStdin: true });
	assert.equal(options.log, 'stdin.news.results.jsonl');
});

test('a name without ending, or with two, gives a log name', async () => {
	assert.equal((await parse({ template: 'news.txt.hbs' }, {}, '.hidden')).log, '.hidden.news.txt.results.jsonl');
});

test('a flag wins over its variable, and an empty variable is none', async () => {
	const env = {
		MAILSHOT_CONCURRENCY: '3',
		MAILSHOT_FROM: 'env@acme.example',
		MAILSHOT_SMTP_URL: 'smtp://env',
		MAILSHOT_TLS: '',
	};
	assert.equal((await parse({}, env)).connections, 3);
	assert.equal((await parse({ concurrency: '7' }, env)).connections, 7);
	assert.equal((await parse({}, env)).from, 'env@acme.example');
	assert.equal((await parse({}, env)).servers[0]?.url?.host, 'env');
	assert.equal((await parse({ smtp: ['smtp://flag'] }, env)).servers[0]?.url?.host, 'flag');
	assert.equal((await parse({}, env)).servers[0]?.tls, 'auto');
});

test('a wrong value is named by where it came from', async () => {
	await refused({ concurrency: '201' }, /--concurrency "201"/);
	await refused({}, /MAILSHOT_CONCURRENCY="many"/, { MAILSHOT_CONCURRENCY: 'many' });
	await refused({ messagesPerConnection: '0' }, /--messages-per-connection "0"/);
	await refused({ tls: 'maybe', smtp: ['smtp://h'] }, /--tls "maybe" is none of auto, implicit, starttls, off/);
	await refused({ limit: '-1' }, /--limit "-1"/);
	await refused({ expect: '9..1' }, /--expect "9\.\.1"/);
	await refused({ set: ['x'] }, /--set "x" is not name=value/);
	await refused({ tag: ['=x'] }, /--tag "=x"/);
	await refused({ smtp: ['http://x'] }, /--smtp is no smtp:/);
	await refused({ campaign: ' ' }, /--campaign is empty/);
});

test('a missing template says what to type', async () => {
	const settings = await openSettings({}, { env: {}, directory: '/nowhere' });
	assert.throws(() => parseSendOptions('list.csv', {}, { settings, now }), {
		name: 'UsageError',
		hint: 'mailshot send list.csv --template news.hbs',
	});
});

test('a password in --smtp is refused with the command that is right, and is not repeated', async () => {
	const error = await refused(
		{ smtp: ['smtps://news%40a.example:hunter2@smtp.acme.example:465'] },
		/MAILSHOT_SMTP_PASSWORD/,
	);
	assert.match(error.hint, /--smtp smtps:\/\/news%40a\.example@smtp\.acme\.example:465$/m);
	assert.doesNotMatch(`${error.message}${error.hint}`, /hunter2/);
});

test('a password in MAILSHOT_SMTP_URL is taken', async () => {
	const { servers } = await parse({}, { MAILSHOT_SMTP_URL: 'smtp://news:hunter2@smtp.acme.example' });
	assert.deepEqual(servers[0]?.secret.password, { text: 'hunter2', origin: 'MAILSHOT_SMTP_URL' });
});

test('flags that exclude each other are told so', async () => {
	await refused({ dryRun: true, sandbox: true }, /--dry-run and --sandbox exclude/);
	await refused({ sandbox: true, smtp: ['smtp://h'] }, /--sandbox and --smtp exclude/);
	await refused({ json: true, quiet: true }, /--json and --quiet exclude/);
	assert.equal((await parse({ sandbox: true }, { MAILSHOT_SMTP_URL: 'smtp://h' })).mode, 'sandbox');
});

test('a wrong rate, schedule, limit or time is named by where it came from', async () => {
	await refused({ rate: ['14'] }, /--rate "14" .*[\s\S]*--rate 14\/s/);
	await refused({}, /MAILSHOT_RATE="fast" /, { MAILSHOT_RATE: '14/s fast' });
	await refused({ domainRate: ['gmail.com'] }, /is not domain=rate\n--domain-rate gmail\.com=5\/s/);
	await refused({ retry: 'often' }, /--retry "often" has "often" where a time/);
	await refused({ maxBounceRate: '20' }, /--max-bounce-rate "20" is no share[\s\S]*--max-bounce-rate 10%/);
	await refused({ maxFailures: '0' }, /--max-failures "0"/);
	await refused({ maxWait: 'long' }, /--max-wait "long" is no time/);
	await refused({ maxRuntime: '0' }, /--max-runtime "0" leaves no time/);
	await refused({ deadline: '2026-11-22T08:00Z' }, /is over: it is 2026-11-22T09:00:00Z/);
	await refused({ tlsFingerprint: 'ab:cd', smtp: ['smtp://h'] }, /no SHA-256 fingerprint/);
	await refused({ provider: 'sess' }, /--provider "sess" is no provider[\s\S]*Did you mean --provider ses\?/);
});

test('limits are read, and rates hold for the servers, too', async () => {
	const options = await parse({
		smtp: ['smtp://a', 'smtp://b'],
		rate: ['14/s', '10000/day'],
		domainRate: ['GMail.com=5/s', 'münchen.example=1/min'],
		retry: '10s*2',
		maxBounceRate: '7.5%',
		maxFailures: '50',
		deadline: '2026-11-22T10:00Z',
		maxRuntime: '2h',
		trace: 'dialogue.txt',
	});
	assert.deepEqual(
		options.servers.map(({ rates }) => rates),
		[options.rates, options.rates],
	);
	assert.deepEqual(
		options.rates.map(({ count, periodMs }) => [count, periodMs]),
		[
			[14, 1000],
			[10_000, 86_400_000],
		],
	);
	assert.deepEqual([...options.domainRates.keys()], ['gmail.com', 'xn--mnchen-3ya.example']);
	assert.deepEqual(options.retry.delaysMs, [10_000, 10_000]);
	assert.deepEqual(options.safety, { maxBounceRate: 0.075, maxFailures: 50 });
	assert.deepEqual([options.deadlineAt, options.maxRuntimeMs], [now + 3_600_000, 7_200_000]);
	assert.equal(options.tracePath, 'dialogue.txt');
});

test('a rehearsal is not slowed down by what is set for the real server, only by its own flags', async () => {
	const env = { MAILSHOT_RATE: '1/min', MAILSHOT_RETRY: '1h', MAILSHOT_DOMAIN_RATE: 'a.example=1/h' };
	const quick = await parse({ sandbox: true }, env);
	assert.deepEqual([quick.rates, quick.domainRates.size, quick.retry.delaysMs], [[], 0, []]);
	const asked = await parse({ sandbox: true, rate: ['5/s'], retry: '1s' }, env);
	assert.deepEqual([asked.rates.length, asked.retry.delaysMs], [1, [1000]]);
	await refused({ sandbox: true }, /MAILSHOT_RATE="fast"/, { MAILSHOT_RATE: 'fast' });
});
