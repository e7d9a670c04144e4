/** `mailshot send` as most tests need it: a list, a template and a server in; what the run said and left on disk out. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildList, buildTemplate, type ListShape, writeFileIn } from './list-builder.ts';
import { type LogRow, type RunSummary, readLog, readSummary } from './read-log.ts';
import { type FinishedRun, type RunningMailshot, startMailshot } from './run-mailshot.ts';
import { type Cleanup, temporaryDirectory } from './temporary-directory.ts';

export interface Campaign {
	/** The CSV spelt out, or the shape of one to build; default three rows. */
	readonly list?: string | Buffer | ListShape;
	/** The list comes on standard input. */
	readonly fromStdin?: boolean;
	readonly template?: string;
	/** Value of --smtp; without it the flag is left out. */
	readonly smtp?: string;
	readonly flags?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** Leave --yes out. */
	readonly unconfirmed?: boolean;
}

export interface SentCampaign extends FinishedRun {
	readonly directory: string;
	readonly logPath: string;
	/** Empty when there is no log. */
	readonly rows: readonly LogRow[];
	/** Checked against the log; throws when there is none. */
	summary(): RunSummary;
}

export interface CampaignUnderWay extends RunningMailshot {
	readonly sent: Promise<SentCampaign>;
}

/** Runs it to its end. Each row of the log is checked for its columns, and no row may have two final lines. */
export function sendCampaign(cleanup: Cleanup, campaign: Campaign): Promise<SentCampaign> {
	return startCampaign(cleanup, campaign).sent;
}

/** Starts it: `news.hbs` and `list.csv` in a temporary directory, the log in `results.jsonl`. */
export function startCampaign(cleanup: Cleanup, campaign: Campaign): CampaignUnderWay {
	const directory = temporaryDirectory(cleanup);
	const list = campaign.list ?? { rows: 3 };
	const isSpeltOut = typeof list === 'string' || Buffer.isBuffer(list);
	const listPath = isSpeltOut ? writeFileIn(directory, 'list.csv', list) : buildList(directory, list);
	buildTemplate(directory, campaign.template);
	const server = campaign.smtp === undefined ? [] : ['--smtp', campaign.smtp];
	const confirmed = campaign.unconfirmed === true ? [] : ['--yes'];
	const files = [campaign.fromStdin === true ? '-' : 'list.csv', '--template', 'news.hbs', '--log', 'results.jsonl'];
	const running = startMailshot(['send', ...files, ...server, ...confirmed, ...(campaign.flags ?? [])], {
		cwd: directory,
		...(campaign.env === undefined ? {} : { env: campaign.env }),
		...(campaign.fromStdin === true ? { stdin: readFileSync(listPath) } : {}),
	});
	return { ...running, sent: running.finished.then((run) => readCampaign(directory, run)) };
}

function readCampaign(directory: string, run: FinishedRun): SentCampaign {
	const logPath = join(directory, 'results.jsonl');
	const rows = existsSync(logPath) ? readLog(logPath) : [];
	const finalRows = rows.filter((row) => row.final).map((row) => row.row);
	assert.equal(new Set(finalRows).size, finalRows.length, 'a row has two final lines');
	return { ...run, directory, logPath, rows, summary: () => readSummary(logPath, rows) };
}
