/** What `mailshot log repair` does: completes what a crash left, or makes new files of what is left of damaged ones. The caller holds the lock. */
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, type FileSystem } from '../../support/file-system.ts';
import { openCampaign } from '../open-campaign.ts';
import { wayOutOf } from '../way-out.ts';
import { completeLog } from './complete-log.ts';
import { journalPath } from './journal-record.ts';
import { isSalvaged } from './record-from-row.ts';
import { carryOutPlan, resumePlan } from './repair-plan.ts';
import { type Salvage, type SalvageOptions, salvageLog } from './salvage-log.ts';
import { type Finding, type Verification, type VerifyOptions, verifyLog } from './verify-log.ts';

export interface RepairOptions extends SalvageOptions, VerifyOptions {}

export interface LogRepair {
	/** nothing: it was fine. completed: as the next run would have. salvaged: new files stand in the place of the old ones. resumed: an interrupted repair ended. */
	readonly kind: 'nothing' | 'completed' | 'salvaged' | 'resumed';
	/** What was found before, line by line. */
	readonly findings: readonly Finding[];
	/** What was done and what cannot be known, line by line. */
	readonly lines: readonly string[];
	/** Where the old files are kept. */
	readonly kept: readonly string[];
}

/**
 * RunError 66 when there is no such log, 73 when the new files cannot be written (nothing has changed then), 74 when a newer mailshot wrote it or nothing
 * is left; UsageError when `keyRule` is needed.
 */
export async function repairLog(logPath: string, options: RepairOptions): Promise<LogRepair> {
	try {
		return await repair(logPath, options);
	} catch (error) {
		if (!(error instanceof Error) || !('code' in error) || error instanceof RunError) throw error;
		throw new RunError(exitCodes.cannotWriteLog, `${logPath} cannot be repaired: ${describeFileError(error)}`, {
			hint: wayOutOf(error, logPath, { isNew: false }),
			cause: error,
		});
	}
}

async function repair(logPath: string, options: RepairOptions): Promise<LogRepair> {
	const { files } = options;
	const resumed = resumePlan(logPath, files);
	if (resumed !== null) {
		const lines = ['a repair that was interrupted is complete now', ...keptLines(resumed)];
		return { kind: 'resumed', findings: [], lines, kept: resumed };
	}
	const verification = await verifyLog(logPath, options);
	const { findings } = verification;
	switch (verification.conclusion) {
		case 'none':
			throw new RunError(exitCodes.missingInput, `there is no log ${logPath}, and no journal of one`);
		case 'newer':
			throw new RunError(exitCodes.logChanged, findings.find(({ kind }) => kind === 'damage')?.text ?? logPath, {
				hint: 'Update mailshot: only the one that wrote it can repair it.',
			});
		case 'fine': {
			const keyRule = await repairKeyRule(verification, options);
			if (keyRule !== null) return keyRule;
			return { kind: 'nothing', findings, lines: [`${logPath} is fine: nothing to repair`], kept: [] };
		}
		case 'torn': {
			const keyRule = await repairKeyRule(verification, options);
			if (keyRule !== null) return keyRule;
			const lines = await complete(logPath, options);
			if (lines === null) break;
			return { kind: 'completed', findings, lines, kept: [] };
		}
		case 'damaged': {
			if (isEmpty(verification, files)) break;
			const salvage = await salvageLog(logPath, options);
			const kept = carryOutPlan(logPath, files);
			return { kind: 'salvaged', findings, lines: [...salvageLines(logPath, salvage), ...keptLines(kept)], kept };
		}
	}
	return {
		kind: 'nothing',
		findings,
		lines: [`nothing was recorded in ${logPath} yet: the next run takes it over`],
		kept: [],
	};
}

