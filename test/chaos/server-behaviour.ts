/** How the chaos server behaves in one campaign: what it offers, how slow it is, and what it does wrong, by odds. */
import { fate } from './seeded-random.ts';

/**
 * Where a fault strikes; `trial`: at BDAT that is not the last, `chunk`: at the one that is; `dot`: after the whole content was received, whichever way it
 * came, `between`: after the verdict was said.
 */
export type FaultStage = 'greeting' | 'mail' | 'rcpt' | 'data' | 'trial' | 'chunk' | 'dot' | 'between';

export type FaultAction =
	/** Hang up without a word: FIN, or RST. At the dot nothing is taken. */
	| 'close'
	| 'reset'
	/** The same, but the message was taken: the case that no client can tell from the one above. */
	| 'commit_close'
	| 'commit_reset'
	/** Say nothing for a while, then hang up; at the dot the message was taken. */
	| 'hang'
	| 'say_421'
	| 'say_4yz'
	| 'say_5yz'
	/** 554 with words about our content: a no that passes. */
	| 'say_spam'
	/** BDAT is no command here, or not now: its octets are thrown away. */
	| 'say_502'
	| 'say_503'
	/** The same, and its octets are taken for commands. */
	| 'unlearn'
	/** Take this and everything that comes, say nothing any more, and hang up after a while. */
	| 'mute'
	/** The right reply, octet by octet. */
	| 'trickle'
	/** The right reply, late. */
	| 'slow'
	/** The right reply and one more. */
	| 'extra'
	/** The right thing done and not said; everything later is answered. */
	| 'missing'
	/** The same, and the message was not taken. */
	| 'lose_missing'
	/** 250 where 354 is due. */
	| 'say_250';

export interface Fault {
	readonly stage: FaultStage;
	readonly action: FaultAction;
	/** 0 to 1. */
	readonly odds: number;
}

export interface ServerBehaviour {
	readonly seed: number;
	readonly pipelining: boolean;
	/** Offers CHUNKING (RFC 3030). */
	readonly chunking: boolean;
	readonly faults: readonly Fault[];
	/** Each verdict takes a while, between these. The message is taken before, not after. */
	readonly verdictMs: readonly [number, number];
	/** How long a `hang`, or the silence after a `missing`, lasts until the server hangs up. */
	readonly patienceMs: number;
	/** Further connections are greeted with 421. Infinity is written as 0. */
	readonly maxConnections: number;
	/** Further messages on a connection are answered 421. 0: no limit. */
	readonly maxMessages: number;
	/** What is not answered until `release()`: greetings, QUITs, or dots from the nth on (1 and up; 0: all are answered). */
	readonly held: { readonly greeting: boolean; readonly quit: boolean; readonly dotsFrom: number };
	/** What is said to RCPT of these, always: `550 5.1.1 User unknown`. */
	readonly refused: Readonly<Record<string, string>>;
	/** What is said to the first dots of these, one after the other, and never taken: `['451 4.3.0 later']`. After that they are taken. */
	readonly verdicts: Readonly<Record<string, readonly string[]>>;
}

/** A server that does everything right, at once. */
export const calm: ServerBehaviour = {
	seed: 1,
	pipelining: true,
	chunking: false,
	faults: [],
	verdictMs: [0, 0],
	patienceMs: 300,
	maxConnections: 0,
	maxMessages: 0,
	held: { greeting: false, quit: false, dotsFrom: 0 },
	refused: {},
	verdicts: {},
};

/** Everything that can go wrong, each rare enough that a campaign comes to its end. */
export const storm: readonly Fault[] = [
	{ stage: 'greeting', action: 'say_421', odds: 0.02 },
	{ stage: 'greeting', action: 'close', odds: 0.02 },
	{ stage: 'mail', action: 'close', odds: 0.001 },
	{ stage: 'mail', action: 'reset', odds: 0.0005 },
	{ stage: 'mail', action: 'say_421', odds: 0.0005 },
	{ stage: 'mail', action: 'say_4yz', odds: 0.001 },
	{ stage: 'mail', action: 'extra', odds: 0.0005 },
	{ stage: 'mail', action: 'missing', odds: 0.0005 },
	{ stage: 'rcpt', action: 'say_5yz', odds: 0.01 },
	{ stage: 'rcpt', action: 'say_4yz', odds: 0.01 },
	{ stage: 'rcpt', action: 'close', odds: 0.001 },
	{ stage: 'rcpt', action: 'extra', odds: 0.0005 },
	{ stage: 'rcpt', action: 'slow', odds: 0.005 },
	{ stage: 'data', action: 'say_4yz', odds: 0.002 },
	{ stage: 'data', action: 'say_421', odds: 0.001 },
	{ stage: 'data', action: 'say_250', odds: 0.001 },
	{ stage: 'data', action: 'missing', odds: 0.0005 },
	{ stage: 'data', action: 'reset', odds: 0.0005 },
	{ stage: 'trial', action: 'close', odds: 0.02 },
	{ stage: 'trial', action: 'say_421', odds: 0.02 },
	{ stage: 'trial', action: 'slow', odds: 0.05 },
	{ stage: 'chunk', action: 'say_4yz', odds: 0.002 },
	{ stage: 'chunk', action: 'say_421', odds: 0.001 },
	{ stage: 'chunk', action: 'close', odds: 0.001 },
	{ stage: 'dot', action: 'say_4yz', odds: 0.02 },
	{ stage: 'dot', action: 'say_5yz', odds: 0.01 },
	{ stage: 'dot', action: 'say_spam', odds: 0.01 },
	{ stage: 'dot', action: 'say_421', odds: 0.003 },
	{ stage: 'dot', action: 'close', odds: 0.001 },
	{ stage: 'dot', action: 'reset', odds: 0.0005 },
	{ stage: 'dot', action: 'commit_close', odds: 0.001 },
	{ stage: 'dot', action: 'commit_reset', odds: 0.0005 },
	{ stage: 'dot', action: 'hang', odds: 0.001 },
	{ stage: 'dot', action: 'trickle', odds: 0.005 },
	{ stage: 'dot', action: 'slow', odds: 0.01 },
	{ stage: 'dot', action: 'extra', odds: 0.001 },
	{ stage: 'dot', action: 'missing', odds: 0.001 },
	{ stage: 'dot', action: 'lose_missing', odds: 0.0005 },
	{ stage: 'between', action: 'close', odds: 0.002 },
	{ stage: 'between', action: 'say_421', odds: 0.002 },
];

/** A server that announces CHUNKING and does not mean it, sooner or later. */
export const chunkTrouble: readonly Fault[] = [
	...storm,
	{ stage: 'trial', action: 'say_502', odds: 0.1 },
	{ stage: 'chunk', action: 'say_502', odds: 0.001 },
	{ stage: 'chunk', action: 'say_503', odds: 0.001 },
	{ stage: 'chunk', action: 'unlearn', odds: 0.001 },
	{ stage: 'dot', action: 'mute', odds: 0.001 },
];

/** What befalls this occasion: the same for the same seed, stage and subject. Null: nothing. */
export function faultAt(behaviour: ServerBehaviour, stage: FaultStage, subject: string): FaultAction | null {
	if (behaviour.faults.length === 0) return null;
	let left = fate(behaviour.seed, `${stage} ${subject}`);
	for (const fault of behaviour.faults) {
		if (fault.stage !== stage) continue;
		if (left < fault.odds) return fault.action;
		left -= fault.odds;
	}
	return null;
}
