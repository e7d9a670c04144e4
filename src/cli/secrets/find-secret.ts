/**
 * Finds what a login needs. In this order: --oauth-token-command, --oauth-refresh, --password-file, --password-command, a credential of
 * systemd, then the password of environment, URL or configuration file, and at last the question on the terminal. Of what was set, a flag
 * comes before a variable and that before a file (settings/settings.ts); only one of it gets here.
 */
import { join } from 'node:path';
import { type Login, serverName } from '../../smtp/server-settings.ts';
import type { Clock } from '../../support/clock.ts';
import { exitCodes, RunError, UsageError } from '../../support/errors.ts';
import { nodeFileSystem } from '../../support/file-system.ts';
import { type Given, typed } from '../settings/origin.ts';
import type { Environment } from '../surroundings.ts';
import { readCredentials } from './oauth-credentials.ts';
import { refreshToken } from './oauth-refresh.ts';
import { readSecretCommand } from './secret-command.ts';
import { type NamedFile, readSecretLine } from './secret-file.ts';
import type { SecretSource } from './secret-source.ts';
import { type FreshToken, sharedToken } from './shared-token.ts';

/** Asks on the terminal; null when there is none. Called only when a password is missing. */
export type AskPassword = (question: string) => Promise<string> | null;

/** What the ways to a secret need of the process. */
export interface SecretContext {
	readonly env: Environment;
	readonly clock: Clock;
	/** Ends whatever is waited for. */
	readonly signal: AbortSignal;
	readonly askPassword: AskPassword;
	/** Something that people have to know although the run goes on; may come at any time in the run. */
	readonly warn: (text: string) => void;
}

export interface SecretContextOfServer extends SecretContext {
	/** '' when nobody signs in. */
	readonly user: string;
	readonly host: string;
	readonly port: number;
}

/** A program that prints tokens knows best whether one is still good: it is asked again for connections that come later. */
const commandKeepMs = 60_000;

/** Null when nobody signs in. Throws UsageError or RunError when the secret cannot be had, and the reason of the signal. */
export async function findSecret(source: SecretSource, context: SecretContextOfServer): Promise<Login | null> {
	const { user } = context;
	if (user === '') return refuseUnused(source);
	const { oauthTokenCommand, oauthRefresh } = source;
	if (oauthTokenCommand !== null) return tokenFromCommand(oauthTokenCommand, context);
	if (oauthRefresh !== null) return tokenFromRefresh(oauthRefresh, context);
	const { password, origin } = await findPassword(source, context);
	return { kind: 'password', user, password, origin };
}

interface Found {
	readonly password: string;
	readonly origin: string;
}

async function findPassword(source: SecretSource, context: SecretContextOfServer): Promise<Found> {
	const { passwordFile, passwordCommand, password } = source;
	if (passwordFile !== null) {
		const file = namedFile(passwordFile);
		return { password: await readSecretLine(file, { isGuarded: true }), origin: file.called };
	}
	if (passwordCommand !== null) {
		const found = await readSecretCommand(passwordCommand, { ...context, exitCode: exitCodes.badConfiguration });
		return { password: found, origin: passwordCommand.origin };
	}
	const credential = systemdCredential(context);
	if (credential !== null) {
		// QUIRK: for services with User= systemd grants them by ACL, which shows as mode 0440 of root; the directory is guarded.
		return { password: await readSecretLine(credential, { isGuarded: false }), origin: credential.called };
	}
	if (password !== null) return { password: password.text, origin: password.origin };
	return { password: await askFor(context), origin: 'the terminal' };
}

/** systemd.exec(5), LoadCredential=: the one of this server before the one of all. */
function systemdCredential({ env, host }: SecretContextOfServer): NamedFile | null {
	const { CREDENTIALS_DIRECTORY: directory = '' } = env;
	if (directory === '') return null;
	// A host is a name or an address: nothing in it leads out of the directory.
	for (const name of [`${credentialName}.${host}`, credentialName]) {
		const path = join(directory, name);
		if (nodeFileSystem.lstat(path) !== null) return { path, called: `the systemd credential ${name}` };
	}
	return null;
}

const credentialName = 'mailshot-smtp-password';

async function askFor(context: SecretContextOfServer): Promise<string> {
	const { user, askPassword } = context;
	const server = serverName(context);
	const asked = askPassword(`Password of ${user} at ${server}: `);
	if (asked === null) {
		throw new UsageError(`the password of "${user}" at ${server} is missing, and nobody is here to ask`, {
			hint: whereWeLooked(context),
		});
	}
	const password = await asked;
	if (password === '') throw new UsageError('no password was typed, nothing was sent');
	return password;
}

function whereWeLooked({ env, host }: SecretContextOfServer): string {
	const { CREDENTIALS_DIRECTORY: directory = '' } = env;
	const credentials =
		directory === ''
			? 'systemd credentials (there is no $CREDENTIALS_DIRECTORY)'
			: `${join(directory, credentialName)}, and the same with .${host} behind it`;
	return [
		'There is none in any of these places, in this order:',
		'  --password-file, --password-command',
		`  ${credentials}`,
		'  MAILSHOT_SMTP_PASSWORD, the server in MAILSHOT_SMTP_URL or in a configuration file, password: there',
		'For cron: mailshot send ... --password-file smtp.secret   (chmod 600 smtp.secret)',
		'Where passwords are not taken: --oauth-token-command or --oauth-refresh.',
	].join('\n');
}

function tokenFromCommand(given: Given, context: SecretContextOfServer): Login {
	const fetch = async (): Promise<FreshToken> => {
		const token = await readSecretCommand(given, { ...context, exitCode: exitCodes.loginRefused });
		if (/^[\x21-\x7e]+$/.test(token)) return { token, keepMs: commandKeepMs };
		throw new RunError(exitCodes.loginRefused, `what ${given.origin} printed is no access token`);
	};
	return tokenLogin(fetch, { ...context, origin: given.origin });
}

async function tokenFromRefresh(given: Given, context: SecretContextOfServer): Promise<Login> {
	const file = namedFile(given);
	// What is wrong with the file is said before anything is asked or sent.
	await readCredentials(file);
	return tokenLogin(() => refreshToken(file, context), { ...context, origin: file.called });
}

function tokenLogin(
	fetch: () => Promise<FreshToken>,
	context: SecretContextOfServer & { readonly origin: string },
): Login {
	const { user, origin, clock, signal } = context;
	const fetchUnlessStopped = async (): Promise<FreshToken> => {
		try {
			return await fetch();
		} catch (error) {
			if (error instanceof RunError || !signal.aborted) throw error;
			// A stop is no bug, and it is not the server's fault either.
			throw new RunError(exitCodes.serverUnreachable, 'stopped while an access token was fetched', { cause: error });
		}
	};
	return { kind: 'xoauth2', user, origin, token: sharedToken(fetchUnlessStopped, clock) };
}

/** A flag that changes nothing is a mistake; a variable may be there for other runs. */
function refuseUnused(source: SecretSource): null {
	const ways = [source.oauthTokenCommand, source.oauthRefresh, source.passwordFile, source.passwordCommand];
	const flag = ways.find((way) => way?.origin.startsWith('--') === true);
	if (flag === undefined || flag === null) return null;
	throw new UsageError(`${flag.origin} gives a secret, and nobody signs in with it`, {
		hint: 'Name the user: --user NAME, or smtp://NAME@... in --smtp',
	});
}

function namedFile({ text, origin }: Given): NamedFile {
	return { path: text, called: typed(origin, text) };
}