/** The key of a log whose headers are all salvaged was somebody's word, which may be corrected. Null: it is not to be. */
async function repairKeyRule(
	{ logPath, findings, reading }: Verification,
	options: RepairOptions,
): Promise<LogRepair | null> {
	const { keyRule, files } = options;
	const was = reading?.lastRun?.key_rule;
	if (reading === null || was === undefined || keyRule === undefined || keyRule === was) return null;
	if (![...reading.headers.values()].every(isSalvaged)) {
		const lines = [`what identifies a recipient is ${was} by the header of a run: --key changes nothing`];
		return { kind: 'nothing', findings, lines, kept: [] };
	}
	await salvageLog(logPath, options);
	const kept = carryOutPlan(logPath, files);
	const lines = [`what identifies a recipient is ${keyRule} now, and was ${was}`, ...keptLines(kept)];
	return { kind: 'salvaged', findings, lines, kept };
}

/** Null: nothing was recorded yet. */
async function complete(logPath: string, options: RepairOptions): Promise<string[] | null> {
	const { files, makeTable, signal } = options;
	const opened = await openCampaign(logPath, { files, keys: makeTable(), locals: makeTable(), signal });
	if (opened.kind === 'new') return null;
	completeLog(logPath, opened, files);
	const { reading, tail } = opened;
	const lines = [`${logPath} and its journal are whole`];
	for (const [what, torn] of [
		['journal', reading.torn],
		['log', tail.torn],
	] as const) {
		if (torn !== null) lines.push(`the ${what} ended in ${torn.what}: ${counted(torn.bytes, 'octet')} cut off`);
	}
	if (tail.missing.length > 0) lines.push(`rows written to the log that only the journal had: ${tail.missing.length}`);
	if (reading.openMarks.length > 0)
		lines.push(
			`messages of which nobody knows what became, recorded as unknown by the next run: ${reading.openMarks.length}`,
		);
	return lines;
}

/** What a crash leaves of a log that was only just made. */
function isEmpty({ logPath, log, reading }: Verification, files: FileSystem): boolean {
	const isJournalEmpty = reading === null ? files.lstat(journalPath(logPath)) === null : reading.firstRun === null;
	return isJournalEmpty && (log === null || log.bytes === 0);
}

function salvageLines(logPath: string, salvage: Salvage): string[] {
	const { lostLines, lostOctets, lostRows, underWay, newCampaignId } = salvage;
	const lines = [
		`${journalPath(logPath)}: ${counted(salvage.records, 'record')} kept, ${counted(lostLines, 'line')} (${counted(lostOctets, 'octet')}) could not be read`,
		`${logPath}: ${counted(salvage.rows, 'row')} kept, ${counted(lostRows, 'line')} could not be read, ${counted(salvage.rebuiltRows, 'row')} rebuilt from the journal`,
	];
	if (salvage.recoveredResults > 0)
		lines.push(`results that only the log had, recorded in the journal: ${salvage.recoveredResults}`);
	if (salvage.openMarks > 0)
		lines.push(`messages of which nobody knows what became, recorded as unknown by the next run: ${salvage.openMarks}`);
	if (newCampaignId !== null) {
		lines.push(
			'no header of a run survived, so the campaign has a new id: who is written to again gets another Message-ID than before',
			'whether it was a rehearsal (--sandbox) cannot be known: if it was, delete it, for nobody in it got anything',
			'what was sent is not known any more, so the next run has to be told: mailshot send ... --template-changed',
		);
	}
	const bound =
		underWay > 0
			? `at most ${underWay} for each run that wrote there`
			: 'at most --window for each connection of each run that wrote there';
	lines.push(
		`what cannot be known: messages under way when a lost or changed part was written may have been sent without a trace, ${bound}`,
	);
	if (lostRows > 0 && lostLines > 0) {
		lines.push('both files lost lines: a recipient whose record and row were both among them is written to again');
	}
	return lines;
}

function keptLines(kept: readonly string[]): string[] {
	return kept.map((path) => `the old file is kept as ${path}`);
}

function counted(count: number, what: string): string {
	return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
