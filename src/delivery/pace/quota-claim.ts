/** A line of the quota ledger: so many messages that somebody may send between two times. */

export interface QuotaClaim {
	/** A later line with the same id takes back from the claim what was not used of it. */
	readonly id: string;
	readonly count: number;
	/** Wall clock, whole milliseconds since 1970. */
	readonly fromMs: number;
	readonly untilMs: number;
}

// Longer ones are not ours.
export const longestClaimLine = 200;
/** 1 % of the longest period that a rate can have. */
export const longestClaimMs = 31 * 864_000;

/** Line feeds on both sides: what somebody was cut off in the middle of, by a full disk, cannot spoil it. */
export function encodeClaim({ id, count, fromMs, untilMs }: QuotaClaim): string {
	return `\n${JSON.stringify({ id, count, from: fromMs, until: untilMs })}\n`;
}

/** Null for what is torn or foreign; unknown fields are ignored. */
export function parseClaim(line: string): QuotaClaim | null {
	if (!line.startsWith('{') || line.length > longestClaimLine) return null;
	const fields = parseObject(line);
	if (fields === null) return null;
	const { id, count, from, until } = fields;
	if (typeof id !== 'string' || id === '' || !isWhole(count) || !isWhole(from) || !isWhole(until)) return null;
	if (until < from || until - from > longestClaimMs) return null;
	return { id, count, fromMs: from, untilMs: until };
}

interface ClaimFields {
	readonly id?: unknown;
	readonly count?: unknown;
	readonly from?: unknown;
	readonly until?: unknown;
}

function parseObject(line: string): ClaimFields | null {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' ? value : null;
	} catch {
		return null; // Torn or foreign, as the caller says.
	}
}

function isWhole(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
