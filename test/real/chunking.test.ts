/**
 * Several messages in flight by BDAT (RFC 3030), with Debian's Postfix and Exim: everybody gets the verdict and the body that DATA gives them, whatever is
 * refused in between, over one connection.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { needsPostfix, needsRoot } from '../helpers/needs.ts';
import { startPostfix } from '../helpers/postfix.ts';
import { countStatuses, type LogRow } from '../helpers/read-log.ts';
import { type SentCampaign, sendCampaign } from '../helpers/send-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { makeTestCa } from '../helpers/test-ca.ts';
import { startExim } from './exim.ts';

const rows = 420;
const window = 16;
const template = `From: Acme News <news@acme.example>
To: {{first_name}} {{last_name}} <{{email}}>
Subject: {{first_name}}, your November update

<h1>Hello {{first_name}},</h1>
<p>
.a line that begins with a dot
..and one with two for {{city}}
.
BDAT 5 LAST
greetings = {{city}}. You have {{credit}} on your {{plan}} plan.</p>
`;
// Thirty dead recipients in a row, and some here and there; a few contents that the server will not have.
const dead = new Set([...range(100, 30), ...range(1, 12).map((n) => n * 13), rows]);
const spam = 'You have 41.50 on your';

/** A server of ours, and what it has. */
interface Relay {
	readonly port: number;
	readonly bodies: (count: number) => Promise<ReadonlyMap<string, string>>;
	/** How many transactions it says were carried out with BDAT. */
	readonly chunked: () => number;
	readonly connections: () => number;
}

const ca = needsRoot('openssl').skip === false ? makeTestCa(temporaryDirectory({ after })) : null;

interface Serving {
	readonly secure: boolean;
	/** Errors and RSETs are not counted; otherwise as Debian installs it. */
	readonly patient: boolean;
}

async function postfix(t: TestContext, { secure, patient }: Serving): Promise<Relay> {
	const refused = new Map([...dead].map((n) => [`user${n}@example.com`, '550 5.1.1 User unknown'] as const));
	const server = await startPostfix({
		refused,
		refusedLine: spam,
		keepsMail: true,
		settings: patient ? { smtpd_soft_error_limit: '1000', smtpd_hard_error_limit: '1000' } : {},
		...(secure && ca !== null ? { certificate: ca.good } : {}),
	});
	t.after(() => server.stop());
	return {
		port: server.port,
		bodies: (count) => server.delivered(count),
		chunked: () => {
			const counts = [...server.log().matchAll(/ disconnect from .* bdat=(\d+)/g)];
			return counts.reduce((sum, match) => sum + Number(match[1]), 0);
		},
		// Who came and said nothing was looking whether it listens.
		connections: () => [...server.log().matchAll(/ disconnect from .* mail=/g)].length,
	};
}

async function exim(t: TestContext, { secure, patient }: Serving): Promise<Relay> {
	const rcptAcl = [...dead].map((n) => `user${n}`).join(':');
	const server = await startExim({
		rcptAcl: `  deny message = 5.1.1 User unknown\n       local_parts = ${rcptAcl}`,
		dataAcl: `  deny message = 5.7.1 message content rejected\n       condition = \${if match{$message_body}{${spam}}}`,
		settings: patient ? { smtp_accept_max_nonmail: '1000' } : {},
		...(secure && ca !== null ? { certificate: ca.good } : {}),
	});
	t.after(() => server.stop());
	return {
		port: server.port,
		bodies: async () => server.bodies(),
		chunked: () => [...server.log().matchAll(/ <= .* P=esmtps? (?:\S+ )*?K /g)].length,
		connections: () => [...server.log().matchAll(/ SMTP connection from .*TCP/g)].length - 1,
	};
}

function send(t: TestContext, relay: Relay, flags: readonly string[]): Promise<SentCampaign> {
	return sendCampaign(t, {
		list: { rows },
		template,
		smtp: `smtp://127.0.0.1:${relay.port}`,
		flags: ['--concurrency', '1', '--retry', 'none', '--max-bounce-rate', 'none', ...flags],
	});
}

