/** One access token for all connections: fetched once however many ask for it, kept until shortly before it runs out. */
import type { Clock } from '../../support/clock.ts';

export interface FreshToken {
	readonly token: string;
	/** Milliseconds from now in which it may be handed out. */
	readonly keepMs: number;
}

// Connections that were opened together are refused together: the first refusal fetches a token for all of them.
const refusalMs = 60_000;

/** Gives a function as Login has it. `fetch` rejects with RunError, and so does it then. */
export function sharedToken(
	fetch: () => Promise<FreshToken>,
	clock: Pick<Clock, 'monotonicMs'>,
): (refused: boolean) => Promise<string> {
	const shared = new SharedToken(fetch, clock);
	return (refused) => shared.token(refused);
}

class SharedToken {
	readonly #fetch: () => Promise<FreshToken>;
	readonly #clock: Pick<Clock, 'monotonicMs'>;
	#token = '';
	#keepUntilMs = Number.NEGATIVE_INFINITY;
	/** When a token was last fetched because one was refused. */
	#replacedAtMs = Number.NEGATIVE_INFINITY;
	#fetching: Promise<string> | null = null;

	constructor(fetch: () => Promise<FreshToken>, clock: Pick<Clock, 'monotonicMs'>) {
		this.#fetch = fetch;
		this.#clock = clock;
	}

	async token(refused: boolean): Promise<string> {
		if (this.#fetching !== null) return this.#fetching;
		const nowMs = this.#clock.monotonicMs();
		const isGood = refused ? nowMs < this.#replacedAtMs + refusalMs : nowMs < this.#keepUntilMs;
		if (isGood) return this.#token;
		this.#fetching = this.#replace(refused);
		try {
			return await this.#fetching;
		} finally {
			this.#fetching = null;
		}
	}

	async #replace(refused: boolean): Promise<string> {
		const { token, keepMs } = await this.#fetch();
		const nowMs = this.#clock.monotonicMs();
		this.#token = token;
		this.#keepUntilMs = nowMs + keepMs;
		if (refused) this.#replacedAtMs = nowMs;
		return token;
	}
}
