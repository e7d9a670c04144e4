/** The file of --oauth-refresh: who we are to a token server, and the refresh token that it renews (RFC 6749 §6). */
import { closeSync, constants, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes, RunError } from '../../support/errors.ts';
import { nodeFileSystem, syncDirectory } from '../../support/file-system.ts';
import { isLoopback } from '../smtp-url.ts';
import { type NamedFile, readSecretFile } from './secret-file.ts';

export interface OAuthCredentials {
	readonly tokenUrl: URL;
	readonly clientId: string;
	/** '' when there is none. */
	readonly clientSecret: string;
	readonly refreshToken: string;
	/** '' when there is none. */
	readonly scope: string;
	/** All that the file holds: what is not ours is kept when it is written. */
	readonly fields: Readonly<Record<string, unknown>>;
}

const example = [
	'It looks like this, and only its owner may read it (chmod 600):',
	'  { "token_url": "https://oauth2.googleapis.com/token", "client_id": "...", "client_secret": "...", "refresh_token": "..." }',
	'client_secret and scope may be left out.',
].join('\n');

/** Throws RunError 66 or 78. No message shows what is in the file. */
export async function readCredentials(file: NamedFile): Promise<OAuthCredentials> {
	const refuse = (problem: string): RunError =>
		new RunError(exitCodes.badConfiguration, `${file.called}: ${problem}`, { hint: example });
	const fields = parseObject(await readSecretFile(file, { isGuarded: true }));
	if (fields === null) throw refuse('it is no JSON object');
	const text = (name: string): string => {
		const value = fields[name] ?? '';
		if (typeof value !== 'string') throw refuse(`"${name}" is no text`);
		return value;
	};
	const needed = (name: string): string => {
		const value = text(name);
		if (value === '') throw refuse(`"${name}" is missing`);
		return value;
	};
	const tokenUrl = URL.canParse(needed('token_url')) ? new URL(needed('token_url')) : null;
	if (tokenUrl === null) throw refuse('"token_url" is no URL');
	if (tokenUrl.protocol !== 'https:' && !(tokenUrl.protocol === 'http:' && isLoopbackUrl(tokenUrl))) {
		throw refuse('"token_url" is no https:// URL: the secrets would go out in clear');
	}
	if (tokenUrl.username !== '' || tokenUrl.password !== '') throw refuse('"token_url" holds a login');
	return {
		tokenUrl,
		clientId: needed('client_id'),
		clientSecret: text('client_secret'),
		refreshToken: needed('refresh_token'),
		scope: text('scope'),
		fields,
	};
}

/** Puts the new refresh token in place of the old one: whole or not at all, and for its owner only. Throws as node:fs does. */
export function saveRefreshToken(path: string, { fields }: OAuthCredentials, refreshToken: string): void {
	// A link stays one.
	const target = realpathSync(path);
	const temporary = `${target}.${process.pid}.new`;
	rmSync(temporary, { force: true });
	const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
	try {
		try {
			const bytes = Buffer.from(`${JSON.stringify({ ...fields, refresh_token: refreshToken }, null, '\t')}\n`, 'utf8');
			for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}
		renameSync(temporary, target);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
	syncDirectory(nodeFileSystem, dirname(target));
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
	} catch {
		// The parser's own words would quote the text.
		return null;
	}
}

function isLoopbackUrl({ hostname }: URL): boolean {
	return isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'));
}
