/** What a log that cannot be written any more makes the connections do: let go of what is under way, or all at once (design.md §5). */
import type { Clock } from '../support/clock.ts';
import type { CampaignLog } from './campaign-log.ts';

export class EmergencyStop {
	readonly #halt = new AbortController();
	readonly #drop = new AbortController();

	/** `graceMs`: how long what is under way may take to reach its verdict when the disk is full. */
	constructor(
		log: Pick<CampaignLog, 'failure' | 'stops'>,
		{ clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
	) {
		void log.failure.then(() => (log.stops === 'halt' ? this.#halt : this.#drop).abort());
		this.halt.addEventListener('abort', () => {
			const patience = clock.after(graceMs, () => this.#drop.abort());
			this.drop.addEventListener('abort', () => patience.cancel());
		});
	}

	/** No final dot goes out any more. */
	get halt(): AbortSignal {
		return this.#halt.signal;
	}

	/** Every connection is closed now. */
	get drop(): AbortSignal {
		return this.#drop.signal;
	}

	/** Nothing is under way any more. */
	end(): void {
		this.#drop.abort();
	}
}
