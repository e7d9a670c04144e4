/** Says why a file could not be read, or not to its end. */
import { describeFileError, errorCode } from '../support/file-system.ts';

/** In words, for what the disk or the packing says. Anything else is a bug, and is thrown. */
export function readProblem(error: unknown): string {
	const code = errorCode(error);
	if (code === '') throw error;
	if (code.startsWith('Z_')) return 'its gz data is damaged or cut off: only what stands before was read';
	if (code === 'ENOENT') return 'is not there any more';
	return `cannot be read: ${describeFileError(error)}`;
}
