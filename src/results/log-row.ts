/** One result as one line of the log: flat JSON, every column in every row, no nulls (`""` and `0` mean none), in this order (design.md §5). */
import type { Refusal } from '../bounces/refusal.ts';
import type { DeliveryResult } from '../delivery/delivery-result.ts';
import type { Recipient } from '../recipients/row.ts';
import { assertNever } from '../support/assert-never.ts';
import { cleanText } from '../support/clean-text.ts';
import type { Clock } from '../support/clock.ts';
import { jsonMilliseconds, jsonString } from './json-text.ts';
import { remoteId } from './remote-id.ts';
import { replyLine } from './reply-line.ts';
import { type Reply, type Result, refusalOf, type Status, statusOf } from './result.ts';

/** What is the same in all rows of a run. */
export interface RunFacts {
	readonly runId: string;
	readonly campaign: string;
	readonly tags: ReadonlyMap<string, string>;
}

const maxMessageLength = 1024;

/** Turns results into lines that end in a line feed. On the way of each message, hence concatenation of pieces instead of an object per row. */
export class LogRows {
	readonly #clock: Clock;
	readonly #runColumns: string;
	#timestamp = { at: Number.NaN, text: '' };
	#server = { address: '', port: 0, columns: serverColumns('', 0) };

	constructor(run: RunFacts, clock: Clock) {
		this.#clock = clock;
		const tags = [...run.tags].map(([name, value]) => `${jsonString(name)}:${jsonString(value)}`);
		this.#runColumns = `,"run_id":${jsonString(run.runId)},"campaign":${jsonString(run.campaign)},"tags":{${tags.join(',')}}}\n`;
	}

	line(result: Result): string {
		switch (result.kind) {
			case 'accepted': {
				const response = replyLine(result.reply);
				const answer = answerColumns(result.reply, { stage: 'verdict', response, remoteId: remoteId(response) });
				return this.#attempted(result, answer + notRefused + noTrouble);
			}
			case 'bounced':
			case 'deferred': {
				const answer = answerColumns(result.reply, {
					stage: result.stage,
					response: replyLine(result.reply),
					remoteId: '',
				});
				const trouble = troubleColumns('', { errorType: String(result.reply.code), errorMessage: '' });
				return this.#attempted(result, answer + refusalColumns(result.refusal) + trouble);
			}
			case 'undelivered':
			case 'unknown': {
				const stage = result.kind === 'unknown' ? 'verdict' : result.stage;
				const { reply, cause, message } = result.why;
				const answer = answerColumns(reply, { stage, response: reply === null ? '' : replyLine(reply), remoteId: '' });
				const trouble = troubleColumns('', { errorType: cause, errorMessage: message });
				return this.#attempted(result, answer + refusalColumns(refusalOf(result)) + trouble);
			}
			case 'failed':
				return this.#attempted(result, noAnswer + notRefused + troubleColumns('', result));
			case 'skipped': {
				const trouble = troubleColumns(result.reason, { errorType: '', errorMessage: '' });
				return this.#local('skipped', whoColumns(result.recipient, '') + noAnswer + notRefused + trouble);
			}
			case 'malformed': {
				const { cell, row, line, reason, message } = result.row;
				const who = `,"recipient":${jsonString(cell)},"recipient_domain":"","key":"","row":${row},"line":${line},"message_id":""`;
				const trouble = troubleColumns('', { errorType: reason, errorMessage: message });
				return this.#local('failed', who + noAnswer + notRefused + trouble);
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
			this.#head(attempt.at, { source, status: statusOf(result), attempt: attempt.number }) +
			whoColumns(message.recipient, message.messageId) +
			middle +
			this.#serverColumns(attempt.serverAddress, attempt.serverPort) +
			`,"connection":${attempt.connection},"size_bytes":${message.sizeBytes},"queue_ms":${jsonMilliseconds(attempt.queueMs)}` +
			`,"render_ms":${jsonMilliseconds(message.renderMs)},"smtp_ms":${jsonMilliseconds(attempt.smtpMs)}` +
			this.#runColumns
		);
	}

	#local(status: Status, middle: string): string {
		const head = this.#head(this.#clock.now(), { source: 'local', status, attempt: 0 });
		return head + middle + notTransferred + this.#runColumns;
	}

	#head(at: number, columns: { readonly source: string; readonly status: Status; readonly attempt: number }): string {
		// Many rows share a millisecond, and toISOString is the dearest part of a row.
		if (at !== this.#timestamp.at) this.#timestamp = { at, text: new Date(at).toISOString() };
		const { source, status, attempt } = columns;
		return `{"v":1,"timestamp":"${this.#timestamp.text}","source":"${source}","status":"${status}","final":true,"attempt":${attempt}`;
	}

	#serverColumns(address: string, port: number): string {
		if (address !== this.#server.address || port !== this.#server.port) {
			this.#server = { address, port, columns: serverColumns(address, port) };
		}
		return this.#server.columns;
	}
}

function serverColumns(address: string, port: number): string {
	return `,"server_address":${jsonString(address)},"server_port":${port}`;
}

function whoColumns(recipient: Recipient, messageId: string): string {
	const { address, key, row, line } = recipient;
	const recipientJson = jsonString(address);
	// Address and key are the same text unless the local part has capitals or --key names a column.
	const keyJson = key === address ? recipientJson : jsonString(key);
	// A parsed domain is an A-label: nothing in it needs escaping.
	const domain = address.slice(address.lastIndexOf('@') + 1);
	return `,"recipient":${recipientJson},"recipient_domain":"${domain}","key":${keyJson},"row":${row},"line":${line},"message_id":${jsonString(messageId)}`;
}

function answerColumns(
	reply: Reply | null,
	columns: { readonly stage: string; readonly response: string; readonly remoteId: string },
): string {
	const { stage, response, remoteId } = columns;
	const code = reply?.code ?? 0;
	return `,"smtp_code":${code},"enhanced_code":"${reply?.enhancedCode ?? ''}","smtp_stage":"${stage}","smtp_response":${jsonString(response)},"remote_id":${jsonString(remoteId)}`;
}

function refusalColumns(refusal: Refusal | null): string {
	if (refusal === null) return notRefused;
	const { type, category, action, rule } = refusal;
	return `,"bounce_type":"${type}","bounce_category":"${category}","bounce_action":"${action}","bounce_rule":${jsonString(rule)}`;
}

function troubleColumns(
	skipReason: string,
	error: { readonly errorType: string; readonly errorMessage: string },
): string {
	const message = jsonString(cleanText(error.errorMessage, maxMessageLength));
	return `,"skip_reason":"${skipReason}","error_type":"${error.errorType}","error_message":${message}`;
}

const noAnswer = ',"smtp_code":0,"enhanced_code":"","smtp_stage":"","smtp_response":"","remote_id":""';
const notRefused = ',"bounce_type":"","bounce_category":"","bounce_action":"","bounce_rule":""';
const noTrouble = ',"skip_reason":"","error_type":"","error_message":""';
const notTransferred = `${serverColumns('', 0)},"connection":0,"size_bytes":0,"queue_ms":0.000,"render_ms":0.000,"smtp_ms":0.000`;
