/** One line of a journal, exactly and slowly: every field is there, of its type and in its range. scan-record.ts is the fast way for what is vouched for. */
import type { BounceAction, BounceType } from '../../bounces/refusal.ts';
import type { Stage } from '../result.ts';
import { type JournalRecord, journalVersion } from './journal-record.ts';
import { categories } from './key-state.ts';

/**
 * Fields that are not known are ignored; a record whose type is not known is not: it could be a mark of which one bit fell over. A type that is new
 * comes with a new version, and a newer version is refused as a whole.
 */
export type ParsedLine =
	| { readonly kind: 'record'; readonly record: JournalRecord }
	/** No JSON object: what a crash can leave behind. */
	| { readonly kind: 'garbage'; readonly what: string }
	/** A whole JSON object that is no record: no crash makes that. */
	| { readonly kind: 'wrong'; readonly what: string }
	| { readonly kind: 'newer'; readonly version: number; readonly tool: string };

/** Takes a line without its line feed; throws nothing. */
export function parseRecord(line: string | Uint8Array): ParsedLine {
	const text = typeof line === 'string' ? line : decodeUtf8(line);
	if (text === null) return garbage(line, 'octets that are no UTF-8');
	const fields = parseObject(text);
	if (fields === null) return garbage(line, 'a line that is no JSON object');
	const type = fields.get('type');
	if (type === 'run') return parseRun(fields);
	return typeof type === 'string' && isKnown(type)
		? pick(type, fields)
		: { kind: 'wrong', what: 'a record of a type that does not exist' };
}

type Check = (value: unknown) => boolean;
/** Of fields that are left out in most lines, or were not there in the first journals: what they are then. */
const defaults: ReadonlyMap<string, unknown> = new Map<string, unknown>([
	['final', true],
	['verp', ''],
]);
type Shape<R> = { readonly [Field in Exclude<keyof R, 'type'>]: Check };
type Shapes = { readonly [Type in JournalRecord['type']]: Shape<Extract<JournalRecord, { type: Type }>> };

const isText: Check = (value) => typeof value === 'string';
const isKey: Check = (value) => typeof value === 'string' && value !== '';
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isNumber: Check = (value) => isCount(value) && value !== 0;
const isCode: Check = (value) => isCount(value) && Number(value) <= 999;
const isCrc: Check = (value) => isCount(value) && Number(value) <= 0xffff_ffff;
/** What a Date can hold. */
const isTime: Check = (value) => typeof value === 'number' && value >= 0 && value <= 8.64e15;
const isFlag: Check = (value) => typeof value === 'boolean';
const isTexts: Check = (value) =>
	typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText);

function oneOf(words: readonly string[]): Check {
	const known = new Set<unknown>(words);
	return (value) => known.has(value);
}

const types: Readonly<Record<BounceType, true>> = { hard: true, soft: true, block: true, unknown: true };
const actions: Readonly<Record<BounceAction, true>> = {
	suppress: true,
	retry: true,
	slow: true,
	hold: true,
	stop: true,
	drop: true,
};
const stages: Readonly<Record<Stage, true>> = {
	connect: true,
	greeting: true,
	ehlo: true,
	starttls: true,
	auth: true,
	mail: true,
	rcpt: true,
	data: true,
	content: true,
	verdict: true,
};

const shapes: Shapes = {
	run: {
		v: isNumber,
		run: isNumber,
		run_id: isKey,
		campaign_id: (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value),
		campaign: isText,
		tags: isTexts,
		tool: isText,
		started_at: isText,
		pid: isCount,
		pid_started: isText,
		boot_id: isText,
		host: isText,
		key_rule: isKey,
		message: isTexts,
		rehearsal: isFlag,
		server_address: isText,
		server_port: isCount,
		connections: isCount,
		window: isCount,
		resend: isText,
		verp: isText,
	},
	mark: {
		run: isNumber,
		mark: isNumber,
		key: isKey,
		to: isText,
		row: isCount,
		line: isCount,
		attempt: isCount,
		connection: isCount,
	},
	// A mark of 0: there was none.
	release: { run: isNumber, mark: isCount, why: isText },
	settle: {
		run: isNumber,
		mark: isCount,
		key: isKey,
		status: oneOf(['accepted', 'bounced', 'deferred', 'unknown']),
		code: isCode,
		bounce_category: oneOf(['', ...categories]),
		at: isTime,
		enhanced_code: isText,
		stage: oneOf(['', ...Object.keys(stages)]),
		response: isText,
		bounce_type: oneOf(['', ...Object.keys(types)]),
		bounce_action: oneOf(['', ...Object.keys(actions)]),
		bounce_rule: isText,
		error_type: isText,
		error_message: isText,
		final: isFlag,
	},
	local: {
		run: isNumber,
		status: oneOf(['skipped', 'failed']),
		key: isText,
		to: isText,
		row: isCount,
		line: isCount,
		at: isTime,
		skip_reason: isText,
		error_type: isText,
		error_message: isText,
	},
	resolve: {
		run: isNumber,
		key: isKey,
		to: isText,
		status: oneOf(['accepted', 'not_sent']),
		row: isCount,
		line: isCount,
		at: isTime,
	},
	commit: { journal: isCount, log: isCount, covers: isCount, crc: isCrc, log_crc: isCrc },
};

const checks = new Map(Object.entries(shapes).map(([type, shape]) => [type, Object.entries<Check>(shape)]));

function isKnown(type: string): boolean {
	return checks.has(type);
}

/** The version comes first: what else a newer one says is not ours to judge. */
function parseRun(fields: ReadonlyMap<string, unknown>): ParsedLine {
	const [version, tool] = [fields.get('v'), fields.get('tool')];
	if (typeof version === 'number' && version > journalVersion) {
		return { kind: 'newer', version, tool: typeof tool === 'string' ? tool : '' };
	}
	return pick('run', fields);
}

function pick(type: string, fields: ReadonlyMap<string, unknown>): ParsedLine {
	const record: Record<string, unknown> = { type };
	for (const [name, check] of checks.get(type) ?? []) {
		const value = fields.has(name) ? fields.get(name) : defaults.get(name);
		if (!check(value))
			return { kind: 'wrong', what: `a ${type} record whose field ${name} is missing or out of range` };
		record[name] = value;
	}
	// Every field of the shape was checked, and the shape has every field of the type.
	return { kind: 'record', record: record as unknown as JournalRecord };
}

function parseObject(text: string): ReadonlyMap<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
		// A map, because a line may have a field `__proto__` or `constructor`.
		return new Map(Object.entries(value));
	} catch {
		// Not JSON: that is the answer.
		return null;
	}
}

function decodeUtf8(octets: Uint8Array): string | null {
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
	} catch {
		// Not UTF-8: that is the answer.
		return null;
	}
}

function garbage(line: string | Uint8Array, what: string): ParsedLine {
	const hasNul = typeof line === 'string' ? line.includes('\0') : line.includes(0);
	return { kind: 'garbage', what: hasNul ? 'NUL octets, as a power cut leaves them' : what };
}
