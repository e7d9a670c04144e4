/** Keeps `<log>.summary.json` of one run: written as running at its start, and once more at its end. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Survey } from '../recipients/survey-list.ts';
import type { Status } from '../results/result.ts';
import { earlierCounts } from '../results/selection.ts';
import {
	makeSummary,
	type Summary,
	type SummaryStart,
	type SummaryState,
	summaryPath,
	writeSummary,
} from '../results/summary.ts';
import type { Tally } from '../results/tally.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';
import type { Clock } from '../support/clock.ts';
import { packageVersion } from './package-file.ts';
import type { Campaign } from './prepare-campaign.ts';

export interface SummaryFacts {
	readonly runId: string;
	readonly name: string;
	readonly template: string;
	readonly server: ServerSettings;
	readonly toSend: number;
	readonly logPath: string;
}

export class CampaignSummary {
	readonly path: string;
	/** `TLSv1.3` once a connection stands; until then what was asked for. */
	tls: string;
	readonly #start: SummaryStart;
	readonly #tally: Tally;
	readonly #survey: Survey;
	readonly #clock: Clock;
	readonly #startedAtMs: number;

	/** Reads list and template once more, for their fingerprints. */
	static async open(
		facts: SummaryFacts,
		campaign: Campaign,
		context: { readonly tally: Tally; readonly clock: Clock },
	) {
		const { list, listPath, survey } = campaign;
		const start: SummaryStart = {
			runId: facts.runId,
			campaign: facts.name,
			tool: `mailshot ${packageVersion()}`,
			node: process.versions.node,
			startedAt: context.clock.now(),
			template: { file: facts.template, sha256: await hashFile(facts.template) },
			data: {
				file: list.displayName,
				sha256: await hashFile(listPath),
				rows: survey.rows,
				encoding: list.encoding,
				delimiter: list.delimiter,
			},
			server: { address: facts.server.host, port: facts.server.port, tls: facts.server.tls },
			toSend: facts.toSend,
			earlier: campaign.earlier,
		};
		return new CampaignSummary(start, facts, { ...context, survey });
	}

	private constructor(
		start: SummaryStart,
		facts: SummaryFacts,
		{ tally, clock, survey }: { readonly tally: Tally; readonly clock: Clock; readonly survey: Survey },
	) {
		this.path = summaryPath(facts.logPath);
		this.tls = start.server.tls;
		this.#start = start;
		this.#tally = tally;
		this.#survey = survey;
		this.#clock = clock;
		this.#startedAtMs = clock.monotonicMs();
	}

	/** Rows whose fate earlier runs decided, and this one has not: what --resend names counts until it has a new result. */
	get earlier(): Readonly<Record<Status, number>> {
		return earlierCounts(this.#survey, this.#tally.replaced);
	}

	/** Rows that have no result yet. */
	get left(): number {
		const earlier = Object.values(this.earlier).reduce((sum, count) => sum + count, 0);
		return this.#start.data.rows - this.#tally.total - earlier;
	}

	make(state: SummaryState): Summary {
		const start = { ...this.#start, earlier: this.earlier, server: { ...this.#start.server, tls: this.tls } };
		const seconds = (this.#clock.monotonicMs() - this.#startedAtMs) / 1000;
		return makeSummary(start, this.#tally, { state, left: this.left, seconds });
	}

	/** RunError 73. */
	write(summary: Summary): void {
		writeSummary(this.path, summary);
	}

	remove(): void {
		rmSync(this.path, { force: true });
	}
}

// One block for the whole file: a stream would make a buffer for each 64 KB of a list of ten million rows.
const blockBytes = 1024 * 1024;

async function hashFile(path: string): Promise<string> {
	const hash = createHash('sha256');
	const file = await open(path);
	try {
		const block = Buffer.allocUnsafe(blockBytes);
		for (;;) {
			const { bytesRead } = await file.read(block, 0, blockBytes, null);
			if (bytesRead === 0) return hash.digest('hex');
			hash.update(block.subarray(0, bytesRead));
		}
	} finally {
		await file.close();
	}
}
