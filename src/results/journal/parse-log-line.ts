/** One line of the log, as far as it is to be matched with the journal. */

export type ParsedLogLine = LogLine | { readonly kind: 'bad'; readonly what: string };

/** Fields that a line lacks, or has of another type, are '' and 0. */
export interface LogLine {
	readonly kind: 'line';
	readonly source: string;
	readonly status: string;
	readonly runId: string;
	readonly key: string;
	readonly recipient: string;
	readonly row: number;
	readonly line: number;
	readonly attempt: number;
	readonly stage: string;
	/** All of them. */
	readonly fields: ReadonlyMap<string, unknown>;
}

/** Takes a line with its line feed; throws nothing. Bad: not whole, or no JSON object. */
export function parseLogLine(octets: Uint8Array): ParsedLogLine {
	const isWhole = octets.at(-1) === 0x0a;
	const fields = isWhole ? parseObject(octets) : null;
	if (fields === null) {
		if (octets.includes(0)) return { kind: 'bad', what: 'NUL octets, as a power cut leaves them' };
		return { kind: 'bad', what: isWhole ? 'a line that is no JSON object' : 'a line without its end' };
	}
	const text = (name: string) => {
		const value = fields.get(name);
		return typeof value === 'string' ? value : '';
	};
	const count = (name: string) => {
		const value = fields.get(name);
		return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
	};
	return {
		kind: 'line',
		source: text('source'),
		status: text('status'),
		runId: text('run_id'),
		key: text('key'),
		recipient: text('recipient'),
		row: count('row'),
		line: count('line'),
		attempt: count('attempt'),
		stage: text('smtp_stage'),
		fields,
	};
}

function parseObject(octets: Uint8Array): ReadonlyMap<string, unknown> | null {
	try {
		const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null;
	} catch {
		// Neither UTF-8 nor JSON: that is the answer.
		return null;
	}
}
