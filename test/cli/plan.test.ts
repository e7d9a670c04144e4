/** The plan is the last thing a person sees before thousands of messages go out: its text is held exactly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainPaint } from '../../src/cli/paint.ts';
import { type Plan, renderPlan } from '../../src/cli/plan.ts';
import { type PlannedServer, planServer } from '../../src/cli/plan-server.ts';
import { noSecretSource } from '../../src/cli/secrets/secret-source.ts';
import type { ServerOptions } from '../../src/cli/settings/server-options.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import type { Malformed } from '../../src/recipients/row.ts';
import { keyState } from '../../src/results/journal/key-state.ts';
import { earlierCounts, everybody, nobody } from '../../src/results/selection.ts';
import type { ServerSettings } from '../../src/smtp/server-settings.ts';

function problem(line: number, what: string): Malformed {
	const message = `line ${line} of list.csv: ${what}`;
	return { kind: 'malformed', row: line - 1, line, cell: '', reason: 'address.invalid', message };
}

const unlimited = { connections: 10, messagesPerConnection: 1000, rates: [] };

function server(settings: Partial<ServerSettings>, limits: Partial<PlannedServer> = {}): PlannedServer {
	return {
		settings: {
			host: 'h',
			port: 587,
			tls: 'starttls',
			auth: null,
			tlsCa: null,
			tlsFingerprint: '',
			clientName: '',
			...settings,
		},
		provider: '',
		lines: [],
		...unlimited,
		...limits,
	};
}

const plan: Plan = {
	campaign: 'november-news',
	message: {
		from: 'news@acme.example',
		subject: '{{first_name}}, your November update',
		parts: [
			{ kind: 'html', sizeBytes: 18_200, origin: 'template', values: 12, slowReason: '' },
			{
				kind: 'text',
				sizeBytes: 2_100,
				origin: 'made_from_html',
				values: 1,
				slowReason: 'it is made from the HTML of each row, since a {{{...}}} value may hold HTML',
			},
		],
		partials: ['partials/footer.hbs', 'partials/blocks/button.hbs'],
		warnings: [],
	},
	example: { from: 'Acme News <news@acme.example>', subject: 'Zoë, your November update', line: 2 },
	waysBack: [],
	destination: [
		server({ host: 'smtp.acme.example', auth: { kind: 'password', user: 'news', password: 'hunter2', origin: '' } }),
	],
	time: {
		pace: unlimited,
		domainRates: new Map(),
		retry: { delaysMs: [60_000, 300_000, 900_000] },
		safety: { maxBounceRate: 0.2, maxFailures: Number.POSITIVE_INFINITY },
		maxWaitMs: 3_600_000,
		maxRuntimeMs: null,
		deadlineAt: null,
	},
	list: { displayName: 'list.csv', encoding: 'utf-8', delimiter: ',' },
	survey: {
		rows: 12_480,
		recipients: 12_313,
		suppressed: new Map(),
		duplicates: 31,
		malformed: 136,
		malformedByReason: new Map([
			['csv.too_few_cells', 16],
			['address.invalid', 120],
		]),
		problems: [14, 20, 21, 22, 23, 24, 25].map((line) => problem(line, '"bob@" has no domain')),
		domains: [
			{ domain: 'gmail.com', count: 5204 },
			{ domain: 'outlook.com', count: 2110 },
			{ domain: 'yahoo.com', count: 1018 },
			{ domain: 'a-rather-long-domain-name.example', count: 12 },
		],
		domainCount: 1149,
		passedOver: [],
		sentTo: [],
		sample: [],
		sizeBytes: 1_000_000,
	},
	toSend: 12_313,
	earlier: nobody,
	selection: everybody,
	log: 'list.news.results.jsonl',
	logExists: false,
	replacesLog: false,
	isVerbose: false,
};

function render(overrides: Partial<Plan> = {}, width = 80): string {
	return renderPlan({ ...plan, ...overrides }, { width, paint: plainPaint });
}

test('the plan of a large list at 80 columns', () => {
	assert.equal(
		render(),
		`
  november-news

  From       Acme News <news@acme.example>
  Subject    {{first_name}}, your November update
             → "Zoë, your November update"   (list.csv line 2)
  Parts      html 18.2 KB, text 2.1 KB (made from the html)
  Server     smtp.acme.example:587, STARTTLS, signing in as news
  Pace       10 connections, up to 1,000 messages each
  Retries    1m, 5m, 15m; waits up to 1 h for a server that is away
  Stops      above 20 % bounced

  Rows       12,480 in list.csv (utf-8, comma)
    to send  12,313
    skipped      31   duplicates
    bad         136   120 bad address · 16 too few cells
             line 14 of list.csv: "bob@" has no domain
             line 20 of list.csv: "bob@" has no domain
             line 21 of list.csv: "bob@" has no domain
             line 22 of list.csv: "bob@" has no domain
             line 23 of list.csv: "bob@" has no domain
             and 131 more in list.csv
  Domains    gmail.com 5,204 · outlook.com 2,110 · yahoo.com 1,018 · 1,146 more

  Log        list.news.results.jsonl

`,
	);
});

test('with --verbose the plan says how each part is made, and of which partials', () => {
	assert.match(
		render({ isVerbose: true }, 100),
		new RegExp(
			[
				' {2}Parts {6}html 18\\.2 KB, 12 values, fixed text encoded once\n',
				' {13}text 2\\.1 KB \\(made from the html\\), 1 value, encoded anew for each row: it is made from\n',
				' {13}the HTML of each row, since a \\{\\{\\{\\.\\.\\.\\}\\}\\} value may hold HTML\n',
				' {2}Partials {3}partials/footer\\.hbs, partials/blocks/button\\.hbs\n',
				' {2}Server',
			].join(''),
		),
	);
	assert.doesNotMatch(render({ isVerbose: true, message: { ...plan.message, partials: [] } }), /Partials/);
});

test('a clean list needs no lines for what is not there', () => {
	const survey = {
		...plan.survey,
		rows: 12_313,
		duplicates: 0,
		malformed: 0,
		problems: [],
		malformedByReason: new Map(),
	};
	const text = render({ survey });
	assert.doesNotMatch(text, /skipped|bad|more in/);
});

test('a limit is told beside what it limits', () => {
	assert.match(render({ toSend: 100 }), /^ {4}to send {2}100 {3}of 12,313 \(--limit\)$/m);
});

test('no line is wider than the terminal, whatever is in the cells', () => {
	const long = '長い件名'.repeat(50);
	const overrides: Partial<Plan> = {
		campaign: long,
		example: { from: long, subject: long, line: 2 },
		message: {
			...plan.message,
			subject: long,
			parts: plan.message.parts.map((part) => ({ ...part, slowReason: long })),
			partials: [long, long],
			warnings: [long],
		},
		survey: { ...plan.survey, problems: [problem(2, long)] },
	};
	for (const width of [40, 80, 120]) {
		for (const isVerbose of [false, true]) {
			const lines = render({ ...overrides, isVerbose }, width).split('\n');
			for (const line of lines) assert.ok(textWidth(line) <= width, `${width}: ${line}`);
		}
	}
});

test('cells and template cannot move the cursor, and no password is shown', () => {
	const evil = 'a\u001b[2Jb\nc\u202ed';
	const text = render({
		campaign: evil,
		example: { from: evil, subject: `${evil}!`, line: 2 },
		message: { ...plan.message, subject: evil, warnings: [evil] },
		survey: { ...plan.survey, problems: [problem(2, evil)] },
	});
	assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
	assert.equal(
		text.split('\n').length,
		render({
			message: { ...plan.message, warnings: ['x'] },
			survey: { ...plan.survey, problems: [problem(2, 'x')] },
		}).split('\n').length,
	);
	assert.doesNotMatch(text, /hunter2/);
});

const destinations: readonly (readonly [destination: Plan['destination'], says: string])[] = [
	['sandbox', 'the sandbox inside mailshot: nothing is delivered'],
	['nobody', 'none: a dry run renders and sends nothing'],
	[[server({ host: '::1', port: 25, tls: 'off' })], '[::1]:25, plain (this machine), no login'],
	[[server({ host: 'relay', port: 25, tls: 'off' })], 'relay:25, plain, not encrypted, no login'],
	[[server({ port: 465, tls: 'implicit' })], 'h:465, TLS, no login'],
];

for (const [destination, says] of destinations) {
	test(`the server line says: ${says}`, () => {
		assert.ok(render({ destination }).includes(`\n  Server     ${says}\n`));
	});
}

test('a subject without variables is its own example', () => {
	const overrides = {
		message: { ...plan.message, subject: 'News' },
		example: { from: 'a@b', subject: 'News', line: 2 },
	};
	assert.doesNotMatch(render(overrides), /→/);
});

test('a plan that goes on with a log says what earlier runs settled, and who gets it again', () => {
	const passedOver = Array.from({ length: 128 }, () => 0);
	passedOver[keyState('accepted', '')] = 11_900;
	passedOver[keyState('bounced', 'invalid_recipient')] = 300;
	passedOver[keyState('bounced', 'inactive')] = 13;
	const sentTo = Array.from({ length: 128 }, () => 0);
	sentTo[0] = 60;
	sentTo[keyState('unknown', '')] = 38;
	sentTo[keyState('bounced', 'policy')] = 2;
	const survey = { ...plan.survey, recipients: 100, passedOver, sentTo };
	const resend = { status: 'unknown', category: '' } as const;
	const text = renderPlan(
		{
			...plan,
			survey,
			toSend: 100,
			earlier: earlierCounts({ passedOver, sentTo: [] }, nobody),
			selection: { resend: [resend, { status: 'bounced', category: 'policy' }], only: null },
			logExists: true,
		},
		{ width: 90, paint: plainPaint },
	);
	assert.match(text, /to send {5}100 {3}40 of them again: bounced 2 · unknown 38\n/);
	assert.match(text, /settled {2}12,213 {3}by earlier runs: accepted 11,900 · bounced 313\n/);
	assert.match(text, /Log {8}list\.news\.results\.jsonl \(goes on with it\)\n/);
});

test('with --only those who are left out are told apart from those who are settled', () => {
	const passedOver = Array.from({ length: 128 }, () => 0);
	passedOver[0] = 7;
	passedOver[keyState('accepted', '')] = 5;
	const survey = { ...plan.survey, recipients: 3, passedOver };
	const text = renderPlan(
		{
			...plan,
			survey,
			toSend: 3,
			earlier: earlierCounts({ passedOver, sentTo: [] }, nobody),
			selection: { resend: [], only: 'deferred' },
		},
		{ width: 90, paint: plainPaint },
	);
	assert.match(text, /not now +12 {3}by earlier runs: accepted 5 · not tried 7\n/);
});

const perSecond = (count: number) => ({ count, periodMs: 1000, burst: 1 });
const perDay = (count: number) => ({ count, periodMs: 86_400_000, burst: 1 });

test('several servers stand in order, with their own pace and what their providers allow', () => {
	const backup = server(
		{ host: 'backup.example', port: 465, tls: 'implicit' },
		{ connections: 2, rates: [perSecond(5)] },
	);
	const first = server(
		{ host: 'smtp.office365.com' },
		{ lines: ['3 connections, not 10, as it allows (https://x.example)'] },
	);
	const text = render({ destination: [first, backup] });
	assert.match(
		text,
		/Server {5}smtp\.office365\.com:587, STARTTLS, no login\n {13}then backup\.example:465, TLS, no login\n {18}5 a second, 2 connections\n/,
	);
	assert.match(text, / {13}3 connections, not 10, as it allows \(https:\/\/x\.example\)\n/);
});

test('a pace says how long it will take, and the slowest part of it decides', () => {
	const paced = (rates: Plan['time']['pace']['rates'], domainRates: Plan['time']['domainRates'] = new Map()) =>
		render({ time: { ...plan.time, pace: { ...unlimited, rates }, domainRates } });
	assert.match(paced([perSecond(14)]), /Pace {7}14 a second: about 14 min 40 s\n {13}10 connections/);
	assert.match(
		paced([], new Map([['gmail.com', perSecond(1)]])),
		/Pace {7}gmail\.com 1 a second: about 1 h 26 min\n {13}10 connections/,
	);
	assert.match(paced([perSecond(14), perDay(20_000)]), /14 a second, 20,000 a day: about 14 min 40 s\n/);
});

test('a quota alone is told to be spread over its time, and how to be faster', () => {
	const paced = (...rates: Plan['time']['pace']['rates']) =>
		render({ time: { ...plan.time, pace: { ...unlimited, rates } } });
	const hint =
		/Pace {7}500 a day: about [^\n]+\n {13}evenly spread over it; with --rate 1\/s beside it, at that pace\n/;
	assert.match(paced(perDay(500)), hint);
	assert.doesNotMatch(paced(perDay(500), perSecond(1)), /evenly/);
	assert.doesNotMatch(paced(perSecond(14)), /evenly/);
});

test('a provider that publishes no rate is planned with what is to be known of it', () => {
	const { settings } = server({ host: 'email-smtp.eu-west-1.amazonaws.com' });
	const options: ServerOptions = {
		url: null,
		origin: '--smtp',
		provider: '',
		user: '',
		secret: noSecretSource,
		tls: 'auto',
		tlsCa: null,
		tlsFingerprint: '',
		connections: null,
		messagesPerConnection: null,
		rates: [],
	};
	assert.match(planServer(options, settings).lines.join(), /name yours with --rate/);
	assert.deepEqual(planServer({ ...options, rates: [perSecond(14)] }, settings).lines, []);
});

test('a quota that the run does not wait for is told with what is left', () => {
	const pace = { ...unlimited, rates: [perDay(10_000), perSecond(14)] };
	assert.match(
		render({ time: { ...plan.time, pace } }),
		/10,000 a day, 14 a second\n {13}stops at 10,000; run it again later for the other 2,313\n/,
	);
	assert.match(render({ time: { ...plan.time, pace, maxWaitMs: 90_000_000 } }), /about 24 h 2 min\n/);
});

test('what ends a run early stands in one line, and nothing of it when nothing does', () => {
	const safety = { maxBounceRate: 0.075, maxFailures: 50 };
	const deadlineAt = new Date(2026, 10, 22, 18, 0).getTime();
	assert.match(
		render({ time: { ...plan.time, safety, maxRuntimeMs: 5_400_000, deadlineAt } }),
		/Stops {6}above 7\.5 % bounced · after 50 failures · after 1 h 30 min\n {13}at 2026-11-22 18:00\n/,
	);
	const none = { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: Number.POSITIVE_INFINITY };
	const text = render({ time: { ...plan.time, safety: none, retry: { delaysMs: [] }, maxWaitMs: 0 } });
	assert.match(text, /Retries {4}none; does not wait for a server that is away\n/);
	assert.doesNotMatch(text, /Stops/);
});
