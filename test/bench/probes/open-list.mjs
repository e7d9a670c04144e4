// A list, opened as for a run.
import { randomBytes } from 'node:crypto';
import { KeyTable } from '../../../dist/recipients/key-table.js';
import { openList } from '../../../dist/recipients/open-list.js';

export function openForRun(path) {
	return openList({ path, displayName: 'list.csv' });
}

export function freshKeys() {
	return new KeyTable(randomBytes(16));
}

/** Hands each row of one pass to `take`. */
export async function eachRow(list, take) {
	const rows = list.rows();
	for (;;) {
		const row = rows.next();
		if (row !== null) take(row);
		else if (rows.ended) break;
		else await new Promise((resolve) => rows.whenReadable(resolve));
	}
	rows.close();
}
