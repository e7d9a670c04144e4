/**
 * Puts two salvaged files in the place of damaged ones so that a crash at any moment leaves a log that is refused, never one that looks new. The plan
 * stands beside the log before the first name changes and goes when the last one has: while it is there, nobody but the repair touches the log.
 */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes, RunError } from '../../support/errors.ts';
import { type FileSystem, syncDirectory } from '../../support/file-system.ts';
import { replaceFile } from '../replace-file.ts';
import { journalPath } from './journal-record.ts';
import { LinesAt } from './lines-at.ts';

export function repairPlanPath(logPath: string): string {
	return `${logPath}.repair`;
}

/** Where a salvaged file is written before it takes the place of the old one. */
export function salvagedPath(path: string): string {
	return `${path}.salvaged`;
}

export function damagedPath(path: string, number: number): string {
	return `${path}.damaged-${number}`;
}

/** Both salvaged files are whole and durable. Gives the names under which the old ones are kept. */
export function carryOutPlan(logPath: string, files: FileSystem): string[] {
	const paths = [journalPath(logPath), logPath];
	const number = freeNumber(paths, files);
	replaceFile(repairPlanPath(logPath), `${JSON.stringify({ v: 1, damaged: number })}\n`, { files });
	return followPlan(logPath, number, files);
}

/** Goes on with a repair that was interrupted; null when there is none. RunError 74 when its plan cannot be read. */
export function resumePlan(logPath: string, files: FileSystem): string[] | null {
	const path = repairPlanPath(logPath);
	if (files.lstat(path) === null) return null;
	const number = readNumber(path, files);
	if (number !== null) return followPlan(logPath, number, files);
	throw new RunError(exitCodes.logChanged, `${path} is no plan of a repair`, {
		hint: 'Move it out of the way if you know where it comes from, and run the repair again.',
	});
}

/** Each step is done or not, and looks which. */
function followPlan(logPath: string, number: number, files: FileSystem): string[] {
	const paths = [journalPath(logPath), logPath];
	for (const path of paths) {
		const isHere = files.lstat(path) !== null;
		const isDue = files.lstat(salvagedPath(path)) !== null && files.lstat(damagedPath(path, number)) === null;
		if (isHere && isDue) files.rename(path, damagedPath(path, number));
	}
	for (const path of paths) {
		if (files.lstat(salvagedPath(path)) !== null) files.rename(salvagedPath(path), path);
	}
	syncDirectory(files, dirname(logPath));
	files.unlink(repairPlanPath(logPath));
	syncDirectory(files, dirname(logPath));
	return paths.map((path) => damagedPath(path, number)).filter((path) => files.lstat(path) !== null);
}

function freeNumber(paths: readonly string[], files: FileSystem): number {
	for (let number = 1; ; number++) {
		if (paths.every((path) => files.lstat(damagedPath(path, number)) === null)) return number;
	}
}

function readNumber(path: string, files: FileSystem): number | null {
	const descriptor = files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW, 0);
	try {
		const found = /^\{"v":1,"damaged":(\d{1,9})\}$/.exec(
			new LinesAt(descriptor, files).line(0).toString('latin1'),
		)?.[1];
		return found === undefined ? null : Number(found);
	} finally {
		files.close(descriptor);
	}
}
