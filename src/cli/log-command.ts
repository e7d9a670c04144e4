/** `mailshot log unknown`, `verify` and `repair`: what is in a log and its journal. resolve-command.ts has the one that adds to them. */
import { KeyTable } from '../recipients/key-table.ts';
import { journalPath } from '../results/journal/journal-record.ts';
import { addressOf, listUnknown, type UnknownRecipient } from '../results/journal/list-unknown.ts';
import { LogLock } from '../results/journal/log-lock.ts';
import { assertLocalFileSystem } from '../results/journal/network-file-system.ts';
import { isOurLog } from '../results/journal/our-log.ts';
import { readProcessIdentity } from '../results/journal/process-identity.ts';
import { readJournal } from '../results/journal/read-journal.ts';
import { repairLog } from '../results/journal/repair-log.ts';
import { repairPlanPath } from '../results/journal/repair-plan.ts';
import { type Finding, verifyLog } from '../results/journal/verify-log.ts';
import { assertLogNames, journalMissing, notOurs } from '../results/open-campaign.ts';
import { assertNever } from '../support/assert-never.ts';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { nodeFileSystem } from '../support/file-system.ts';
import { shellWord } from '../support/shell-word.ts';
import { formatCounted } from './format.ts';
import { columnKeyRule } from './key-rule.ts';
import { packageVersion } from './package-file.ts';
import type { Surroundings } from './surroundings.ts';

/** As long as a key may be in a line for people and pipes. */
const maxNameLength = 2048;

/** Somebody may name the journal, which is what they see beside the log. */
export function logPathOf(file: string): string {
	return file.replace(/\.journal$/, '');
}

/** RunError 66 when there is neither log nor journal under that name, 73 when what is there is no file, or no log. */
export function assertLogExists(logPath: string): void {
	const names = [logPath, journalPath(logPath), repairPlanPath(logPath)];
	const { log, journal } = assertLogNames(logPath, nodeFileSystem);
	if (names.every((path) => nodeFileSystem.lstat(path) === null)) throw noSuchLog(logPath);
	const isAlone = log !== null && log.sizeBytes > 0 && (journal === null || journal.sizeBytes === 0);
	if (isAlone && nodeFileSystem.lstat(repairPlanPath(logPath)) === null && !isOurLog(logPath, nodeFileSystem)) {
		throw notOurs(logPath);
	}
}

function noSuchLog(logPath: string): RunError {
	return new RunError(exitCodes.missingInput, `there is no log ${cleanText(logPath)}`, {
		hint: `Logs in this folder:\n  ls ${shellWord('.')}/*.results.jsonl`,
	});
}

/** `mailshot log unknown FILE`: one address a line, so that it can be piped into `log resolve`. Only reads; 0 also when there is nobody. */
export async function unknownCommand(
	file: string,
	{ json = false }: { readonly json?: boolean },
	surroundings: Pick<Surroundings, 'stdout' | 'stderr' | 'clock' | 'randomBytes'>,
): Promise<number> {
	const { stdout, stderr, clock, randomBytes } = surroundings;
	const logPath = logPathOf(file);
	assertLogExists(logPath);
	if (nodeFileSystem.lstat(journalPath(logPath)) === null) throw journalMissing(logPath);
	const inUse = await LogLock.look(logPath, { identity: readProcessIdentity(), clock });
	const keys = new KeyTable(randomBytes(16));
	// Not the log: the journal alone decides, and both grow while a run goes on.
	const reading = await readJournal(journalPath(logPath), {
		files: nodeFileSystem,
		keys,
		locals: new KeyTable(randomBytes(16)),
	});
	const found = listUnknown(reading, { files: nodeFileSystem, keys, now: clock.now(), isInUse: inUse !== null });
	const names = namesOf(found);
	for (const recipient of found.values()) {
		const name = names.get(recipient) ?? '';
		stdout.write(json ? `${JSON.stringify(unknownObject(recipient))}\n` : `${cleanText(name, maxNameLength)}\n`);
	}
	if (inUse !== null)
		stderr.write(`A run is under way: what it has not settled yet is not listed. (${inUse.message})\n`);
	if (found.size === 0 && !json) stderr.write(`Nobody is unknown in ${cleanText(logPath)}.\n`);
	return exitCodes.done;
}

