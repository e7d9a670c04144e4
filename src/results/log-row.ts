/** One result as one line of the log: flat JSON, every column in every row, no nulls (`""` and `0` mean none), in this order (design.md §5). */
import type { DeliveryResult } from '../delivery/delivery-result.ts';
import { assertNever } from '../support/assert-never.ts';
import type { Clock } from '../support/clock.ts';
import {
	answerColumns,
	type HeadFacts,
	headColumns,
	malformedColumns,
	noAnswer,
	noTrouble,
	notRefused,
	notTransferred,
	type RunFacts,
	refusalColumns,
	runColumns,
	serverColumns,
	transferColumns,
	troubleColumns,
	whoColumns,
} from './log-columns.ts';
import { remoteId } from './remote-id.ts';
import { replyLine } from './reply-line.ts';
import { isWaiting, type Reply, type Result, refusalOf, type Stage, type Status, statusOf } from './result.ts';

/** Turns results into lines that end in a line feed. On the way of each message, hence concatenation of pieces instead of an object per row. */
export class LogRows {
	readonly #clock: Clock;
	readonly #runColumns: string;
	#timestamp = { at: Number.NaN, text: '' };
	#server = { address: '', port: 0, columns: serverColumns('', 0) };

	constructor(run: RunFacts, clock: Clock) {
		this.#clock = clock;
		this.#runColumns = runColumns(run);
	}

	line(result: Result): string {
		switch (result.kind) {
			case 'accepted': {
				const { code, enhancedCode } = result.reply;
				const response = replyLine(result.reply);
				const answer = answerColumns({ code, enhancedCode, stage: 'verdict', response, remoteId: remoteId(response) });
				return this.#attempted(result, answer + notRefused + noTrouble);
			}
			case 'bounced':
			case 'deferred': {
				const answer = replyColumns(result.reply, result.stage);
				const trouble = troubleColumns('', { errorType: String(result.reply.code), errorMessage: '' });
				return this.#attempted(result, answer + refusalColumns(result.refusal) + trouble);
			}
			case 'undelivered':
			case 'unknown': {
				const stage = result.kind === 'unknown' ? 'verdict' : result.stage;
				const { reply, cause, message } = result.why;
				const trouble = troubleColumns('', { errorType: cause, errorMessage: message });
				const refusal = refusalOf(result);
				const refused = refusal === null ? notRefused : refusalColumns(refusal);
				return this.#attempted(result, replyColumns(reply, stage) + refused + trouble);
			}
			case 'failed':
				return this.#attempted(result, noAnswer + notRefused + troubleColumns('', result));
			case 'skipped': {
				const trouble = troubleColumns(result.reason, { errorType: '', errorMessage: '' });
				return this.#local('skipped', whoColumns(result.recipient, '') + noAnswer + notRefused + trouble);
			}
			case 'malformed': {
				const { reason, message } = result.row;
				const trouble = troubleColumns('', { errorType: reason, errorMessage: message });
				return this.#local('failed', malformedColumns(result.row) + noAnswer + notRefused + trouble);
			}
			case 'unrenderable': {
				const { errorType, message } = result.failure;
				const trouble = troubleColumns('', { errorType, errorMessage: message });
				return this.#local('failed', whoColumns(result.recipient, '') + noAnswer + notRefused + trouble);
			}
			default:
				return assertNever(result);
		}
	}

	#attempted(result: DeliveryResult, middle: string): string {
		const { message, attempt } = result;
		// A message that this server cannot take at all was refused by us: no SMTP was spoken about it.
		const source = result.kind === 'failed' ? 'local' : 'smtp';
		return (
			this.#head(attempt.at, { source, status: statusOf(result), final: !isWaiting(result), attempt: attempt.number }) +
			whoColumns(message.recipient, message.messageId) +
			middle +
			this.#serverColumns(attempt.serverAddress, attempt.serverPort) +
			transferColumns({
				connection: attempt.connection,
				sizeBytes: message.sizeBytes,
				queueMs: attempt.queueMs,
				renderMs: message.renderMs,
				smtpMs: attempt.smtpMs,
			}) +
			this.#runColumns
		);
	}

	#local(status: Status, middle: string): string {
		const head = this.#head(this.#clock.now(), { source: 'local', status, final: true, attempt: 0 });
		return head + middle + notTransferred + this.#runColumns;
	}

	#head(at: number, columns: HeadFacts): string {
		// Many rows share a millisecond, and toISOString is the dearest part of a row.
		if (at !== this.#timestamp.at) this.#timestamp = { at, text: new Date(at).toISOString() };
		return headColumns(this.#timestamp.text, columns);
	}

	#serverColumns(address: string, port: number): string {
		if (address !== this.#server.address || port !== this.#server.port) {
			this.#server = { address, port, columns: serverColumns(address, port) };
		}
		return this.#server.columns;
	}
}

function replyColumns(reply: Reply | null, stage: Stage): string {
	const response = reply === null ? '' : replyLine(reply);
	return answerColumns({
		code: reply?.code ?? 0,
		enhancedCode: reply?.enhancedCode ?? '',
		stage,
		response,
		remoteId: '',
	});
}
