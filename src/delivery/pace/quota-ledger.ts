/** What an account has spent of its quotas, remembered across restarts and shared by all processes that use the same directory. */
import type { DirectorySystem } from '../../support/file-system.ts';
import { FileQuota } from './file-quota.ts';
import type { Limit } from './limit.ts';
import { QuotaFiles } from './quota-files.ts';
import type { Rate } from './rate.ts';

/** Several rates as one limit. Its readyAtMs may write to the ledger: RunError 73 when that cannot be done. */
export interface Quota extends Limit {
	/** Gives back what was reserved and not used. Throws nothing; safe twice. */
	close(): void;
}

export interface QuotaLedger {
	/** All of the rates hold. Touches nothing before it is asked. `now`: wall clock. */
	open(rates: readonly Rate[], now: () => number): Quota;
}

export interface FileQuotaLedgerOptions {
	/** Is made when it is not there. */
	readonly directory: string;
	/** Whose quota it is: host, port and user. Only its hash is written. */
	readonly account: string;
	readonly files: DirectorySystem;
	/** 0 to 1; tells the claims of different processes apart. */
	readonly random: () => number;
}

export class FileQuotaLedger implements QuotaLedger {
	readonly #options: FileQuotaLedgerOptions;

	constructor(options: FileQuotaLedgerOptions) {
		this.#options = options;
	}

	open(rates: readonly Rate[], now: () => number): Quota {
		const { directory, account, files, random } = this.#options;
		return new FileQuota(rates, { files: new QuotaFiles(directory, { account, files }), now, random });
	}
}
