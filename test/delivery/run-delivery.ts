/** Delivers messages through a scripted server on a real socket and tells what became of each. */
import { type DeliverOptions, deliver } from '../../src/delivery/deliver.ts';
import type { DeliveryResult } from '../../src/delivery/delivery-result.ts';
import type { RenderedMessage } from '../../src/message/rendered-message.ts';
import type { Address } from '../../src/recipients/row.ts';
import type { ServerSettings } from '../../src/smtp/server-settings.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import type { PullSource } from '../../src/support/pull-source.ts';
import { type ScriptedServerOptions, startScriptedServer } from '../smtp/peer.ts';

export function address(text: string): Address {
	return text as Address;
}

export function messageFor(to: string, changes: Partial<RenderedMessage> = {}): RenderedMessage {
	const content = `Subject: hi\r\n\r\nDear ${to}\r\n`;
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

function sourceOf(messages: readonly RenderedMessage[]): PullSource<RenderedMessage> {
	const queue = [...messages];
	return {
		next: () => queue.shift() ?? null,
		get ended() {
			return queue.length === 0;
		},
		whenReadable: (listener) => setImmediate(listener),
	};
}

/** A clock on which pauses are over at once; deadlines stay. */
export const hurriedClock: Clock = {
	...systemClock,
	after: (delayMs, callback) => systemClock.after(delayMs < 60_000 && delayMs !== 30_000 ? 0 : delayMs, callback),
};

export interface Delivered {
	/** `r0@x.example: accepted`, sorted. */
	readonly results: readonly string[];
	readonly raw: readonly DeliveryResult[];
	readonly notices: readonly string[];
	readonly error: unknown;
	readonly accepted: readonly string[];
	readonly connections: number;
}

export async function run(
	messages: readonly RenderedMessage[],
	server: ScriptedServerOptions,
	changes: Partial<DeliverOptions> & {
		readonly settings?: Partial<ServerSettings>;
		readonly afterResult?: (count: number) => void;
	} = {},
): Promise<Delivered> {
	const scripted = await startScriptedServer({ greeting: () => '220 peer.example', ...server });
	const raw: DeliveryResult[] = [];
	const notices: string[] = [];
	const { settings, afterResult, ...options } = changes;
	const error = await deliver(sourceOf(messages), {
		server: {
			host: '127.0.0.1',
			port: scripted.port,
			tls: 'off',
			auth: null,
			tlsCa: null,
			clientName: 'client.example',
			...settings,
		},
		connections: 3,
		messagesPerConnection: 1000,
		clock: hurriedClock,
		random: () => 0.5,
		stop: new AbortController().signal,
		drop: new AbortController().signal,
		onResult(result) {
			raw.push(result);
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
	const results = raw.map((result) => `${result.message.recipient.address}: ${result.kind}`).sort();
	return { results, raw, notices, error, accepted: scripted.accepted, connections: scripted.connections() };
}

export function count(results: readonly string[], kind: string): number {
	return results.filter((result) => result.endsWith(`: ${kind}`)).length;
}
