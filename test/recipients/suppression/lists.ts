/** Suppression lists in a temporary directory, for tests. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../../src/recipients/parse-address.ts';
import type { Address } from '../../../src/recipients/row.ts';
import { type ReadOptions, SuppressionList } from '../../../src/recipients/suppression/suppression-list.ts';
import { RunError } from '../../../src/support/errors.ts';
import { type Cleanup, temporaryDirectory } from '../../helpers/temporary-directory.ts';

export const seed = Buffer.from('0123456789abcdef');

export function listFile(t: Cleanup, content: string | Buffer, name = 'suppress.csv'): string {
	const path = join(temporaryDirectory(t), name);
	writeFileSync(path, content);
	return path;
}

export function readList(
	t: Cleanup,
	content: string | Buffer,
	options: Partial<Omit<ReadOptions, 'seed'>> = {},
): SuppressionList {
	return SuppressionList.read([listFile(t, content)], { seed, ...options });
}

export function address(text: string): Address {
	const parsed = parseAddress(text);
	assert.ok(parsed.kind === 'address', text);
	return parsed.address;
}

export function runErrorOf(act: () => unknown): RunError {
	try {
		act();
	} catch (error) {
		if (error instanceof RunError) return error;
		throw error;
	}
	return assert.fail('it did not throw');
}
