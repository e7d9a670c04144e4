/** A scripted server that misbehaves by a plan: goes away and comes back, refuses logins, connections, sessions, and messages at every step. */

import type { Rate } from '../../src/delivery/pace/rate.ts';
import { type Answer, type Script, type ScriptedServer, startScriptedServer } from '../smtp/peer.ts';
import { recipientOf } from './run-delivery.ts';
import { laterByTurns } from './scripted-marks.ts';

export type Step = 'mail' | 'rcpt' | 'data' | 'verdict';

/** What a server answers in place of yes. */
export interface Mishap {
	readonly step: Step;
	/** Of the server's answers at that step, counted over all connections, from 1. */
	readonly from: number;
	readonly count: number;
	/** Only to one recipient in so many; 1: to all. */
	readonly oneIn: number;
	/** A reply; '' is none. 421 is followed by a close. */
	readonly reply: string;
	readonly ending: 'none' | 'close' | 'reset';
}

export interface FireServer {
	readonly connections: number;
	readonly messagesPerConnection: number;
	readonly rates: readonly Rate[];
	readonly refusesLogin: boolean;
	/** By connection, from 1; those behind the last are welcome. */
	readonly greetings: readonly string[];
	/** Of its sessions; 0: none. */
	readonly sessionLimit: number;
	/** Announced with LIMITS MAILMAX; 0: not. */
	readonly mailMax: number;
	readonly mishaps: readonly Mishap[];
	/** It goes away after so many answers to a final dot and comes back some turns of the event loop later; 0: never goes; -1 turns: never comes back. */
	readonly leavesAfter: number;
	readonly isBackAfter: number;
	readonly pipelining: boolean;
}

function numberOf(address: string): number {
	return Number(/\d+/.exec(address)?.[0] ?? 0);
}

function sentBack(reply: string, ending: Mishap['ending'], address: string): Answer {
	const say = reply.replaceAll('@TO', `<${address}>`);
	if (ending !== 'none') return { say, ending };
	return say.startsWith('421') ? { say, ending: 'close' } : say;
}

export class Firing {
	readonly plan: FireServer;
	readonly taken: string[] = [];
	readonly #onDot: (to: string) => void;
	readonly #counts = { mail: 0, rcpt: 0, data: 0, verdict: 0 };
	#server: ScriptedServer | null = null;
	#connections = 0;
	#isAway = false;
	#isOver = false;
	port = 0;

	constructor(plan: FireServer, onDot: (to: string) => void) {
		this.plan = plan;
		this.#onDot = onDot;
	}

	get connections(): number {
		return this.#connections;
	}

	async open(): Promise<void> {
		const { plan } = this;
		let first = 0;
		this.#server = await startScriptedServer({
			port: this.port,
			greeting: (connection) => {
				first = this.#connections - connection + 1;
				return plan.greetings[connection + first - 1] ?? '220 fire.example';
			},
			script: () => this.#script(),
		});
		this.port = this.#server.port;
		if (this.#isOver) this.#server.close();
	}

	close(): void {
		this.#isOver = true;
		this.#server?.close();
	}

	#script(): Script {
		this.#connections += 1;
		const { pipelining, mailMax, sessionLimit, refusesLogin } = this.plan;
		let recipient = '';
		let isOpen = false;
		return {
			ehlo: () =>
				[
					'250-fire.example',
					...(pipelining ? ['250-PIPELINING'] : []),
					...(mailMax > 0 ? [`250-LIMITS MAILMAX=${mailMax}`] : []),
					...(refusesLogin ? ['250-AUTH PLAIN'] : []),
					'250 SIZE',
				].join('\r\n'),
			mail: (_from, nth) => {
				isOpen = false;
				if (mailMax > 0 && nth > mailMax) return '421 4.3.2 told you';
				if (sessionLimit > 0 && nth > sessionLimit) return '452 4.4.5 Maximum number of messages per session exceeded';
				const answer = this.#answer('mail', '') ?? '250 ok';
				isOpen = isYes(answer);
				return answer;
			},
			rcpt: (to) => {
				recipient = to;
				const answer = this.#answer('rcpt', to) ?? (isOpen ? '250 ok' : '503 5.5.1 need MAIL');
				isOpen = isYes(answer);
				return answer;
			},
			data: () => this.#answer('data', recipient) ?? (isOpen ? '354 go ahead' : '554 5.5.1 no valid recipients'),
			verdict: (content) => {
				const to = recipientOf(content);
				this.#onDot(to);
				const answer = this.#answer('verdict', to) ?? '250 2.0.0 queued';
				if (isYes(answer)) this.taken.push(to);
				this.#maybeLeave();
				return answer;
			},
		};
	}

	#answer(step: Step, to: string): Answer | undefined {
		this.#counts[step] += 1;
		const nth = this.#counts[step];
		for (const { step: at, from, count, oneIn, reply, ending } of this.plan.mishaps) {
			if (at !== step || nth < from || nth >= from + count) continue;
			if (oneIn > 1 && (step === 'mail' || numberOf(to) % oneIn !== 0)) continue;
			return sentBack(reply, ending, to);
		}
		return undefined;
	}

	#maybeLeave(): void {
		const { leavesAfter, isBackAfter } = this.plan;
		if (leavesAfter === 0 || this.#isAway || this.#counts.verdict < leavesAfter) return;
		this.#isAway = true;
		// The answer that is due is on its way before the line is cut.
		laterByTurns(2, () => {
			this.#server?.close();
			if (isBackAfter >= 0) laterByTurns(isBackAfter, () => void this.open().catch(() => {}));
		});
	}
}

function isYes(answer: Answer): boolean {
	const said = answer === null || typeof answer === 'string' ? answer : 'say' in answer ? answer.say : answer.raw;
	return said?.startsWith('2') === true;
}
