/** Reads the file of --tls-ca: certificates of those who may vouch for the mail server, in PEM form. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, errorCode } from '../support/file-system.ts';

/** Its text. Throws RunError 66 when it cannot be read, 78 when it holds no certificate. */
export function readAuthorities(path: string): string {
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
