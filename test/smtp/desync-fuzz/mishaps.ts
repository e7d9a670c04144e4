/** What goes wrong with a server's replies between its mind and the wire, by seed. */
import type { SeededRandom } from '../../chaos/seeded-random.ts';
import type { TrueReply } from './model-server.ts';

/** One reply as it goes over the wire. */
export interface WireReply {
	/** What a parser makes of it; 0 when it is no reply. */
	readonly code: number;
	readonly bytes: string;
	/** The true reply it stands for; null for one that nothing asked for, and for every copy but the first. */
	readonly truth: TrueReply | null;
	/** The number of the true reply that is due when this is said. */
	readonly saidAt: number;
}

export type WireItem =
	| { readonly kind: 'reply'; readonly reply: WireReply }
	/** Nothing more is written until the client has said something more, or for some turns. */
	| { readonly kind: 'wait'; readonly turns: number }
	/** Before the client hears more, its run stops. */
	| { readonly kind: 'stop'; readonly how: 'drop' | 'leave' }
	/** The server goes away: FIN, RST that is met by reading, RST that is met by writing. It hears nothing more. */
	| { readonly kind: 'end'; readonly how: 'close' | 'reset' | 'reset_at_write' };

export const mishaps = [
	'lost',
	'doubled',
	'stray before',
	'stray behind',
	'merged',
	'split',
	'swapped',
	'postponed',
	'late',
	'wrong code',
	'mixed codes',
	'garbage',
	'endless',
	'421 before',
	'421 instead, goes on',
	'close before',
	'close behind',
	'reset before',
	'reset behind',
	'line ends',
	'many lines',
	'bare code',
	'we stop before',
] as const;

export type Mishap = (typeof mishaps)[number];

/** What no command asked for, or what stands where another reply belongs. */
const strays = ['250 2.1.0 Sender ok', '250 Ok', '250 2.0.0 Queued as 77Q', '354 Go ahead', '421 4.3.2 Closing'];
const noes = [
	'451 4.3.0 Later',
	'550 5.1.1 No such user',
	'554 5.5.1 No',
	'503 5.5.1 Bad sequence',
	'220 relay.example ESMTP',
	'221 Bye',
];

export class Mishaps {
	/** What happened, for people: `reply 4 (dot): lost`. */
	readonly told: string[] = [];
	readonly #random: SeededRandom;
	readonly #plan: ReadonlyMap<number, Mishap>;
	#count = 0;
	/** The number of the true reply that is due. */
	#saying = 0;
	/** Kept back: to be glued to the next reply, or to be sent behind the next ones. */
	#glued: TrueReply | null = null;
	#kept: { reply: WireReply; behind: number }[] = [];

	/** `plan`: number of the reply on this connection, from 0 -> what befalls it. */
	constructor(random: SeededRandom, plan: ReadonlyMap<number, Mishap>) {
		this.#random = random;
		this.#plan = plan;
	}

	/** How much went wrong: a reply that comes out of its turn is missing in one place and too many in another. */
	get faults(): number {
		const servers = this.told.filter((told) => !told.endsWith('we stop before'));
		return servers.length + servers.filter((told) => /swapped|postponed/.test(told)).length;
	}

	/** What befalls the next reply. */
	get next(): Mishap | undefined {
		return this.#plan.get(this.#count);
	}

	stray(): WireReply {
		const reply = this.#wire(this.#random.pick([...strays, ...noes]));
		this.told.push(`stray ${reply.code}`);
		return reply;
	}

