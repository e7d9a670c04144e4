/** A directory of its own for each test, gone when the test is over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Whoever calls back at the end: a test context, or, at the top level of a file, `{ after }` of node:test. Not inside a `before`
 * hook: there `after` belongs to the hook.
 */
export interface Cleanup {
	after(callback: () => void | Promise<void>): void;
}

/** Path of an empty directory (0700) that is removed with all it holds at the end. */
export function temporaryDirectory(cleanup: Cleanup): string {
	const path = mkdtempSync(join(tmpdir(), 'mailshot-test-'));
	cleanup.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}
