/** A row of the fault catalogue (reference/reliability.md §3) as data: what goes wrong, and how the campaign ends. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Relay } from '../helpers/relay.ts';
import { assertTruth, startRelay } from '../helpers/relay.ts';
import { type Campaign, type SentCampaign, startCampaign } from '../helpers/send-campaign.ts';
import type { DialogueOptions } from '../helpers/smtp-dialogue.ts';

/** What became of a recipient. `unsettled`: deferred, or left without a line; the next run sends to it either way. */
export type State = 'accepted' | 'bounced' | 'deferred' | 'failed' | 'unknown' | 'skipped' | 'left' | 'unsettled';

/** What a test server has to tell. */
export interface FaultyServer {
	readonly url: string;
	/** Whose messages were taken, a copy each. */
	readonly copies: () => readonly string[];
	/** When it keeps the truth of relay.ts. */
	readonly relay?: Relay;
}

export interface FaultCase {
	/** Number in the catalogue. */
	readonly row: number;
	/** The behaviour, as a sentence. */
	readonly what: string;
	/** The product judges it otherwise than the catalogue does: why. */
	readonly judged?: string;
	/** The server: a dialogue with deviations, or one of the case's own. */
	readonly server?: DialogueOptions | ((t: TestContext) => Promise<FaultyServer>);
	/** One row each; default anna, bob and carl. */
	readonly people?: readonly string[];
	readonly campaign?: Omit<Campaign, 'smtp'>;
	/** Default true: one connection and no retries in the run, so that one thing happens after the other. */
	readonly isPlain?: boolean;
	/** Minutes pass, again and again, from the moment this resolves: a deadline is what ends the wait. */
	readonly whenMinutesPass?: () => Promise<void>;
	readonly ends: {
		readonly code: number;
		/** Of all, or of each in the order of the list. */
		readonly states: State | readonly State[];
		readonly says?: readonly RegExp[];
		readonly doesNotSay?: readonly RegExp[];
	};
	/** What else has to be so. */
	readonly check?: (sent: SentCampaign, server: FaultyServer) => void | Promise<void>;
	readonly skip?: string | false;
}

export const everybody: readonly string[] = ['anna@example.com', 'bob@example.com', 'carl@example.com'];

export const faultTemplate = `From: Acme News <news@acme.example>
To: <{{email}}>
Subject: Hello {{first_name}}

<p>Dear {{first_name}}</p>
`;

export function listOf(people: readonly string[]): string {
	return `email,first_name\n${people.map((address, index) => `${address},Name ${index + 1}\n`).join('')}`;
}

/** One test for each. */
export function testFaults(cases: readonly FaultCase[]): void {
	for (const each of cases) {
		const judged = each.judged === undefined ? '' : ` (judged: ${each.judged})`;
		test(`fault ${each.row}: ${each.what}${judged}`, { skip: each.skip ?? false }, (t) => runFault(t, each));
	}
}

async function runFault(t: TestContext, fault: FaultCase): Promise<void> {
	const people = fault.people ?? everybody;
	const server = await startServer(t, fault);
	const plain = fault.isPlain === false ? [] : ['--concurrency', '1', '--retry', 'none'];
	const underWay = startCampaign(t, {
		list: listOf(people),
		template: faultTemplate,
		...fault.campaign,
		...(server.url === '' ? {} : { smtp: server.url }),
		flags: [...plain, ...(fault.campaign?.flags ?? [])],
		env: { ...(fault.whenMinutesPass === undefined ? {} : jumping(11 * 60_000)), ...fault.campaign?.env },
	});
	const sent = await (fault.whenMinutesPass === undefined
		? underWay.sent
		: letMinutesPass(underWay, fault.whenMinutesPass()));
	const story = `exit ${sent.code}\n${sent.stderr}\n${sent.rows.map((row) => JSON.stringify(row)).join('\n')}`;
	const { states, code, says = [], doesNotSay = [] } = fault.ends;
	for (const [index, recipient] of people.entries()) {
		const wanted = typeof states === 'string' ? states : states[index];
		assert.ok(wanted !== undefined, 'a state for each recipient');
		const state = stateOf(sent, recipient);
		const isSo = wanted === 'unsettled' ? state === 'deferred' || state === 'left' : state === wanted;
		assert.ok(isSo, `${recipient} is ${state}, not ${wanted}\n${story}`);
		const copies = server.copies().filter((each) => each === recipient).length;
		const most = state === 'accepted' || state === 'unknown' ? 1 : 0;
		assert.ok(copies <= most && (state !== 'accepted' || copies === 1), `${recipient}: ${copies} copies\n${story}`);
	}
	assert.equal(sent.code, code, story);
	for (const pattern of says) assert.match(sent.stderr, pattern);
	for (const pattern of doesNotSay) assert.doesNotMatch(sent.stderr, pattern);
	assert.doesNotMatch(sent.stderr, /\u001b|\n\s+at /, 'an escape sequence or a stack trace');
	if (server.relay !== undefined && sent.rows.length > 0) assertTruth(server.relay, sent);
	await fault.check?.(sent, server);
}

async function startServer(t: TestContext, { server = {} }: FaultCase): Promise<FaultyServer> {
	return typeof server === 'function' ? server(t) : relayOf(t, server);
}

/** A relay that behaves but for its deviations. */
export async function relayOf(t: TestContext, options: DialogueOptions): Promise<FaultyServer> {
	const relay = await startRelay(t, options);
	return { url: relay.url, copies: () => relay.accepted.map((mail) => mail.recipient), relay };
}

/** The environment that lets SIGWINCH move the clocks. */
export function jumping(jumpMs: number, clocks: 'monotonic' | 'wall' | 'both' = 'monotonic'): Record<string, string> {
	return {
		NODE_OPTIONS: `--import=${new URL('./jumping-clock.mjs', import.meta.url).href}`,
		JUMPING_CLOCK_MS: String(jumpMs),
		JUMPING_CLOCK_KINDS: clocks,
	};
}

async function letMinutesPass(underWay: ReturnType<typeof startCampaign>, begin: Promise<void>): Promise<SentCampaign> {
	let isOver = false;
	const sent = underWay.sent.finally(() => {
		isOver = true;
	});
	await Promise.race([begin, sent]);
	// Often, because nobody sees from outside when a deadline has begun to run.
	while (!isOver) {
		underWay.kill('SIGWINCH');
		await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 100))]);
	}
	return sent;
}

/** By the final line of the log; `left` when there is none. */
export function stateOf(sent: SentCampaign, recipient: string): State {
	const rows = sent.rows.filter((row) => row.recipient === recipient && row.status !== 'skipped');
	const row = rows.find((each) => each.final) ?? rows.at(-1);
	return row?.status ?? 'left';
}

/** A promise and the call that resolves it: a moment that a server saw. */
export function moment(): { readonly reached: () => Promise<void>; readonly reach: () => void } {
	let reach = () => {};
	const promise = new Promise<void>((resolve) => {
		reach = resolve;
	});
	return { reached: () => promise, reach: () => reach() };
}