	/** What goes over the wire for this reply, in order. */
	befall(reply: TrueReply): WireItem[] {
		const mishap = this.next;
		if (mishap !== undefined) this.told.push(`reply ${this.#count} (${reply.command}): ${mishap}`);
		this.#count += 1;
		// Strays from here on come with this reply, later ones before the next.
		this.#saying = reply.number;
		const glued = this.#glued;
		this.#glued = null;
		const items = mishap === undefined ? [said(spoken(reply))] : this.#carryOut(mishap, reply);
		if (glued !== null) this.#glue(glued, items);
		this.#saying = this.#count;
		return [...items, ...this.#due()];
	}

	#carryOut(mishap: Mishap, reply: TrueReply): WireItem[] {
		const right = spoken(reply);
		const random = this.#random;
		switch (mishap) {
			case 'lost':
				return [];
			case 'doubled':
				return [said(right), said({ ...right, truth: null })];
			case 'stray before':
				return [said(this.stray()), said(right)];
			case 'stray behind':
				return [said(right), said(this.stray())];
			case 'merged':
				this.#glued = reply;
				return [];
			case 'split':
				return [said(this.#wire(`${reply.code} first part`, reply)), said(this.#wire(`${reply.code} second part`))];
			case 'swapped':
				this.#kept.push({ reply: right, behind: 1 });
				return [];
			case 'postponed':
				this.#kept.push({ reply: right, behind: random.whole(2, 5) });
				return [];
			case 'late':
				return [{ kind: 'wait', turns: random.whole(1, 60) }, said(right)];
			case 'wrong code':
				return [said(this.#wire(random.pick([...strays, ...noes]), reply))];
			case 'mixed codes':
				return [said({ ...right, code: 0, bytes: `${reply.code === 250 ? 550 : 250}-first\r\n${right.bytes}` })];
			case 'garbage':
				return [
					said({
						code: 0,
						bytes: random.pick(['what?\r\n', '\r\n', '99 Ok\r\n', '25', 'x'.repeat(5000)]),
						truth: null,
						saidAt: reply.number,
					}),
				];
			case 'endless':
				return [said({ code: 0, bytes: `${reply.code}-and so on\r\n`.repeat(200), truth: null, saidAt: reply.number })];
			case '421 before':
				return [said(this.#wire('421 4.3.2 Closing')), end(random)];
			case '421 instead, goes on':
				return [said(this.#wire('421 4.3.2 Closing', reply))];
			case 'close before':
				return [{ kind: 'end', how: 'close' }];
			case 'close behind':
				return [said(right), { kind: 'end', how: 'close' }];
			case 'reset before':
				return [{ kind: 'end', how: random.pick(['reset', 'reset_at_write']) }];
			case 'reset behind':
				return [said(right), { kind: 'end', how: random.pick(['reset', 'reset_at_write']) }];
			case 'line ends':
				return [said({ ...right, bytes: right.bytes.replace('\r\n', random.pick(['\n', '\r\r\n'])) })];
			case 'many lines':
				return [said({ ...right, bytes: `${reply.code}-${reply.text}\r\n${reply.code}-\r\n${reply.code} end\r\n` })];
			case 'we stop before':
				return [{ kind: 'stop', how: random.pick(['drop', 'leave']) }, said(right)];
			case 'bare code':
				return [said({ ...right, bytes: `${reply.code}\r\n` })];
		}
	}

	#wire(words: string, truth: TrueReply | null = null): WireReply {
		return { code: Number(words.slice(0, 3)), bytes: `${words}\r\n`, truth, saidAt: truth?.number ?? this.#saying };
	}

	/** Two replies become one: `250-Ok` and then the other, in place of both. Of the same code it is a whole reply. */
	#glue(first: TrueReply, items: WireItem[]): void {
		const at = items.findIndex((item) => item.kind === 'reply');
		const item = items[at];
		if (item === undefined || item.kind !== 'reply') return;
		const { reply } = item;
		const code = reply.code === first.code ? reply.code : 0;
		items[at] = said({ ...reply, code, bytes: `${first.code}-${first.text}\r\n${reply.bytes}` });
	}

	/** What was kept back long enough. */
	#due(): WireItem[] {
		for (const kept of this.#kept) kept.behind -= 1;
		const due = this.#kept.filter(({ behind }) => behind < 0);
		this.#kept = this.#kept.filter(({ behind }) => behind >= 0);
		return due.map(({ reply }) => said(reply));
	}
}

/** The bytes of a reply to which nothing happens. */
export function plainWords(reply: TrueReply): string {
	return `${reply.code} ${reply.text}\r\n`;
}

function spoken(reply: TrueReply): WireReply {
	return { code: reply.code, bytes: plainWords(reply), truth: reply, saidAt: reply.number };
}

function said(reply: WireReply): WireItem {
	return { kind: 'reply', reply };
}

function end(random: SeededRandom): WireItem {
	return { kind: 'end', how: random.pick(['close', 'reset', 'reset_at_write']) };
}
