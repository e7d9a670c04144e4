/** Compares signatures without telling by the time it takes how much of them was right. */
import { timingSafeEqual } from 'node:crypto';

/** Both ASCII. That they differ in length is no secret. */
export function isSameText(given: string, expected: string): boolean {
	return (
		given.length === expected.length && timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(expected, 'latin1'))
	);
}