/** `mailshot log verify FILE`: reads both files whole, and changes nothing. 0 when the next run can go on with them, 74 when not. */
export async function verifyCommand(
	file: string,
	surroundings: Pick<Surroundings, 'stdout' | 'stderr' | 'clock' | 'randomBytes'>,
): Promise<number> {
	const { stdout, stderr, clock, randomBytes } = surroundings;
	const logPath = logPathOf(file);
	assertLogExists(logPath);
	const inUse = await LogLock.look(logPath, { identity: readProcessIdentity(), clock });
	if (inUse !== null) stderr.write(`A run is under way, and its end is not written yet. (${inUse.message})\n`);
	const { conclusion, findings } = await verifyLog(logPath, {
		files: nodeFileSystem,
		makeTable: () => new KeyTable(randomBytes(16)),
	});
	for (const { kind, text } of findings) stdout.write(renderFinding(kind, text));
	switch (conclusion) {
		case 'fine':
			stdout.write(`${logPath} is whole.\n`);
			return exitCodes.done;
		case 'torn': {
			const end = inUse === null ? 'the next run puts its end right' : 'its end is being written';
			stdout.write(`${logPath} is whole; ${end}.\n`);
			return exitCodes.done;
		}
		case 'newer':
			throw new RunError(exitCodes.logChanged, `${logPath} was written by a newer mailshot`, {
				hint: 'Update mailshot.',
			});
		case 'damaged':
			throw new RunError(exitCodes.logChanged, `${logPath} cannot be gone on with`, {
				hint: `Put the right files back, or save what is whole (the old files are kept):\n  mailshot log repair ${shellWord(logPath)}`,
			});
		case 'none':
			throw noSuchLog(logPath);
		default:
			return assertNever(conclusion);
	}
}

const findingWords: Readonly<Record<Finding['kind'], string>> = { fine: 'ok', notice: 'notice', damage: 'damage' };

export interface RepairFlags {
	/** As `--key` of the runs. */
	readonly key?: string;
	readonly unsafeFs?: boolean;
}

/** `mailshot log repair FILE`: 0 when the next run can go on. RunError 66, 73, 74, or 75 when a run holds the log. */
export async function repairCommand(
	file: string,
	flags: RepairFlags,
	surroundings: Pick<Surroundings, 'stdout' | 'clock' | 'randomBytes'>,
): Promise<number> {
	const { stdout, clock, randomBytes } = surroundings;
	const logPath = logPathOf(file);
	assertLogExists(logPath);
	if (flags.unsafeFs !== true) assertLocalFileSystem(logPath, nodeFileSystem);
	const lock = await LogLock.acquire(logPath, { identity: readProcessIdentity(), clock });
	try {
		const { findings, lines } = await repairLog(logPath, {
			files: nodeFileSystem,
			makeTable: () => new KeyTable(randomBytes(16)),
			randomBytes,
			tool: `mailshot ${packageVersion()}`,
			keyRule: flags.key === undefined ? undefined : columnKeyRule(flags.key),
		});
		for (const { kind, text } of findings) if (kind !== 'fine') stdout.write(renderFinding(kind, text));
		for (const line of lines) stdout.write(`${line}\n`);
		return exitCodes.done;
	} finally {
		lock.release();
	}
}

function renderFinding(kind: Finding['kind'], text: string): string {
	return `${findingWords[kind].padEnd(8)}${text}\n`;
}

/** The address, as long as it names one of them; otherwise the key. `log resolve` takes either. */
function namesOf(found: ReadonlyMap<string, UnknownRecipient>): ReadonlyMap<UnknownRecipient, string> {
	const counts = new Map<string, number>();
	for (const recipient of found.values()) {
		const address = addressOf(recipient).toLowerCase();
		counts.set(address, (counts.get(address) ?? 0) + 1);
	}
	return new Map(
		[...found.values()].map((recipient) => {
			const address = addressOf(recipient);
			return [recipient, (counts.get(address.toLowerCase()) ?? 0) > 1 ? recipient.record.key : address];
		}),
	);
}

function unknownObject(recipient: UnknownRecipient): Readonly<Record<string, unknown>> {
	const { record, mark, run, messageId } = recipient;
	return {
		v: 1,
		recipient: addressOf(recipient),
		key: record.key,
		row: mark?.row ?? 0,
		line: mark?.line ?? 0,
		message_id: messageId,
		when: new Date(record.at).toISOString(),
		server: `${run.server_address}:${run.server_port}`,
		connection: mark?.connection ?? 0,
		error: record.error_message === '' ? record.error_type : record.error_message,
	};
}

/** `3 recipients are still unknown`, and what lists them; '' for none. */
export function stillUnknown(count: number, logPath: string): string {
	if (count === 0) return '';
	return `${formatCounted(count, 'recipient is', 'recipients are')} still unknown:\n  mailshot log unknown ${shellWord(logPath)}\n`;
}
