/** Decides where to send, whether over TLS, and who signs in. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import { exitCodes, RunError, UsageError } from '../support/errors.ts';
import { describeFileError, errorCode } from '../support/file-system.ts';
import type { SendOptions } from './send-options.ts';
import { isLoopback, type SmtpUrl } from './smtp-url.ts';

export type ServerOptions = Pick<SendOptions, 'smtp' | 'user' | 'password' | 'tls' | 'tlsCa'>;

/** Asks on the terminal; null when there is none. Called only when a password is missing. */
export type AskPassword = (question: string) => Promise<string> | null;

const implicitTlsPort = 465;
// RFC 6409: submission, where relays take mail from programs. Also on loopback: a local server on port 25 is written out.
const submissionPort = 587;

/** Throws UsageError for contradictions and for what is missing, RunError 66 or 78 for the file of --tls-ca. */
export async function chooseServer(options: ServerOptions, askPassword: AskPassword): Promise<ServerSettings> {
	if (options.smtp === null) {
		throw new UsageError('which mail server? There is no --smtp and no MAILSHOT_SMTP_URL', {
			hint: [
				'  mailshot send ... --smtp smtp://news@smtp.acme.example   your mail server',
				'  mailshot send ... --sandbox                              a rehearsal: a server inside mailshot that delivers nothing',
				'  mailshot send ... --dry-run                              render everything, send nothing',
			].join('\n'),
		});
	}
	const { url } = options.smtp;
	const port = url.port ?? (url.scheme === 'smtps' || options.tls === 'implicit' ? implicitTlsPort : submissionPort);
	const tls = chooseTls(options, { ...url, port });
	const user = chooseUser(options, url);
	if (tls === 'off' && user !== '' && !isLoopback(url.host)) {
		throw new UsageError(
			`--tls off would send the password of "${user}" to ${serverName({ host: url.host, port })} in clear`,
			{
				hint: 'Leave --tls off out: STARTTLS is used, and required.',
			},
		);
	}
	const tlsCa = options.tlsCa === null ? null : readAuthorities(options.tlsCa);
	const auth = user === '' ? null : { user, password: await findPassword(options, { url, user, port, askPassword }) };
	return { host: url.host, port, tls, auth, tlsCa, clientName: '' };
}

function chooseTls(
	options: ServerOptions,
	server: { readonly scheme: string; readonly host: string; readonly port: number },
) {
	const { tls } = options;
	if (server.scheme === 'smtps' && (tls === 'off' || tls === 'starttls')) {
		throw new UsageError(`smtps:// and --tls ${tls} contradict each other`, {
			hint: `Write smtp:// to use --tls ${tls}, or leave --tls out.`,
		});
	}
	if (tls === 'off' && options.tlsCa !== null) {
		throw new UsageError('--tls off and --tls-ca contradict each other', { hint: 'Leave one of them out.' });
	}
	if (tls !== 'auto') return tls;
	if (server.scheme === 'smtps' || server.port === implicitTlsPort) return 'implicit';
	// Who names an authority wants its certificates checked, on loopback too.
	return isLoopback(server.host) && options.tlsCa === null ? 'off' : 'starttls';
}

function chooseUser(options: ServerOptions, url: SmtpUrl): string {
	if (options.user !== '' && url.user !== '' && options.user !== url.user) {
		throw new UsageError(`--user says "${options.user}", the server URL "${url.user}"`, {
			hint: 'Leave one of them out.',
		});
	}
	return options.user === '' ? url.user : options.user;
}

async function findPassword(
	options: ServerOptions,
	login: { readonly url: SmtpUrl; readonly user: string; readonly port: number; readonly askPassword: AskPassword },
): Promise<string> {
	const { url, user, port, askPassword } = login;
	const known = options.password ?? url.password;
	if (known !== null) return known;
	const asked = askPassword(`Password of ${user} at ${serverName({ host: url.host, port })}: `);
	if (asked === null) {
		throw new UsageError(`the password of "${user}" is missing, and nobody is here to ask`, {
			hint: 'Put it into the environment: MAILSHOT_SMTP_PASSWORD=... mailshot send ...',
		});
	}
	const password = await asked;
	if (password === '') throw new UsageError('no password was typed, nothing was sent');
	return password;
}

function readAuthorities(path: string): string {
	const pem = readPem(path);
	const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
	try {
		for (const certificate of certificates) new X509Certificate(certificate);
		if (certificates.length > 0) return pem;
	} catch (cause) {
		throw notPem(path, cause);
	}
	throw notPem(path, undefined);
}

function readPem(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (cause) {
		const { isMissing, problem } = describeReadError(cause);
		throw new RunError(exitCodes.missingInput, `--tls-ca ${path}: ${problem}`, {
			hint: isMissing ? 'Check the name; it is taken from the folder that you are in.' : '',
			cause,
		});
	}
}

function describeReadError(error: unknown): { readonly isMissing: boolean; readonly problem: string } {
	const isMissing = errorCode(error) === 'ENOENT';
	if (isMissing) return { isMissing, problem: 'there is no such file' };
	if (errorCode(error) === 'EISDIR') return { isMissing, problem: 'that is a directory' };
	return { isMissing, problem: `it cannot be read: ${describeFileError(error)}` };
}

function notPem(path: string, cause: unknown): RunError {
	return new RunError(exitCodes.badConfiguration, `--tls-ca ${path}: it holds no certificate in PEM form`, {
		hint: 'A file for --tls-ca has the lines -----BEGIN CERTIFICATE----- ... -----END CERTIFICATE-----.',
		cause,
	});
}
