/** The columns of a log row, group by group, in the order of the log (design.md §5): shared by rows as they are written and rows that are rebuilt. */
import type { Refusal } from '../bounces/refusal.ts';
import { cleanText } from '../support/clean-text.ts';
import { jsonMilliseconds, jsonString } from './json-text.ts';
import type { Status } from './result.ts';

/** What is the same in all rows of a run. */
export interface RunFacts {
	readonly runId: string;
	readonly campaign: string;
	readonly tags: ReadonlyMap<string, string>;
}

export const maxMessageLength = 1024;

export interface HeadFacts {
	/** dsn, arf: mail that came back. */
	readonly source: 'smtp' | 'local' | 'dsn' | 'arf';
	/** complained: only of mail that came back. */
	readonly status: Status | 'complained';
	/** False: the run means to try it again. */
	readonly final: boolean;
	readonly attempt: number;
}

/** `timestamp`: ISO 8601. */
export function headColumns(timestamp: string, { source, status, final, attempt }: HeadFacts): string {
	return `{"v":1,"timestamp":"${timestamp}","source":"${source}","status":"${status}","final":${final},"attempt":${attempt}`;
}

export function whoColumns(
	recipient: { readonly address: string; readonly key: string; readonly row: number; readonly line: number },
	messageId: string,
): string {
	const { address, key, row, line } = recipient;
	const recipientJson = jsonString(address);
	// Address and key are the same text unless the local part has capitals or --key names a column.
	const keyJson = key === address ? recipientJson : jsonString(key);
	// A parsed domain is an A-label: nothing in it needs escaping.
	const domain = address.slice(address.lastIndexOf('@') + 1);
	return `,"recipient":${recipientJson},"recipient_domain":"${domain}","key":${keyJson},"row":${row},"line":${line},"message_id":${jsonString(messageId)}`;
}

/** The cell has no address in it, so there is neither domain nor key. */
export function malformedColumns({ cell, row, line }: { cell: string; row: number; line: number }): string {
	return `,"recipient":${jsonString(cell)},"recipient_domain":"","key":"","row":${row},"line":${line},"message_id":""`;
}

export function answerColumns(answer: {
	/** 0 when no reply decided. */
	readonly code: number;
	readonly enhancedCode: string;
	readonly stage: string;
	readonly response: string;
	readonly remoteId: string;
}): string {
	const { code, enhancedCode, stage, response, remoteId } = answer;
	return `,"smtp_code":${code},"enhanced_code":"${enhancedCode}","smtp_stage":"${stage}","smtp_response":${jsonString(response)},"remote_id":${jsonString(remoteId)}`;
}

export function refusalColumns({ type, category, action, rule }: Refusal): string {
	return `,"bounce_type":"${type}","bounce_category":"${category}","bounce_action":"${action}","bounce_rule":${jsonString(rule)}`;
}

export function troubleColumns(
	skipReason: string,
	error: { readonly errorType: string; readonly errorMessage: string },
): string {
	const message = jsonString(cleanText(error.errorMessage, maxMessageLength));
	return `,"skip_reason":"${skipReason}","error_type":"${error.errorType}","error_message":${message}`;
}

export function serverColumns(address: string, port: number): string {
	return `,"server_address":${jsonString(address)},"server_port":${port}`;
}

export function transferColumns(transfer: {
	readonly connection: number;
	readonly sizeBytes: number;
	readonly queueMs: number;
	readonly renderMs: number;
	readonly smtpMs: number;
}): string {
	const { connection, sizeBytes, queueMs, renderMs, smtpMs } = transfer;
	return `,"connection":${connection},"size_bytes":${sizeBytes},"queue_ms":${jsonMilliseconds(queueMs)},"render_ms":${jsonMilliseconds(renderMs)},"smtp_ms":${jsonMilliseconds(smtpMs)}`;
}

/** The end of the row, with its line feed. */
export function runColumns({ runId, campaign, tags }: RunFacts): string {
	const pairs = [...tags].map(([name, value]) => `${jsonString(name)}:${jsonString(value)}`);
	return `,"run_id":${jsonString(runId)},"campaign":${jsonString(campaign)},"tags":{${pairs.join(',')}}}\n`;
}

export const noAnswer = ',"smtp_code":0,"enhanced_code":"","smtp_stage":"","smtp_response":"","remote_id":""';
export const notRefused = ',"bounce_type":"","bounce_category":"","bounce_action":"","bounce_rule":""';
export const noTrouble = ',"skip_reason":"","error_type":"","error_message":""';
export const notTransferred = `${serverColumns('', 0)},"connection":0,"size_bytes":0,"queue_ms":0.000,"render_ms":0.000,"smtp_ms":0.000`;
