/** Records of the journal as lines. Marks and settles are on the way of each message: put together by hand, fields in the order of journal-record.ts. */
import { jsonString } from '../json-text.ts';
import type {
	CommitRecord,
	LocalRecord,
	MarkRecord,
	ReleaseRecord,
	ResolveRecord,
	RunRecord,
	SettleRecord,
} from './journal-record.ts';

export function encodeRun(record: Omit<RunRecord, 'type'>): string {
	return `${JSON.stringify({ type: 'run', ...record })}\n`;
}

export function encodeMark(record: Omit<MarkRecord, 'type'>): string {
	const { run, mark, key, to, row, line, attempt, connection } = record;
	const toJson = to === '' ? '""' : jsonString(to);
	return `{"type":"mark","run":${run},"mark":${mark},"key":${jsonString(key)},"to":${toJson},"row":${row},"line":${line},"attempt":${attempt},"connection":${connection}}\n`;
}

/** `why` is one of our own words. */
export function encodeRelease({ run, mark, why }: Omit<ReleaseRecord, 'type'>): string {
	return `{"type":"release","run":${run},"mark":${mark},"why":"${why}"}\n`;
}

export function encodeSettle(record: Omit<SettleRecord, 'type'>): string {
	const { run, mark, key, status, code, at, stage, response } = record;
	const { bounce_category: category, bounce_type: type, bounce_action: action, bounce_rule: rule } = record;
	const head = `{"type":"settle","run":${run},"mark":${mark},"key":${jsonString(key)},"status":"${status}","code":${code},"bounce_category":"${category}"`;
	const answer = `,"at":${at},"enhanced_code":"${record.enhanced_code}","stage":"${stage}","response":${jsonString(response)}`;
	if (type === '' && record.error_type === '' && record.final) return head + answer + noTrouble;
	const refusal = `,"bounce_type":"${type}","bounce_action":"${action}","bounce_rule":${jsonString(rule)}`;
	return `${head}${answer}${refusal},"error_type":${jsonString(record.error_type)},"error_message":${jsonString(record.error_message)}${record.final ? '' : ',"final":false'}}\n`;
}

export function encodeLocal(record: Omit<LocalRecord, 'type'>): string {
	return `${JSON.stringify({ type: 'local', ...record })}\n`;
}

export function encodeResolve(record: Omit<ResolveRecord, 'type'>): string {
	return `${JSON.stringify({ type: 'resolve', ...record })}\n`;
}

export function encodeCommit({ journal, log, covers, crc, log_crc: logCrc }: Omit<CommitRecord, 'type'>): string {
	return `{"type":"commit","journal":${journal},"log":${log},"covers":${covers},"crc":${crc},"log_crc":${logCrc}}\n`;
}

const noTrouble = ',"bounce_type":"","bounce_action":"","bounce_rule":"","error_type":"","error_message":""}\n';
