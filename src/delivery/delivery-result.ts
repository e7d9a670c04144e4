import type { Refusal } from '../bounces/refusal.ts';
import type { RenderedMessage } from '../message/rendered-message.ts';
import type { Break, Stage } from '../smtp/outcome.ts';
import type { Reply } from '../smtp/reply.ts';

/** Facts of one attempt over one connection. */
export interface Attempt {
	/** From 1: tries of this message in this run. */
	readonly number: number;
	/** An earlier attempt of this run was recorded as deferred: this result stands in its place. */
	readonly isRetry: boolean;
	/** Wall clock at the verdict, milliseconds since 1970. */
	readonly at: number;
	/** Host name or address literal and port as configured. */
	readonly serverAddress: string;
	readonly serverPort: number;
	/** Number of the connection in this run, from 1. */
	readonly connection: number;
	/** Mark.id of this attempt, which the result closes; 0 when nothing was tried, so that nothing was marked. */
	readonly mark: number;
	/** From rendered to MAIL written, and from there to the verdict, in milliseconds. */
	readonly queueMs: number;
	readonly smtpMs: number;
}

/** What this run still does about a message that was deferred. */
export type Sequel =
	/** Nothing: the next run takes it up. */
	| { readonly kind: 'left' }
	/** Delivery keeps it and tries it again. Wall clock, milliseconds since 1970. */
	| { readonly kind: 'retry'; readonly at: number }
	/** Too many wait: the source is to give it again in a later round over the list, not before `atMs` (monotonic). */
	| { readonly kind: 'round'; readonly atMs: number };

/**
 * What became of one message that was handed to delivery. Rows that never get that far are the other members of the log's statuses: see results/result.ts.
 * "Accepted", never "delivered": a 250 is the next server's promise.
 */
export type DeliveryResult =
	| { readonly kind: 'accepted'; readonly message: RenderedMessage; readonly attempt: Attempt; readonly reply: Reply }
	| {
			/** Refused for good: the refusal's action is suppress or drop. */
			readonly kind: 'bounced';
			readonly message: RenderedMessage;
			readonly attempt: Attempt;
			readonly stage: Stage;
			readonly reply: Reply;
			readonly refusal: Refusal;
	  }
	| {
			/** Refused for now, or because of us, also by a 5xx: the next run sends it again. */
			readonly kind: 'deferred';
			readonly message: RenderedMessage;
			readonly attempt: Attempt;
			readonly stage: Stage;
			readonly reply: Reply;
			readonly refusal: Refusal;
			readonly sequel: Sequel;
	  }
	| {
			/** Connections broke before the final dot, as often as patience allows: certainly not sent. */
			readonly kind: 'undelivered';
			readonly message: RenderedMessage;
			readonly attempt: Attempt;
			readonly stage: Stage;
			readonly why: Break;
			readonly sequel: Sequel;
	  }
	| {
			/** Cannot be sent over this server at all (SMTPUTF8 or SIZE missing): nothing was tried. */
			readonly kind: 'failed';
			readonly message: RenderedMessage;
			readonly attempt: Attempt;
			readonly errorType: 'smtp.no_smtputf8' | 'smtp.size_exceeded';
			readonly errorMessage: string;
	  }
	| {
			/** The connection broke after the final dot was handed to the socket: the server may have it. */
			readonly kind: 'unknown';
			readonly message: RenderedMessage;
			readonly attempt: Attempt;
			readonly why: Break;
	  };
