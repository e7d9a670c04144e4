/** Reads what another service exported of its suppressions, CSV or JSON, as entries of ours. */
import { open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, nodeFileSystem } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { openList } from '../open-list.ts';
import { parseAddress } from '../parse-address.ts';
import { recipientKey } from '../recipient-key.ts';
import { maxLineOctets, parseSuppressionLine } from './parse-suppression-line.ts';
import { readOctetLines } from './read-octet-lines.ts';
import { type Meaning, meaningOf, type Service, serviceOfColumns } from './service-exports.ts';
import { type SuppressionEntry, suppressionReasons } from './suppression-entry.ts';

export interface ReadExport {
	readonly service: Service;
	/** Each with what a mail server said of it, '' where the export has none. */
	readonly entries: readonly (SuppressionEntry & { readonly reply: string })[];
	/** Lines and objects without an address, for people: `line 14 of bounces.csv: "bob@" has no domain`. */
	readonly problems: readonly string[];
}

// JSON.parse needs the whole text; 100,000 entries of SES take 15 MB.
const maxJsonOctets = 256 * 1024 * 1024;

/** `service`: null to find out. RunError 66 when the file cannot be read, 65 when nobody can tell what it is, or it is a list of people who want mail. */
export async function readExport(path: string, service: Service | null): Promise<ReadExport> {
	const beginning = await beginningOf(path);
	if (service === 'plain') return readPlain(path);
	if (/^\s*[[{]/.test(beginning)) return readJson(path, service);
	if (service === null && beginsWithEntry(beginning)) return readPlain(path);
	return readCsv(path, service);
}

const beginningOctets = 16 * 1024;

async function beginningOf(path: string): Promise<string> {
	try {
		const file = await open(path, 'r');
		try {
			const { buffer, bytesRead } = await file.read(Buffer.alloc(beginningOctets), 0, beginningOctets, 0);
			return buffer.toString('utf8', 0, bytesRead).replace(/^\ufeff/, '');
		} finally {
			await file.close();
		}
	} catch (error) {
		throw new RunError(exitCodes.missingInput, `${cleanText(path)} cannot be read: ${describeFileError(error)}`, {
			cause: error,
		});
	}
}

/** A suppression list or a plain list of addresses: the first line that says something is no header. */
function beginsWithEntry(beginning: string): boolean {
	const first = beginning.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#'));
	return first !== undefined && parseSuppressionLine(Buffer.from(first)).kind === 'entry';
}

function readPlain(path: string): ReadExport {
	const entries: (SuppressionEntry & { readonly reply: string })[] = [];
	const problems: string[] = [];
	readOctetLines(
		path,
		(octets, { start, end, line }) => {
			const read = parseSuppressionLine(octets.subarray(start, end));
			if (read.kind === 'entry') entries.push({ ...withoutOtherColumns(read.entry), reply: '' });
			else if (read.kind === 'problem') problems.push(`line ${line} of ${cleanText(path)}: ${read.problem}`);
		},
		{ files: nodeFileSystem, maxOctets: maxLineOctets },
	);
	return { service: 'plain', entries, problems };
}

/** Behind the addresses of a list that is not ours stand names and cities. */
function withoutOtherColumns(entry: SuppressionEntry): SuppressionEntry {
	const isOurs = suppressionReasons.some((reason) => reason === entry.reason) || /^\d{4}-\d\d-\d\d/.test(entry.date);
	return isOurs ? entry : { key: entry.key, reason: '', date: '', source: '' };
}

async function readCsv(path: string, asked: Exclude<Service, 'plain'> | null): Promise<ReadExport> {
	const list = await openList({ path, displayName: path });
	const { columns } = list;
	const service = asked ?? serviceOfColumns(columns);
	if (service === null) throw unknownExport(path);
	const file = { has: (name: string) => columns.find(name) !== -1, fileName: basename(path).toLowerCase() };
	const entries: (SuppressionEntry & { readonly reply: string })[] = [];
	const problems: string[] = [];
	const rows = list.rows();
	try {
		for (;;) {
			const row = rows.next();
			if (row === null) {
				if (rows.ended) return { service, entries, problems };
				await new Promise<void>((resolve) => rows.whenReadable(resolve));
			} else if (row.kind === 'malformed') {
				problems.push(row.message);
			} else {
				const fields = (name: string) => row.fields[columns.find(name)] ?? '';
				entries.push(entryOf(recipientKey(row.address), meaningOf(service, fields, file), { service, path }));
			}
		}
	} finally {
		rows.close();
	}
}

function entryOf(
	key: string,
	{ reason, date, reply }: Meaning,
	{ service, path }: { readonly service: Service; readonly path: string },
): SuppressionEntry & { readonly reply: string } {
	if (reason === '') {
		throw new RunError(
			exitCodes.badInput,
			`${cleanText(path)} is a list of people who want mail, not of suppressed ones`,
			{
				hint: 'Of a Mailchimp export take the files unsubscribed_... and cleaned_...',
			},
		);
	}
	return { key, reason, date, source: service, reply };
}

async function readJson(path: string, asked: Exclude<Service, 'plain'> | null): Promise<ReadExport> {
	const objects = objectsOf(await parseJson(path));
	const service = asked ?? serviceOfObject(objects[0]);
	if (service === null) throw unknownExport(path);
	const entries: (SuppressionEntry & { readonly reply: string })[] = [];
	const problems: string[] = [];
	for (const [at, object] of objects.entries()) {
		const fields = (name: string) => textOf(object, name);
		const address = fields('EmailAddress') || fields('email') || fields('Recipient');
		const parsed = parseAddress(address);
		if (parsed.kind === 'invalid') {
			problems.push(`entry ${at + 1} of ${cleanText(path)}: "${cleanText(address, 80)}" ${parsed.problem}`);
			continue;
		}
		const file = { has: (name: string) => has(object, name), fileName: basename(path).toLowerCase() };
		entries.push(entryOf(recipientKey(parsed.address), meaningOf(service, fields, file), { service, path }));
	}
	return { service, entries, problems };
}

async function parseJson(path: string): Promise<unknown> {
	if ((await stat(path)).size > maxJsonOctets) {
		throw new RunError(exitCodes.badInput, `${cleanText(path)} is too large for one JSON document`, {
			hint: 'Split it, and import the pieces one after the other.',
		});
	}
	const text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
	try {
		return JSON.parse(text);
	} catch (cause) {
		const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
		try {
			// One document a line, or one page after the other as the AWS command line prints them.
			return lines.map((line): unknown => JSON.parse(line));
		} catch {
			throw new RunError(exitCodes.badInput, `${cleanText(path)} is no JSON that can be read`, {
				hint: `See where it breaks:\n  jq . ${shellWord(path)}`,
				cause,
			});
		}
	}
}

/** The objects of whatever wraps them: `SuppressedDestinationSummaries` of SES, `Suppressions` of Postmark, a bare list. */
function objectsOf(value: unknown): readonly object[] {
	if (Array.isArray(value)) return value.flatMap(objectsOf);
	if (typeof value !== 'object' || value === null) return [];
	if (has(value, 'EmailAddress') || has(value, 'email') || has(value, 'Recipient')) return [value];
	return Object.values(value).flatMap((inner) => (typeof inner === 'object' ? objectsOf(inner) : []));
}

function serviceOfObject(object: object | undefined): Exclude<Service, 'plain'> | null {
	if (object === undefined) return null;
	if (has(object, 'SuppressionReason')) return 'postmark';
	if (has(object, 'LastUpdateTime')) return 'ses';
	return has(object, 'created') ? 'sendgrid' : null;
}

function has(object: object, name: string): boolean {
	return Object.hasOwn(object, name);
}

function textOf(object: object, name: string): string {
	const value: unknown = new Map<string, unknown>(Object.entries(object)).get(name);
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function unknownExport(path: string): RunError {
	return new RunError(exitCodes.badInput, `nobody can tell whose export ${cleanText(path)} is`, {
		hint: [
			'Say it: --from mailchimp, sendgrid, ses or postmark. For a list of addresses that all have one reason:',
			`  mailshot suppress import ${shellWord(path)} --from plain --reason unsubscribe`,
		].join('\n'),
	});
}
