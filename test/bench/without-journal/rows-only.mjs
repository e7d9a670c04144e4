/** Stands in for dist/results/campaign-log.js: the same rows in results.jsonl, synced as often, and nothing else. Every attempt may go out at once. */
import { fdatasync, openSync, writeFileSync } from 'node:fs';
import { GrowingFile } from '../../../dist/results/growing-file.js';
import { journalPath } from '../../../dist/results/journal/journal-record.js';
import { LogRows } from '../../../dist/results/log-row.js';
import { Tally } from '../../../dist/results/tally.js';
import { nodeFileSystem } from '../../../dist/support/file-system.js';

const durable = { id: 1, isDurable: true };
const syncEveryMs = 200;

export class CampaignLog {
	tally = new Tally();
	notices = [];
	failure = new Promise(() => {});
	error = null;
	stops = null;
	#rows;
	#file;
	#writesSoon = false;
	#sweep;

	static async begin(options) {
		return new CampaignLog(options);
	}

	constructor({ logPath, run, clock }) {
		const descriptor = openSync(logPath, 'ax', 0o600);
		// Whoever looks afterwards expects one.
		writeFileSync(journalPath(logPath), '');
		this.path = logPath;
		this.#file = new GrowingFile(logPath, { descriptor, length: 0, crc: 0, files: nodeFileSystem });
		const tags = new Map(Object.entries(run.tags));
		this.#rows = new LogRows({ runId: run.run_id, campaign: run.campaign, tags }, clock);
		this.#sweep = setInterval(() => fdatasync(descriptor, () => {}), syncEveryMs);
	}

	record(result) {
		this.tally.add(result);
		this.#file.append(this.#rows.line(result));
		if (this.#writesSoon) return;
		this.#writesSoon = true;
		setImmediate(() => {
			this.#writesSoon = false;
			this.#file.write();
		});
	}

	mark() {
		return durable;
	}

	release() {}
	hurry() {}
	onDurable() {}

	async close() {
		clearInterval(this.#sweep);
		this.#file.write();
		await new Promise((resolve) => fdatasync(this.#file.descriptor, resolve));
	}
}
