/** Journals for tests: lines put together by the real encoders, with commit records whose CRCs are right. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { KeyTable } from '../../../src/recipients/key-table.ts';
import {
	encodeCommit,
	encodeLocal,
	encodeMark,
	encodeRelease,
	encodeResolve,
	encodeRun,
	encodeSettle,
} from '../../../src/results/journal/encode-record.ts';
import type {
	CommitRecord,
	LocalRecord,
	MarkRecord,
	ResolveRecord,
	RunRecord,
	SettleRecord,
} from '../../../src/results/journal/journal-record.ts';
import { statusOfState } from '../../../src/results/journal/key-state.ts';
import { readJournal } from '../../../src/results/journal/read-journal.ts';
import { rebuildRow } from '../../../src/results/journal/rebuild-row.ts';
import type { RecordScanner } from '../../../src/results/journal/scan-record.ts';
import { nodeFileSystem } from '../../../src/support/file-system.ts';
import { type Cleanup, temporaryDirectory } from '../../helpers/temporary-directory.ts';

export const campaignId = '00112233445566778899aabbccddeeff';

export function makeRun(overrides: Partial<RunRecord> = {}): RunRecord {
	return {
		type: 'run',
		v: 1,
		run: 1,
		run_id: `01KAMN4Q2V8D6T2YB7N5KXWCR${overrides.run ?? 1}`,
		campaign_id: campaignId,
		campaign: 'november-news',
		tags: {},
		tool: 'mailshot 0.1.0',
		started_at: '2026-11-22T09:00:00.000Z',
		pid: 4711,
		pid_started: '12345',
		boot_id: 'boot',
		host: 'mail.acme.example',
		key_rule: 'address',
		message: { From: 'Acme News <news@acme.example>', Subject: 'News' },
		rehearsal: false,
		server_address: 'smtp.acme.example',
		server_port: 587,
		connections: 10,
		window: 2,
		resend: '',
		verp: '',
		...overrides,
	};
}

export function makeMark(overrides: Partial<MarkRecord> = {}): MarkRecord {
	const { mark = 1 } = overrides;
	return {
		type: 'mark',
		run: 1,
		mark,
		key: `r${mark}@old.example`,
		to: '',
		row: mark,
		line: mark + 1,
		attempt: 1,
		connection: 3,
		...overrides,
	};
}

export function makeSettle(overrides: Partial<SettleRecord> = {}): SettleRecord {
	const { mark = 1 } = overrides;
	return {
		type: 'settle',
		run: 1,
		mark,
		key: `r${mark}@old.example`,
		status: 'accepted',
		code: 250,
		bounce_category: '',
		at: Date.UTC(2026, 10, 22, 9, 0, 1, 250),
		enhanced_code: '2.0.0',
		stage: 'verdict',
		response: '250 2.0.0 Ok: queued as 4F2C81A0B3',
		bounce_type: '',
		bounce_action: '',
		bounce_rule: '',
		error_type: '',
		error_message: '',
		final: true,
		...overrides,
	};
}

export const bounced = {
	status: 'bounced',
	code: 550,
	bounce_category: 'invalid_recipient',
	enhanced_code: '5.1.1',
	stage: 'rcpt',
	response: '550 5.1.1 User unknown',
	bounce_type: 'hard',
	bounce_action: 'suppress',
	bounce_rule: 'enhanced:5.1.1',
	error_type: '550',
} as const;

export function makeLocal(overrides: Partial<LocalRecord> = {}): LocalRecord {
	return {
		type: 'local',
		run: 1,
		status: 'skipped',
		key: 'twice@old.example',
		to: '',
		row: 90,
		line: 91,
		at: Date.UTC(2026, 10, 22, 9, 0, 2),
		skip_reason: 'duplicate',
		error_type: '',
		error_message: '',
		...overrides,
	};
}

/** Collects lines, and knows offsets and CRC as a writer does. */
export class JournalText {
	text = '';
	/** The log that belongs to it, as far as `row` was called. */
	log = '';
	readonly #runs = new Map<number, RunRecord>();
	readonly #marks = new Map<string, MarkRecord>();

	get length(): number {
		return Buffer.byteLength(this.text);
	}

	run(overrides: Partial<RunRecord> = {}): this {
		const run = makeRun(overrides);
		if (!this.#runs.has(run.run)) this.#runs.set(run.run, run);
		return this.add(encodeRun(run));
	}

	mark(mark: number, overrides: Partial<MarkRecord> = {}): this {
		const record = makeMark({ mark, ...overrides });
		this.#marks.set(`${record.run} ${record.mark}`, record);
		return this.add(encodeMark(record));
	}

	release(mark: number, run = 1): this {
		return this.add(encodeRelease({ run, mark, why: 'closed' }));
	}

	/** `inLog`: its row is in the log, too. */
	settle(mark: number, overrides: Partial<SettleRecord> = {}, { inLog = true } = {}): this {
		const record = makeSettle({ mark, ...overrides });
		if (inLog) this.#row(record, this.#marks.get(`${record.run} ${record.mark}`) ?? null);
		return this.add(encodeSettle(record));
	}

	local(overrides: Partial<LocalRecord> = {}, { inLog = true } = {}): this {
		const record = makeLocal(overrides);
		if (inLog) this.#row(record, null);
		return this.add(encodeLocal(record));
	}

	/** Its row is not in the log. */
	resolve(key: string, status: 'accepted' | 'not_sent', overrides: Partial<ResolveRecord> = {}): this {
		return this.add(encodeResolve({ run: 1, key, to: '', status, row: 0, line: 0, at: 1, ...overrides }));
	}

	/** All that stands before it is durable, unless `journal` says less. */
	commit(overrides: Partial<CommitRecord> = {}): this {
		const length = overrides.journal ?? this.length;
		const log = Buffer.byteLength(this.log);
		const [crc, logCrc] = [crc32(Buffer.from(this.text).subarray(0, length)), crc32(this.log)];
		return this.add(encodeCommit({ journal: length, log, covers: length, crc, log_crc: logCrc, ...overrides }));
	}

	add(lines: string): this {
		this.text += lines;
		return this;
	}

	/** Gives the path of the log. */
	write(
		cleanup: Cleanup,
		options: { readonly journal?: string | Uint8Array; readonly log?: string | Uint8Array } = {},
	): string {
		const directory = temporaryDirectory(cleanup);
		mkdirSync(directory, { recursive: true });
		const path = join(directory, 'results.jsonl');
		writeFileSync(`${path}.journal`, options.journal ?? this.text);
		writeFileSync(path, options.log ?? this.log);
		return path;
	}

	#row(record: SettleRecord | LocalRecord, mark: MarkRecord | null): void {
		const run = this.#runs.get(record.run);
		if (run === undefined) throw new Error('a row needs a run');
		this.log += rebuildRow({ record, mark, run });
	}
}

export function tables(): { keys: KeyTable; locals: KeyTable } {
	return { keys: new KeyTable(new Uint8Array(16)), locals: new KeyTable(new Uint8Array(16)) };
}

/** Reads the journal of a log; `status` asks the table it filled. */
export async function readJournalOf(
	logPath: string,
	options: { readonly heldBytes?: number; readonly scanner?: RecordScanner } = {},
) {
	const { keys, locals } = tables();
	const reading = await readJournal(`${logPath}.journal`, { files: nodeFileSystem, keys, locals, ...options });
	const status = (key: string) => {
		if (!keys.has(key)) return null;
		keys.seek(key);
		return statusOfState(keys.value);
	};
	return { reading, keys, locals, status };
}
