/**
 * Delivers messages through a scripted server on a real socket and tells what became of each. Whatever a test is about, the marks of its run are held
 * against their promises: durable before the dot, never more than the window, each closed once.
 */
import assert from 'node:assert/strict';
import { deliver } from '../../src/delivery/deliver.ts';
import type { DeliverOptions, MessageSource, ServerPlan } from '../../src/delivery/deliver-options.ts';
import type { DeliveryResult } from '../../src/delivery/delivery-result.ts';
import type { RenderedMessage } from '../../src/message/rendered-message.ts';
import type { Address } from '../../src/recipients/row.ts';
import type { ServerSettings } from '../../src/smtp/server-settings.ts';
import { type Script, type ScriptedServer, type ScriptedServerOptions, startScriptedServer } from '../smtp/peer.ts';
import { hurriedClock } from './hurried-clock.ts';
import { ScriptedMarks } from './scripted-marks.ts';

export function address(text: string): Address {
	return text as Address;
}

export function messageFor(to: string, changes: Partial<RenderedMessage> = {}): RenderedMessage {
	const content = Buffer.from(`Subject: hi\r\n\r\nDear ${to}\r\n`);
	return {
		recipient: { kind: 'recipient', key: to, row: 1, line: 2, address: address(to), fields: [to] },
		messageId: `<${to}>`,
		envelope: { from: address('news@acme.example'), to: address(to), smtpUtf8: false },
		sizeBytes: content.length,
		content,
		renderMs: 0,
		...changes,
	};
}

export function people(count: number): RenderedMessage[] {
	return Array.from({ length: count }, (_, at) => messageFor(`r${at}@x.example`));
}

/** More than fits the first write: the body goes out before its dot is asked for. */
export function bigMessageFor(to: string): RenderedMessage {
	const content = Buffer.from(`Subject: hi\r\n\r\nDear ${to}\r\n${`${'x'.repeat(70)}\r\n`.repeat(2_000)}`);
	return messageFor(to, { content, sizeBytes: content.length });
}

export function bigPeople(count: number): RenderedMessage[] {
	return people(count).map((message) => bigMessageFor(message.recipient.key));
}

/** A server without PIPELINING. */
export const lockStep: Script = { ehlo: () => '250-peer.example\r\n250 SIZE' };

function sourceOf(messages: readonly RenderedMessage[]): MessageSource {
	const queue = [...messages];
	return {
		round: 0,
		next: () => queue.shift() ?? null,
		get ended() {
			return queue.length === 0;
		},
		whenReadable: (listener) => setImmediate(listener),
	};
}

/** A server on this machine, plain, without limits. */
export function planFor(settings: Partial<ServerSettings> & { readonly port: number }): ServerPlan {
	return {
		settings: {
			host: '127.0.0.1',
			tls: 'off',
			auth: null,
			tlsCa: null,
			tlsFingerprint: '',
			clientName: 'client.example',
			...settings,
		},
		provider: '',
		connections: 3,
		messagesPerConnection: 1000,
		rates: [],
		quotas: null,
	};
}

export interface Delivered {
	/** `r0@x.example: accepted`, sorted. */
	readonly results: readonly string[];
	readonly raw: readonly DeliveryResult[];
	readonly notices: readonly string[];
	readonly error: unknown;
	readonly accepted: readonly string[];
	readonly connections: number;
	/** What the server heard, as Peer.heard. */
	readonly heard: readonly string[];
	readonly marks: ScriptedMarks;
}

export async function run(
	messages: readonly RenderedMessage[],
	{ onServer, ...server }: ScriptedServerOptions & { readonly onServer?: (server: ScriptedServer) => void },
	changes: Partial<Omit<DeliverOptions, 'marks' | 'window' | 'servers'>> & {
		readonly marks?: ScriptedMarks;
		readonly source?: MessageSource;
		readonly settings?: Partial<ServerSettings>;
		readonly connections?: number;
		readonly messagesPerConnection?: number;
		readonly plan?: Partial<ServerPlan>;
		/** Servers behind the scripted one. */
		readonly others?: readonly ServerPlan[];
		readonly afterResult?: (count: number) => void;
	} = {},
): Promise<Delivered> {
	const { settings, plan, others = [], connections = 3, messagesPerConnection = 1000, ...rest } = changes;
	const { afterResult, source, onResult, marks = new ScriptedMarks(), ...options } = rest;
	const script = (connection: number) => witnessed(server.script(connection), marks);
	const scripted = await startScriptedServer({ greeting: () => '220 peer.example', ...server, script });
	onServer?.(scripted);
	const raw: DeliveryResult[] = [];
	const notices: string[] = [];
	const error = await deliver(source ?? sourceOf(messages), {
		servers: [
			{ ...planFor({ port: scripted.port, ...settings }), connections, messagesPerConnection, ...plan },
			...others,
		],
		domainRates: new Map(),
		retry: { delaysMs: [] },
		safety: { maxBounceRate: Number.POSITIVE_INFINITY, maxFailures: Number.POSITIVE_INFINITY },
		maxWaitMs: 3_600_000,
		trace: null,
		onBegin: () => {},
		clock: hurriedClock(),
		random: () => 0.5,
		stop: new AbortController().signal,
		drop: new AbortController().signal,
		halt: new AbortController().signal,
		marks,
		window: marks.window,
		onResult(result) {
			marks.settle(result);
			raw.push(result);
			onResult?.(result);
			afterResult?.(raw.length);
		},
		onNotice: (text) => notices.push(text),
		onConnected: () => {},
		...options,
	}).then(
		() => null,
		(reason: unknown) => reason,
	);
	scripted.close();
	assert.deepEqual(marks.violations, []);
	assert.equal(marks.open(), 0, `marks stay open: ${marks.events.join(', ')}`);
	assert.equal(marks.isListenedTo, false);
	const results = raw.map((result) => `${result.message.recipient.address}: ${result.kind}`).sort();
	const { accepted, heard } = scripted;
	return { results, raw, notices, error, accepted, heard, marks, connections: scripted.connections() };
}

/** The script, with each final dot told to the ledger. */
function witnessed(script: Script, marks: ScriptedMarks): Script {
	return {
		...script,
		verdict(content, nth) {
			const to = recipientOf(content);
			if (to !== '') marks.dotArrived(to);
			const answer = script.verdict?.(content, nth);
			return answer === undefined ? '250 2.0.0 Ok: queued as 1A' : answer;
		},
	};
}

/** Whom a content that messageFor() made is for. */
export function recipientOf(content: string): string {
	return /Dear (\S+)/.exec(content)?.[1] ?? '';
}

export function count(results: readonly string[], kind: string): number {
	return results.filter((result) => result.endsWith(`: ${kind}`)).length;
}
