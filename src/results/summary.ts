/** `<log>.summary.json`: the counts of a run for scripts and dashboards, the same numbers as the terminal shows. */
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, type FileSystem, nodeFileSystem } from '../support/file-system.ts';
import type { Quantiles } from './histogram.ts';
import { roundedMilliseconds } from './json-text.ts';
import { replaceFile } from './replace-file.ts';
import type { Status } from './result.ts';
import type { Tally } from './tally.ts';

/** What is known before the first message. */
export interface SummaryStart {
	readonly runId: string;
	readonly campaign: string;
	/** `mailshot 0.1.0` */
	readonly tool: string;
	readonly node: string;
	/** Milliseconds since 1970. */
	readonly startedAt: number;
	readonly template: { readonly file: string; readonly sha256: string };
	readonly data: {
		readonly file: string;
		readonly sha256: string;
		readonly rows: number;
		readonly encoding: string;
		readonly delimiter: string;
	};
	readonly server: { readonly address: string; readonly port: number; readonly tls: string };
	readonly toSend: number;
	/** Rows that are not sent to because of how they ended in earlier runs. */
	readonly earlier: Readonly<Record<Status, number>>;
}

/** `running` in a file of a process that is gone means that it crashed. */
export type SummaryState =
	| { readonly state: 'running' }
	| { readonly state: 'finished' | 'stopped'; readonly exitCode: number; readonly finishedAt: number };

/** The object that is written; snake_case, as in the log. Fields may be added, never change meaning. */
export interface Summary {
	readonly v: 1;
	readonly run_id: string;
	readonly campaign: string;
	readonly state: SummaryState['state'];
	/** Only when no longer running. */
	readonly exit_code?: number;
	readonly tool: string;
	readonly node: string;
	readonly started_at: string;
	/** Only when no longer running. */
	readonly finished_at?: string;
	readonly seconds: number;
	readonly rate_per_s: number;
	readonly template: SummaryStart['template'];
	readonly data: SummaryStart['data'];
	readonly server: SummaryStart['server'];
	/** Of the campaign after this run: every row of the list is in exactly one of them, `to_send` apart. */
	readonly counts: { readonly to_send: number; readonly left: number } & Readonly<Record<Status, number>>;
	/** How many of `counts` earlier runs had settled. */
	readonly earlier: Readonly<Record<Status, number>>;
	readonly skipped: Readonly<Record<string, number>>;
	readonly failed: Readonly<Record<string, number>>;
	readonly bounce_category: Readonly<Record<string, number>>;
	readonly smtp_ms: Quantiles;
	readonly render_ms: Quantiles;
}

export function makeSummary(
	start: SummaryStart,
	tally: Tally,
	end: { readonly state: SummaryState; readonly left: number; readonly seconds: number },
): Summary {
	const { state, left, seconds } = end;
	return {
		v: 1,
		run_id: start.runId,
		campaign: start.campaign,
		state: state.state,
		...(state.state === 'running' ? {} : { exit_code: state.exitCode }),
		tool: start.tool,
		node: start.node,
		started_at: new Date(start.startedAt).toISOString(),
		...(state.state === 'running' ? {} : { finished_at: new Date(state.finishedAt).toISOString() }),
		seconds: Math.round(seconds * 1000) / 1000,
		rate_per_s: seconds > 0 ? Math.round((tally.attempted / seconds) * 10) / 10 : 0,
		template: start.template,
		data: start.data,
		server: start.server,
		counts: { to_send: start.toSend, ...campaignCounts(tally, start.earlier), left },
		earlier: start.earlier,
		skipped: Object.fromEntries(tally.skipReasons),
		failed: Object.fromEntries(tally.failures.map(({ errorType, count }) => [errorType, count])),
		bounce_category: Object.fromEntries(tally.categories.map(({ category, count }) => [category, count])),
		smtp_ms: rounded(tally.smtpMs.quantiles()),
		render_ms: rounded(tally.renderMs.quantiles()),
	};
}

/** What this run did together with what earlier ones had settled. */
export function campaignCounts(
	tally: Tally,
	earlier: Readonly<Record<Status, number>>,
): Readonly<Record<Status, number>> {
	const sum = (status: Status) => tally.count(status) + earlier[status];
	return {
		accepted: sum('accepted'),
		bounced: sum('bounced'),
		deferred: sum('deferred'),
		failed: sum('failed'),
		skipped: sum('skipped'),
		unknown: sum('unknown'),
	};
}

export function summaryPath(logPath: string): string {
	return `${logPath}.summary.json`;
}

/** Replaces the file in one step, 0600; RunError 73 when it cannot be written. */
export function writeSummary(path: string, summary: Summary, options: { readonly files?: FileSystem } = {}): void {
	try {
		replaceFile(path, `${JSON.stringify(summary, null, '\t')}\n`, { files: options.files ?? nodeFileSystem });
	} catch (cause) {
		throw new RunError(exitCodes.cannotWriteLog, `the summary ${path} cannot be written: ${describeFileError(cause)}`, {
			cause,
		});
	}
}

function rounded({ min, med, p95, p99, max }: Quantiles): Quantiles {
	return {
		min: roundedMilliseconds(min),
		med: roundedMilliseconds(med),
		p95: roundedMilliseconds(p95),
		p99: roundedMilliseconds(p99),
		max: roundedMilliseconds(max),
	};
}
