/**
 * Who makes attempts durable before their final dot may go out (design.md §5): the journal, as delivery sees it.
 *
 * A mark stands for one attempt. It is made when a connection takes the message, becomes durable with the next group commit, and is closed by exactly
 * one of: the result that names it (`Attempt.mark`), or `release` when its dot certainly never went out.
 */
import type { RenderedMessage } from '../message/rendered-message.ts';

export interface Mark {
	/** Number in the run, from 1. */
	readonly id: number;
	/** The final dot may be handed to the socket. Becomes true once, between two calls of the `onDurable` listener, and never false again. */
	readonly isDurable: boolean;
}

export interface AttemptMarks {
	/** Synchronous, throws nothing; on the way of each message. */
	mark(
		message: RenderedMessage,
		attempt: {
			/** As in Attempt.number. */
			readonly number: number;
			readonly connection: number;
		},
	): Mark;
	/** The dot of this attempt never went out, and never will. `why` is one low-cardinality word. */
	release(mark: Mark, why: string): void;
	/** Somebody waits for a mark that is not durable: commit as soon as the others of this turn have had their say. */
	hurry(): void;
	/** Called after each commit that made marks durable; one listener, null takes it away. */
	onDurable(listener: (() => void) | null): void;
}
