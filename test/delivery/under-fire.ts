/** Delivers through several servers that misbehave by a plan, and says what became of it and which promises were broken. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { deliver } from '../../src/delivery/deliver.ts';
import type { MessageSource } from '../../src/delivery/deliver-options.ts';
import type { DeliveryResult } from '../../src/delivery/delivery-result.ts';
import type { Rate } from '../../src/delivery/pace/rate.ts';
import type { RenderedMessage } from '../../src/message/rendered-message.ts';
import { systemClock, type Timer } from '../../src/support/clock.ts';
import { RunError } from '../../src/support/errors.ts';
import { type FireServer, Firing } from './firing-server.ts';
import { restlessClock } from './restless-clock.ts';
import { messageFor, planFor } from './run-delivery.ts';
import { laterByTurns, ScriptedMarks } from './scripted-marks.ts';

export interface Fire {
	readonly servers: readonly FireServer[];
	readonly messages: number;
	readonly domains: number;
	readonly domainRates: ReadonlyMap<string, Rate>;
	readonly delaysMs: readonly number[];
	readonly window: number;
	readonly signal: { readonly kind: 'none' | 'stop' | 'drop' | 'halt'; readonly afterResults: number };
	/** The source has nothing at every so manieth pull, and more some turns later; 0: never. */
	readonly driesUpEvery: number;
	readonly maxWaitMs: number;
	readonly maxFailures: number;
	/** Turns of the event loop until a mark is durable; -1: at once. */
	readonly commitTurns: number;
	readonly seed: number;
}

export interface Burnt {
	readonly raw: readonly DeliveryResult[];
	readonly notices: readonly string[];
	readonly error: unknown;
	/** Recipients of all contents that were taken, by whichever server. */
	readonly taken: readonly string[];
	readonly timerTurns: number;
	readonly connections: number;
	readonly events: readonly string[];
	/** '' after a good run. */
	readonly violations: readonly string[];
}

const hangMs = 8_000;
function sourceOf(messages: readonly RenderedMessage[], driesUpEvery: number): MessageSource {
	let at = 0;
	let pulls = 0;
	return {
		round: 0,
		next() {
			pulls += 1;
			if (driesUpEvery > 0 && pulls % driesUpEvery === 0) return null;
			return messages[at++] ?? null;
		},
		get ended() {
			return at >= messages.length;
		},
		whenReadable: (listener) => laterByTurns(7, listener),
	};
}

function randomOf(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
		return (state >>> 0) / 2 ** 32;
	};
}

export async function burn(fire: Fire): Promise<Burnt> {
	const clock = restlessClock();
	const startedAtMs = clock.monotonicMs();
	const random = randomOf(fire.seed);
	const times: { readonly at: number; readonly port: number; readonly domain: string }[] = [];
	const portOf = new Map<number, number>();
	const marks = new ScriptedMarks({
		window: fire.window,
		durable: fire.commitTurns < 0 ? 'at_once' : () => fire.commitTurns,
		onEvent(event) {
			const [, to = '', connection = ''] = /^mark \d+ (\S+) over (\d+)/.exec(event) ?? [];
			if (connection === '' || connection === '0') return;
			times.push({
				at: clock.monotonicMs(),
				port: portOf.get(Number(connection)) ?? 0,
				domain: to.split('@')[1] ?? '',
			});
		},
	});
	const servers = fire.servers.map((plan) => new Firing(plan, (to) => marks.dotArrived(to)));
	for (const server of servers) await server.open();
	const messages = Array.from({ length: fire.messages }, (_, at) => messageFor(`r${at}@d${at % fire.domains}.example`));
	const sockets: Socket[] = [];
	const onSocket = (message: unknown) => {
		if (typeof message === 'object' && message !== null && 'socket' in message) sockets.push(message.socket as Socket);
	};
	subscribe('net.client.socket', onSocket);
	const [stop, drop, halt] = [new AbortController(), new AbortController(), new AbortController()];
	const raw: DeliveryResult[] = [];
	const notices: string[] = [];
	const violations: string[] = [];
	let isSignalled = false;
	const run = deliver(sourceOf(messages, fire.driesUpEvery), {
		servers: servers.map(({ plan, port }) => ({
			...planFor({
				port,
				auth: plan.refusesLogin ? { kind: 'password', user: 'ann', password: 'secret', origin: 'a test' } : null,
			}),
			connections: plan.connections,
			messagesPerConnection: plan.messagesPerConnection,
			rates: plan.rates,
		})),
		domainRates: fire.domainRates,
		retry: { delaysMs: fire.delaysMs },
		safety: { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: fire.maxFailures },
		maxWaitMs: fire.maxWaitMs,
		trace(connection, { port }) {
			portOf.set(connection, port);
			return { client() {}, server() {}, note() {} };
		},
		clock,
		random,
		stop: stop.signal,
		drop: drop.signal,
		halt: halt.signal,
		marks,
		window: fire.window,
		onResult(result) {
			marks.settle(result);
			raw.push(result);
			const { kind, afterResults } = fire.signal;
			if (kind === 'none' || isSignalled || raw.length < afterResults) return;
			isSignalled = true;
			const controller = { stop, drop, halt }[kind];
			if (fire.seed % 2 === 0) controller.abort();
			else setImmediate(() => controller.abort());
		},
		onNotice: (text) => notices.push(text),
		onConnected: () => {},
		onBegin: () => {},
	}).then(
		() => null,
		(reason: unknown) => reason,
	);
	let patience: Timer | null = null;
	const hung = new Promise<string>((resolve) => {
		patience = systemClock.after(hangMs, () => resolve('hangs'));
	});
	const error = await Promise.race([run, hung]);
	(patience as Timer | null)?.cancel();
	if (error === 'hangs') violations.push('the run hangs');
	const [leftRunning, leftOpen] = [clock.running(), sockets.filter(({ destroyed }) => !destroyed).length];
	const leftListening = [stop, drop, halt].reduce(
		(sum, { signal }) => sum + getEventListeners(signal, 'abort').length,
		0,
	);
	unsubscribe('net.client.socket', onSocket);
	if (error === 'hangs') drop.abort();
	for (const server of servers) server.close();
	if (error !== 'hangs') {
		if (leftRunning > 0) violations.push(`${leftRunning} timers survive`);
		if (leftOpen > 0) violations.push(`${leftOpen} sockets survive`);
		if (leftListening > 0) violations.push(`${leftListening} listeners survive`);
		if (marks.isListenedTo) violations.push('the marks are listened to');
		if (marks.open() > 0) violations.push(`${marks.open()} marks stay open`);
	}
	violations.push(...marks.violations);
	const taken = servers.flatMap((server) => server.taken);
	judge(fire, { raw, error, taken, isSignalled }, violations);
	judgePace(fire, { times, servers }, violations);
	// It looks around once a second while no connection stands.
	const turnsAllowed = 400 + fire.messages * 60 + (clock.monotonicMs() - startedAtMs) / 1_000;
	if (clock.turns() > turnsAllowed) violations.push(`${clock.turns()} turns of timers`);
	const connections = servers.reduce((sum, server) => sum + server.connections, 0);
	return { raw, notices, error, taken, timerTurns: clock.turns(), connections, events: marks.events, violations };
}