/** What was decided about each, without what is new each time. */
function verdicts(sent: SentCampaign): readonly string[] {
	const verdict = (row: LogRow) =>
		[
			row.recipient,
			row.status,
			row.smtp_stage,
			row.smtp_code,
			row.enhanced_code,
			row.bounce_category,
			row.attempt,
		].join(' ');
	return sent.rows
		.filter((row) => row.final)
		.map(verdict)
		.toSorted();
}

/** Boundaries are made anew for each campaign. */
function bare(bodies: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
	return new Map([...bodies].map(([to, body]) => [to, body.replace(/^--(\S+?)(?:--)?$/gm, '--boundary')] as const));
}

interface Both {
	readonly byData: Relay;
	readonly byChunks: Relay;
	/** Of the campaigns. */
	readonly expected: SentCampaign;
	readonly sent: SentCampaign;
}

async function sendBoth(
	t: TestContext,
	start: (t: TestContext, serving: Serving) => Promise<Relay>,
	serving: Serving,
): Promise<Both> {
	const flags = serving.secure && ca !== null ? ['--tls', 'starttls', '--tls-ca', ca.caFile] : [];
	const byData = await start(t, serving);
	const expected = await send(t, byData, ['--window', '2', ...flags]);
	const byChunks = await start(t, serving);
	const sent = await send(t, byChunks, ['--window', String(window), ...flags]);
	// A server that hangs up with messages in flight is not flown to again, and that is said.
	const notices = sent.stderr.split('\n').filter((line) => line.includes(' notice '));
	if (serving.patient) assert.deepEqual(notices, []);
	else assert.ok(notices.length <= 1 && notices.every((line) => line.includes('with messages in flight')), sent.stderr);
	return { byData, byChunks, expected, sent };
}

for (const [name, need, start] of [
	['Postfix', needsPostfix(), postfix],
	['Exim', needsRoot('exim', 'openssl'), exim],
] as const) {
	for (const secure of [false, true]) {
		const how = secure ? 'over STARTTLS' : 'in clear';
		test(
			`${name} gives ${rows} rows over one connection by BDAT what it gives them by DATA, ${how}`,
			need,
			async (t) => {
				const { byData, byChunks, expected, sent } = await sendBoth(t, start, { secure, patient: true });
				assert.deepEqual(verdicts(sent), verdicts(expected));
				assert.equal(sent.code, expected.code, sent.stderr);
				const { accepted = 0 } = countStatuses(sent.rows);
				assert.ok(accepted > 300 && accepted < rows - dead.size, `${accepted} accepted`);
				const bodies = await byChunks.bodies(accepted);
				assert.equal(bodies.size, accepted);
				assert.deepEqual(bare(bodies), bare(await byData.bodies(accepted)));
				assert.equal(byData.chunked(), 0);
				assert.ok(byChunks.chunked() >= accepted, `${byChunks.chunked()} by BDAT`);
				assert.equal(byChunks.connections(), 1);
			},
		);
	}

	// It closes with commands of ours unread, and so its last replies may never come: then what was in flight is unknown, as promised.
	test(
		`${name} that hangs up because of thirty dead recipients in a row leaves at most a window unknown each time`,
		need,
		async (t) => {
			const { byChunks, expected, sent } = await sendBoth(t, start, { secure: false, patient: false });
			const isKnown = (verdict: string) => !verdict.includes(' unknown ');
			const others = new Set(verdicts(expected));
			assert.deepEqual(
				verdicts(sent).filter((verdict) => isKnown(verdict) && !others.has(verdict)),
				[],
			);
			const { unknown = 0, accepted = 0 } = countStatuses(sent.rows);
			const hangUps = byChunks.connections() - 1;
			assert.ok(hangUps > 0 && unknown <= hangUps * window, `${unknown} unknown, ${hangUps} times hung up`);
			const bodies = await byChunks.bodies(accepted);
			assert.deepEqual(
				sent.rows.filter((row) => row.status === 'accepted' && !bodies.has(row.recipient)),
				[],
			);
			assert.equal(sent.rows.filter((row) => row.final).length, rows);
			t.diagnostic(`${hangUps} times hung up, ${unknown} unknown`);
		},
	);
}

function range(from: number, count: number): number[] {
	return Array.from({ length: count }, (_, index) => from + index);
}
