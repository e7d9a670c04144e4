/**
 * Everybody who is not to be written to, from one or several files, in memory: a million entries take 30 MB and less than a second.
 *
 * Asked once per row and pass: a look-up is a hash of the address and one of its domain, when there are entries of domains. Only lists with hashed entries
 * cost a SHA-256 per row.
 */
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError, errorCode, type FileSystem, nodeFileSystem } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { recipientKey } from '../recipient-key.ts';
import type { Address } from '../row.ts';
import { maxLineOctets, parseSuppressionLine } from './parse-suppression-line.ts';
import { PlainEntryScanner } from './plain-entry-scanner.ts';
import { readOctetLines } from './read-octet-lines.ts';
import { hashedKey, unnamedReason } from './suppression-entry.ts';
import { SuppressionProblems } from './suppression-problems.ts';
import { maxReasons, SuppressionTable } from './suppression-table.ts';

export interface ReadOptions {
	/** At least 16 random bytes, so that nobody can choose addresses that are taken for one another. */
	readonly seed: Uint8Array;
	/** The first file is one that a run writes to: it need not be there yet. */
	readonly firstMayBeNew?: boolean;
	readonly files?: FileSystem;
}

const usualLineOctets = 40;
const otherReasons = 'other';

export class SuppressionList {
	readonly #table: SuppressionTable;
	/** By number; 0 is none. */
	readonly #reasons: string[] = [''];
	readonly #numbers = new Map<string, number>();
	readonly #removals = new Map<string, number>();
	#domains = 0;
	#parents = 0;
	#hashes = 0;

	/** RunError 66 for a file that is not there or cannot be read, 65 for lines that are no entries: up to 20 of each file are shown. */
	static read(paths: readonly string[], options: ReadOptions): SuppressionList {
		const list = new SuppressionList(options.seed);
		const files = options.files ?? nodeFileSystem;
		const problems = new SuppressionProblems();
		for (const [at, path] of paths.entries()) {
			const isOptional = at === 0 && options.firstMayBeNew === true;
			list.#readFile(path, { files, problems, isOptional });
		}
		problems.throwIfAny();
		return list;
	}

	private constructor(seed: Uint8Array) {
		this.#table = new SuppressionTable(seed);
	}

	/** Different entries. */
	get size(): number {
		return this.#table.size;
	}

	/** Why the address is not written to; '' when it may be. The first file that names it, and the most exact entry, has the word. */
	reasonOf(address: Address): string {
		return this.#reasons[this.#numberOf(address)] ?? '';
	}

	covers(address: Address): boolean {
		return this.#numberOf(address) !== 0;
	}

	/** When somebody took the address off one of the lists for the last time, in milliseconds since 1970; 0: never. */
	removedAt(address: Address): number {
		return this.#removals.size === 0 ? 0 : (this.#removals.get(hashedKey(recipientKey(address))) ?? 0);
	}

	/** Has exactly this entry, normalised. */
	has(key: string): boolean {
		return this.#table.find(key) !== 0;
	}

	#numberOf(address: Address): number {
		if (this.#table.size === 0) return 0;
		const key = recipientKey(address);
		const number = this.#table.find(key);
		if (number !== 0) return number;
		if (this.#hashes > 0) {
			const hashed = this.#table.find(hashedKey(key));
			if (hashed !== 0) return hashed;
		}
		if (this.#domains === 0 && this.#parents === 0) return 0;
		const domain = key.slice(key.lastIndexOf('@'));
		if (this.#domains > 0) {
			const ofDomain = this.#table.find(domain);
			if (ofDomain !== 0) return ofDomain;
		}
		if (this.#parents === 0) return 0;
		for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
			const ofParent = this.#table.find(`@${domain.slice(dot)}`);
			if (ofParent !== 0) return ofParent;
		}
		return 0;
	}

	#readFile(
		path: string,
		context: { readonly files: FileSystem; readonly problems: SuppressionProblems; readonly isOptional: boolean },
	): void {
		const { files, problems } = context;
		const scanner = new PlainEntryScanner();
		try {
			const size = readableSize(path, files);
			if (size === null && context.isOptional) return;
			this.#table.reserve(this.#table.size + Math.ceil((size ?? 0) / usualLineOctets));
			readOctetLines(
				path,
				(octets, { start, end, line }) => {
					if (line === 1) problems.assertReadable(path, octets.subarray(start, end));
					if (scanner.scan(octets, start, end)) {
						const reason = octets.toString('latin1', scanner.reasonStart, scanner.reasonEnd);
						if (scanner.isHash) this.#hashes += 1;
						this.#table.addAscii(scanner.key, scanner.keyLength, this.#numberOfReason(reason));
						return;
					}
					const read = parseSuppressionLine(octets.subarray(start, end));
					if (read.kind === 'entry') this.#add(read.entry.key, read.entry.reason);
					else if (read.kind === 'removal') this.#removals.set(read.key, read.at);
					else if (read.kind === 'problem') problems.add(path, line, read.problem);
				},
				{ files, maxOctets: maxLineOctets },
			);
		} catch (error) {
			if (error instanceof RunError || errorCode(error) === '') throw error;
			throw unreadableList(path, error);
		}
	}

	#add(key: string, reason: string): void {
		if (key.startsWith('@.')) this.#parents += 1;
		else if (key.startsWith('@')) this.#domains += 1;
		else if (!key.includes('@')) this.#hashes += 1;
		this.#table.add(key, this.#numberOfReason(reason));
	}

	#numberOfReason(text: string): number {
		const known = this.#numbers.get(text);
		if (known !== undefined) return known;
		const word = cleanText(text.trim(), 40) || unnamedReason;
		const same = this.#reasons.indexOf(word);
		// A file with a sentence as the reason of each entry must not fill the memory.
		const number = same > 0 ? same : this.#reasons.length < maxReasons ? this.#reasons.push(word) - 1 : maxReasons;
		if (number === maxReasons) this.#reasons[maxReasons] = otherReasons;
		if (this.#numbers.size < 4 * maxReasons) this.#numbers.set(text, number);
		return number;
	}
}

/** null: there is no such file. */
function readableSize(path: string, files: FileSystem): number | null {
	const facts = files.lstat(path);
	return facts === null ? null : facts.sizeBytes;
}

/** RunError 66. */
export function unreadableList(path: string, error: unknown): RunError {
	if (errorCode(error) === 'ENOENT') return noSuchList(path);
	const shown = cleanText(path);
	const why = describeFileError(error);
	return new RunError(exitCodes.missingInput, `the suppression list ${shown} cannot be read: ${why}`, { cause: error });
}

/** RunError 66. */
export function noSuchList(path: string): RunError {
	return new RunError(exitCodes.missingInput, `there is no suppression list ${cleanText(path)}`, {
		hint: `Check the name; this makes one:\n  mailshot suppress add someone@example.com --list ${shellWord(path)}`,
	});
}