const aboutUs = /account|quota|rate exceeded|spam|authentication|sender/i;

function judge(
	{ messages, signal }: Fire,
	seen: {
		readonly raw: readonly DeliveryResult[];
		readonly error: unknown;
		readonly taken: readonly string[];
		readonly isSignalled: boolean;
	},
	violations: string[],
): void {
	const { raw, error, taken, isSignalled } = seen;
	if (new Set(taken).size !== taken.length) violations.push('somebody was taken twice');
	const isTaken = new Set(taken);
	const last = new Map<string, DeliveryResult>();
	for (const result of raw) {
		const to = result.message.recipient.key;
		const before = last.get(to);
		const isAgain = before !== undefined;
		if (result.attempt.isRetry !== isAgain) violations.push(`${to} ${result.kind}: isRetry ${result.attempt.isRetry}`);
		if (before !== undefined && !('sequel' in before && before.sequel.kind === 'retry'))
			violations.push(`${to} ${result.kind} after ${before.kind}`);
		last.set(to, result);
		if (result.kind === 'accepted' && !isTaken.has(to)) violations.push(`${to} was never taken`);
		if (result.kind === 'bounced' && result.refusal.type === 'hard' && aboutUs.test(result.reply.lines.join(' ')))
			violations.push(`${to} bounced hard for ${result.reply.lines.join(' ')}`);
	}
	for (const [to, { kind }] of last) {
		if (kind !== 'accepted' && kind !== 'unknown' && isTaken.has(to))
			violations.push(`${to} was taken, and is ${kind}`);
	}
	for (const to of isTaken) if (!last.has(to)) violations.push(`${to} was taken, and has no result`);
	if (error !== null && error !== 'hangs' && !(error instanceof RunError)) violations.push(`bug: ${String(error)}`);
	if (error instanceof RunError && ![4, 5, 69, 77].includes(error.exitCode)) violations.push(`exit ${error.exitCode}`);
	if (error !== null || (isSignalled && signal.kind !== 'none')) return;
	if (last.size !== messages) violations.push(`${messages - last.size} have no result`);
	for (const [to, result] of last) {
		if ('sequel' in result && result.sequel.kind !== 'left') violations.push(`${to} still waits`);
	}
}

function judgePace(
	fire: Fire,
	{
		times,
		servers,
	}: {
		readonly times: readonly { readonly at: number; readonly port: number; readonly domain: string }[];
		readonly servers: readonly Firing[];
	},
	violations: string[],
): void {
	for (const { port, plan } of servers) {
		for (const { count, periodMs } of plan.rates) {
			const most = mostWithin(
				times.filter((time) => time.port === port).map(({ at }) => at),
				periodMs,
			);
			if (most > count) violations.push(`${most} went to a server in ${periodMs} ms, ${count} are allowed`);
		}
	}
	for (const [name, { count, periodMs }] of fire.domainRates) {
		const most = mostWithin(
			times.filter(({ domain }) => domain === name).map(({ at }) => at),
			periodMs,
		);
		if (most > count) violations.push(`${most} went to ${name} in ${periodMs} ms, ${count} are allowed`);
	}
}

/** The largest number in any window of so many milliseconds. */
function mostWithin(times: readonly number[], periodMs: number): number {
	let most = 0;
	let from = 0;
	for (const [at, time] of times.entries()) {
		while (time - (times[from] ?? 0) >= periodMs) from += 1;
		most = Math.max(most, at - from + 1);
	}
	return most;
}
