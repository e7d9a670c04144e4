/**
 * One line of a suppression list, `address|@domain|sha256:<hex>,reason,date,source`: who is not written to any more, and why.
 *
 *     bob@example.com,hard,2026-11-22T17:05:12Z,news          this address (without regard to case; tags and dots as they are)
 *     @example.com,manual                                     every address at exactly this domain
 *     @.example.com                                           every address at its subdomains, however deep, and not at itself
 *     sha256:5ff860bf1190596c...,unsubscribe                  the address with this hash: a list without plain addresses
 */
import { hash } from 'node:crypto';
import { cleanText } from '../../support/clean-text.ts';
import { parseAddress, trimCell } from '../parse-address.ts';
import { recipientKey } from '../recipient-key.ts';
import type { Address } from '../row.ts';

export interface SuppressionEntry {
	/** Normalised: a recipientKey, `@domain`, `@.domain`, or `sha256:` with 64 lower-case digits. */
	readonly key: string;
	/** One of `suppressionReasons`, or another word that people use; '' when the line has none. */
	readonly reason: string;
	/** As it stands there; mailshot writes ISO 8601 in UTC. */
	readonly date: string;
	/** Where it comes from, in a word or two: a campaign, `sendgrid`, a name. */
	readonly source: string;
}

/** Those that mailshot writes; others are kept as they are. */
export const suppressionReasons = ['hard', 'complaint', 'unsubscribe', 'manual', 'soft'] as const;

export type SuppressionReason = (typeof suppressionReasons)[number];

/** What is meant by a line without a reason. */
export const unnamedReason = 'manual';

export type ParsedKey =
	| { readonly kind: 'key'; readonly key: string }
	/** `problem` goes on after the quoted text: `has no domain`. */
	| { readonly kind: 'invalid'; readonly problem: string };

const hashPrefix = 'sha256:';

/** Reads the first field of a line, or what somebody typed. Never throws. */
export function parseSuppressionKey(field: string): ParsedKey {
	const text = trimCell(field);
	if (/^@/.test(text)) return parseDomain(text);
	const algorithm = /^(sha256|sha-256|sha1|sha-1|md5|sha512):/i.exec(text)?.[1]?.toLowerCase();
	if (algorithm !== undefined) return parseHash(text, algorithm);
	if (/^(?:[\da-f]{32}|[\da-f]{40}|[\da-f]{64})$/i.test(text)) {
		return invalid('is a bare hash: write sha256: in front of it (other hashes are not read)');
	}
	const parsed = parseAddress(text);
	if (parsed.kind === 'invalid') return parsed;
	return { kind: 'key', key: recipientKey(parsed.address) };
}

function parseDomain(text: string): ParsedKey {
	const withSubdomains = text.startsWith('@.');
	const parsed = parseAddress(`x${withSubdomains ? `@${text.slice(2)}` : text}`);
	if (parsed.kind === 'invalid') return parsed;
	return { kind: 'key', key: `${withSubdomains ? '@.' : '@'}${parsed.domain}` };
}

function parseHash(text: string, algorithm: string): ParsedKey {
	if (!algorithm.endsWith('256')) return invalid(`is a hash that is not read: take SHA-256 (sha256:<64 digits>)`);
	const digits = text.slice(text.indexOf(':') + 1).toLowerCase();
	if (!/^[\da-f]{64}$/.test(digits)) return invalid('is no SHA-256: it has 64 digits from 0 to f behind sha256:');
	return { kind: 'key', key: hashPrefix + digits };
}

function invalid(problem: string): ParsedKey {
	return { kind: 'invalid', problem };
}

/** The hash by which a list without plain addresses knows an address: SHA-256 of the recipientKey in UTF-8, `printf %s bob@example.com | sha256sum`. */
export function hashedKey(key: string): string {
	return hashPrefix + hash('sha256', key);
}

/** What a list may call the address, the most exact first: itself, its hash, its domain, and the domains above that. */
export function keysThatCover(address: Address): readonly string[] {
	const key = recipientKey(address);
	const domain = key.slice(key.lastIndexOf('@') + 1);
	return [key, hashedKey(key), `@${domain}`, ...parentsOf(domain).map((parent) => `@.${parent}`)];
}

/** `a.b.example` -> `b.example`, `example`. */
export function parentsOf(domain: string): readonly string[] {
	const parents: string[] = [];
	for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1))
		parents.push(domain.slice(dot + 1));
	return parents;
}

const longestWord = 200;

/** The line with its line feed. Nothing in it can begin another line. */
export function formatSuppression({ key, reason, date, source }: SuppressionEntry): string {
	const fields = [key, ...[reason, date, source].map((field) => cleanText(field, longestWord))];
	while (fields.length > 1 && fields.at(-1) === '') fields.pop();
	return `${fields.map(csvField).join(',')}\n`;
}

/** Quoted where CSV or the comment sign asks for it. */
export function csvField(field: string): string {
	return /[",]|^[#\s]|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** `2026-11-22T17:05:12Z`; `at` in milliseconds since 1970. */
export function suppressionDate(at: number): string {
	return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
