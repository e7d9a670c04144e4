/** Runs submissions through one session against a scripted peer and tells what became of each. */
import { once } from 'node:events';
import type { Capabilities } from '../../src/smtp/capabilities.ts';
import type { Submission } from '../../src/smtp/command.ts';
import type { Break, Outcome } from '../../src/smtp/outcome.ts';
import type { PipeliningDepth } from '../../src/smtp/pipelining-depth.ts';
import { Session } from '../../src/smtp/session.ts';
import type { DialogueTrace } from '../../src/smtp/trace.ts';
import { type Clock, systemClock } from '../../src/support/clock.ts';
import { type Peer, type Script, type Serving, startPeer } from './peer.ts';

export interface Conversed {
	/** `a@x: accepted 250`, `b@x: rejected rcpt 550`, `c@x: broken verdict closed`, in the order settled. */
	readonly outcomes: readonly string[];
	readonly heard: readonly string[];
	readonly accepted: readonly string[];
	/** Addresses that were never taken. */
	readonly left: readonly string[];
	/** Why whole transactions were given up. */
	readonly chunkingFailures: readonly string[];
	readonly why: Break | null;
}

export interface ConverseOptions {
	readonly to: readonly string[];
	readonly depth?: PipeliningDepth;
	readonly pipelining?: boolean;
	readonly chunking?: boolean;
	readonly serving?: Serving;
	readonly maxMessages?: number;
	readonly content?: (to: string) => string;
	readonly clock?: Clock;
	/** Checks deadlines in every turn of the event loop, as the pool does every second. */
	readonly sweep?: boolean;
	/** Called after each outcome, with the session, to interfere. */
	readonly meddle?: (session: Session<Submission>, outcomes: readonly string[]) => void;
	/** Called each time before a submission is taken, with the session, to interfere. */
	readonly meddleInTake?: (session: Session<Submission>, taken: number) => void;
	/** Whether the final dot may go out; always when not given. Whoever says no wakes the session. */
	readonly mayEnd?: (to: string, session: Session<Submission>) => boolean;
	/** When so many were taken, there is nothing to take for a while. */
	readonly restAfter?: number;
	/** The peer, before the first message. */
	readonly onPeer?: (peer: Peer) => void;
	readonly trace?: DialogueTrace;
}

export function capabilitiesWith(changes: Partial<Capabilities>): Capabilities {
	return {
		pipelining: true,
		chunking: false,
		dsn: false,
		smtpUtf8: false,
		size: true,
		sizeLimitBytes: 0,
		mailMax: 0,
		lines: [],
		...changes,
	};
}

export function describe(outcome: Outcome): string {
	switch (outcome.kind) {
		case 'accepted':
			return `accepted ${outcome.reply.code}`;
		case 'rejected':
			return `rejected ${outcome.stage} ${outcome.reply.code}`;
		case 'broken':
			return `broken ${outcome.stage} ${outcome.why.cause}`;
	}
}

export async function converse(script: Script, options: ConverseOptions): Promise<Conversed> {
	const peer = await startPeer(script, options.serving ?? 'whole');
	options.onPeer?.(peer);
	const clock = options.clock ?? systemClock;
	const queue = [...options.to];
	let isToRest = options.restAfter !== undefined;
	const outcomes: string[] = [];
	const chunkingFailures: string[] = [];
	const content = options.content ?? ((to: string) => `Subject: hi\r\n\r\nDear ${to}\r\n`);
	try {
		const why = await new Promise<Break | null>((resolve) => {
			const session: Session<Submission> = new Session<Submission>(
				{
					take() {
						options.meddleInTake?.(session, options.to.length - queue.length);
						if (isToRest && options.to.length - queue.length === options.restAfter) return null;
						const to = queue.shift();
						if (to === undefined) return null;
						const text = content(to);
						return {
							envelope: { from: 'news@acme.example', to, smtpUtf8: false },
							sizeBytes: text.length,
							content: Buffer.from(text, 'latin1'),
						};
					},
					settled(submission, outcome) {
						outcomes.push(`${submission.envelope.to}: ${describe(outcome)}`);
						options.meddle?.(session, outcomes);
					},
					mayEnd: (submission) => options.mayEnd?.(submission.envelope.to, session) ?? true,
					idle() {
						if (!isToRest) return session.finish();
						isToRest = false;
						setImmediate(() => session.wake());
					},
					closed: resolve,
					depth: () => options.depth ?? 'across_messages',
					chunkingFailed: (why) => chunkingFailures.push(why),
				},
				{
					socket: peer.socket,
					capabilities: capabilitiesWith({
						pipelining: options.pipelining ?? true,
						chunking: options.chunking ?? false,
					}),
					clock,
					maxMessages: options.maxMessages ?? 1000,
					trace: options.trace ?? null,
				},
			);
			session.wake();
			const sweep = () => {
				session.checkDeadline(clock.monotonicMs());
				if (!peer.socket.destroyed) setImmediate(sweep);
			};
			if (options.sweep === true) sweep();
		});
		if (!peer.socket.closed) await once(peer.socket, 'close');
		return { outcomes, heard: peer.heard, accepted: peer.accepted, left: queue, chunkingFailures, why };
	} finally {
		peer.close();
	}
}
