/**
 * The records of a journal, one JSON object a line, append only (design.md §5). The journal alone decides who is sent to; `results.jsonl` is derived
 * from the same events.
 *
 *     run      who writes from here on                          before anything else of that run
 *     mark     this attempt's final dot may go out              durable before the dot
 *     release  that dot never went out, or got a 421            closes the mark
 *     settle   what the server said, or that nobody knows       closes the mark
 *     local    a row that came to nothing here: skipped, failed
 *     resolve  a person looked into the server's log
 *     commit   so much of both files is durable
 *
 * Readers refuse a newer version and ignore fields they do not know. encode-record.ts writes the fields in the order in which they stand here.
 */
import type { BounceAction, BounceCategory, BounceType } from '../../bounces/refusal.ts';
import type { Stage, Status } from '../result.ts';

export const journalVersion = 1;

/** Header of one run; no secrets. The first one names the campaign for good. */
export interface RunRecord {
	readonly type: 'run';
	readonly v: number;
	/** Number of the run in this journal, from 1; marks refer to it. */
	readonly run: number;
	/** As in the log. */
	readonly run_id: string;
	/** 32 hex digits, made with the log: Message-IDs and fingerprints are keyed with it. */
	readonly campaign_id: string;
	readonly campaign: string;
	readonly tags: Readonly<Record<string, string>>;
	/** `mailshot 0.1.0` */
	readonly tool: string;
	/** ISO 8601. */
	readonly started_at: string;
	readonly pid: number;
	/** When the process started, in the kernel's own words; '' where it cannot be known. A pid is used again. */
	readonly pid_started: string;
	/** '' where it cannot be known. */
	readonly boot_id: string;
	readonly host: string;
	/** `address` or `column:<name>`: what a key is, the same for every run of a log. */
	readonly key_rule: string;
	/** What is sent, by part: `From`, `Subject` as text, the others as SHA-256; a part that differs between runs is named. */
	readonly message: Readonly<Record<string, string>>;
	/** Sent to the sandbox: its accepted is nobody's. */
	readonly rehearsal: boolean;
	readonly server_address: string;
	readonly server_port: number;
	readonly connections: number;
	readonly window: number;
	/** Settled rows that were to be sent to again: `accepted,bounced:policy`; '' for none. */
	readonly resend: string;
	/** Where bounces come back to, each to an address with a signed token; '' when envelope senders were not signed. The first journals do not say. */
	readonly verp: string;
}

export interface MarkRecord {
	readonly type: 'mark';
	readonly run: number;
	/** Number of the mark in its run, from 1: names the attempt that alone may close it. */
	readonly mark: number;
	readonly key: string;
	/** Envelope address; '' when it is the key. */
	readonly to: string;
	readonly row: number;
	readonly line: number;
	/** As in the log: which try of this run. */
	readonly attempt: number;
	readonly connection: number;
}

/** The attempt certainly left nothing with the server, and another one may follow. */
export interface ReleaseRecord {
	readonly type: 'release';
	readonly run: number;
	readonly mark: number;
	/** Low-cardinality: `closed`, `again`, `unused` ... */
	readonly why: string;
}

export interface SettleRecord {
	readonly type: 'settle';
	readonly run: number;
	readonly mark: number;
	readonly key: string;
	readonly status: 'accepted' | 'bounced' | 'deferred' | 'unknown';
	/** 0 when no reply decided. */
	readonly code: number;
	/** '' when nobody refused. */
	readonly bounce_category: BounceCategory | '';
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly enhanced_code: string;
	readonly stage: Stage | '';
	/** As the log's smtp_response. */
	readonly response: string;
	readonly bounce_type: BounceType | '';
	readonly bounce_action: BounceAction | '';
	readonly bounce_rule: string;
	readonly error_type: string;
	readonly error_message: string;
	/** False: the run meant to try it again. Only then it is in the line, so that a journal of accepted messages does not pay for it. */
	readonly final: boolean;
}

export interface LocalRecord {
	readonly type: 'local';
	readonly run: number;
	readonly status: 'skipped' | 'failed';
	/** '' for a malformed row. */
	readonly key: string;
	/** Envelope address, or the cell of a malformed row; '' when it is the key. */
	readonly to: string;
	readonly row: number;
	readonly line: number;
	readonly at: number;
	readonly skip_reason: string;
	readonly error_type: string;
	readonly error_message: string;
}

/** Written by `log resolve`; what came before it for that key no longer counts: the key is accepted then, or deferred. */
export interface ResolveRecord {
	readonly type: 'resolve';
	readonly run: number;
	readonly key: string;
	/** Envelope address; '' when it is the key. */
	readonly to: string;
	readonly status: 'accepted' | 'not_sent';
	/** 0, as the line, when the attempt that it speaks of does not say. */
	readonly row: number;
	readonly line: number;
	readonly at: number;
}

export interface CommitRecord {
	readonly type: 'commit';
	/** Octets of the journal that are durable. */
	readonly journal: number;
	/** Octets of the log that are durable. */
	readonly log: number;
	/** The log's row of every settle, local and resolve record that begins before this offset of the journal is within those octets. */
	readonly covers: number;
	/** CRC-32 of the journal's first `journal` octets: of what was durable, so that another program's line behind it proves nothing. */
	readonly crc: number;
	/** CRC-32 of the log's first `log` octets. */
	readonly log_crc: number;
}

export type JournalRecord =
	| RunRecord
	| MarkRecord
	| ReleaseRecord
	| SettleRecord
	| LocalRecord
	| ResolveRecord
	| CommitRecord;

/** Statuses in the order of their strength: per key the strongest counts (design.md §5). */
export const byStrength: readonly Status[] = ['skipped', 'failed', 'deferred', 'bounced', 'unknown', 'accepted'];

export function journalPath(logPath: string): string {
	return `${logPath}.journal`;
}
