/** Renews an OAuth access token with a refresh token (RFC 6749 §6). */
import { SecretMask } from '../../smtp/secret-mask.ts';
import { cleanText } from '../../support/clean-text.ts';
import type { Clock, Timer } from '../../support/clock.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { describeFileError } from '../../support/file-system.ts';
import { type OAuthCredentials, parseObject, readCredentials, saveRefreshToken } from './oauth-credentials.ts';
import type { NamedFile } from './secret-file.ts';
import type { FreshToken } from './shared-token.ts';

export interface RefreshContext {
	readonly clock: Clock;
	readonly signal: AbortSignal;
	/** Something that people have to know although the run goes on. */
	readonly warn: (text: string) => void;
}

const deadlineMs = 30_000;
const maxBytes = 65_536;
// RFC 6749 §5.1 only recommends that the server says it.
const usualSeconds = 300;
const marginMs = 60_000;

/** Rejects with RunError 77 when the server refuses, 69 when it may be tried again, 66 or 78 for the file. */
export async function refreshToken(file: NamedFile, context: RefreshContext): Promise<FreshToken> {
	// Read each time: another run may have been given a new refresh token, and then the old one is dead.
	let credentials = await readCredentials(file);
	let answer = await ask(credentials, context);
	if (answer.kind === 'refused') {
		const newer = await readCredentials(file);
		if (newer.refreshToken === credentials.refreshToken) throw refusedError(file, credentials, answer.said);
		credentials = newer;
		answer = await ask(newer, context);
		if (answer.kind === 'refused') throw refusedError(file, newer, answer.said);
	}
	if (answer.refreshToken !== '') keep(file, { credentials, refreshToken: answer.refreshToken }, context);
	return { token: answer.token, keepMs: answer.keepMs };
}

type Answer =
	| { readonly kind: 'refused'; readonly said: string }
	/** `refreshToken` is '' when the old one stays good. */
	| { readonly kind: 'token'; readonly token: string; readonly keepMs: number; readonly refreshToken: string };

async function ask(credentials: OAuthCredentials, context: RefreshContext): Promise<Answer> {
	const { tokenUrl, refreshToken: sent } = credentials;
	const mask = new SecretMask();
	for (const secret of [sent, credentials.clientSecret]) mask.add(secret);
	const { status, body } = await post(credentials, context);
	const fields = parseObject(body);
	const text = (name: string): string => (typeof fields?.[name] === 'string' ? fields[name] : '');
	if (status >= 500 || status === 429) throw unreachable(tokenUrl, `it answered ${status}`);
	if (status !== 200) {
		const words = [String(status), text('error'), text('error_description')].filter((word) => word !== '').join(' ');
		return { kind: 'refused', said: cleanText(mask.mask(cleanText(words, 400))) };
	}
	const token = text('access_token');
	// RFC 6750 §2.1, and nothing that could end a line or a field of XOAUTH2.
	if (!/^[\x21-\x7e]+$/.test(token)) throw unreachable(tokenUrl, 'its answer holds no access token');
	const given = text('refresh_token');
	return { kind: 'token', token, keepMs: keepMs(fields?.['expires_in']), refreshToken: given === sent ? '' : given };
}

/** A token that runs out in the middle of a login is refused, so it is given up a little before. */
function keepMs(expiresIn: unknown): number {
	const seconds = Number(expiresIn ?? usualSeconds);
	const lifeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : usualSeconds) * 1_000;
	return lifeMs - Math.min(marginMs, lifeMs / 5);
}

async function post(credentials: OAuthCredentials, { clock, signal }: RefreshContext) {
	const { tokenUrl, clientId, clientSecret, scope, refreshToken: token } = credentials;
	const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: clientId });
	if (clientSecret !== '') form.set('client_secret', clientSecret);
	if (scope !== '') form.set('scope', scope);
	const giveUp = new AbortController();
	const stop = (): void => giveUp.abort(signal.reason);
	let deadline: Timer | null = null;
	let isLate = false;
	signal.addEventListener('abort', stop, { once: true });
	try {
		deadline = clock.after(deadlineMs, () => {
			isLate = true;
			giveUp.abort();
		});
		const response = await fetch(tokenUrl, {
			method: 'POST',
			body: form,
			headers: { accept: 'application/json' },
			// The secrets are for this server only.
			redirect: 'error',
			signal: giveUp.signal,
		});
		return { status: response.status, body: await readBody(response) };
	} catch (error) {
		if (signal.aborted) throw signal.reason;
		const why = isLate ? `no answer within ${deadlineMs / 1_000} seconds` : describeCause(error);
		throw unreachable(tokenUrl, why);
	} finally {
		deadline?.cancel();
		signal.removeEventListener('abort', stop);
	}
}

async function readBody({ body }: Response): Promise<string> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of body ?? []) {
		length += chunk.length;
		if (length > maxBytes) throw new Error('its answer is too long');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function keep(
	file: NamedFile,
	renewed: { readonly credentials: OAuthCredentials; readonly refreshToken: string },
	{ warn }: RefreshContext,
): void {
	try {
		saveRefreshToken(file.path, renewed.credentials, renewed.refreshToken);
	} catch (error) {
		const why = describeFileError(error);
		warn(`${file.called}: the token server gave a new refresh token, and it cannot be kept: ${why}`);
		warn('This run goes on. If the old one is dead with it, the next run will be refused: make the folder writable.');
	}
}

function refusedError(file: NamedFile, { tokenUrl }: OAuthCredentials, said: string): RunError {
	return new RunError(exitCodes.loginRefused, `${tokenUrl.host} refused to renew the access token: ${said}`, {
		hint: `Sign in there again, and put the new refresh token into ${file.path}`,
	});
}

function unreachable({ host }: URL, why: string): RunError {
	return new RunError(exitCodes.serverUnreachable, `no access token from ${host}: ${cleanText(why)}`, {
		hint: 'Nothing was sent; the same command tries again.',
	});
}

/** fetch says `fetch failed` and hides why. */
function describeCause(error: unknown): string {
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	return cause instanceof Error ? cause.message : String(cause);
}
