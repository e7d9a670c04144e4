/** Shared by the tests of this room: lists on disk, and everything that a pass over one gives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ListOptions, openList, type RecipientList } from '../../src/recipients/open-list.ts';
import type { Row } from '../../src/recipients/row.ts';
import type { PullSource } from '../../src/support/pull-source.ts';

export async function readAll<T>(source: PullSource<T>): Promise<T[]> {
	const items: T[] = [];
	for (;;) {
		const item = source.next();
		if (item !== null) items.push(item);
		else if (source.ended) return items;
		else await new Promise<void>((resolve) => source.whenReadable(resolve));
	}
}

/** Writes the list to a file of its own, gives it to `use`, and cleans up. */
export async function withFile<T>(content: string | Buffer, use: (path: string) => Promise<T>): Promise<T> {
	const folder = mkdtempSync(join(tmpdir(), 'mailshot-list-'));
	try {
		const path = join(folder, 'list.csv');
		writeFileSync(path, content);
		return await use(path);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export type Flags = Omit<ListOptions, 'path' | 'displayName'>;

/** The list and all its rows. */
export function readList(
	content: string | Buffer,
	flags: Flags = {},
): Promise<{ readonly list: RecipientList; readonly rows: readonly Row[] }> {
	return withFile(content, async (path) => {
		const list = await openList({ path, displayName: 'list.csv', ...flags });
		return { list, rows: await readAll(list.rows()) };
	});
}

/** Each row on one line: `2 bob@example.com` or `3 address.invalid`, with the line of the file. */
export function outline(rows: readonly Row[]): readonly string[] {
	return rows.map((row) => `${row.line} ${row.kind === 'recipient' ? row.address : row.reason}`);
}
