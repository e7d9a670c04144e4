/** Why there is no TLS session with a server, with the facts of its certificate, and the command that helps when one does. */
import type { CertificateFacts } from '../smtp/certificate-facts.ts';
import type { DialFailure } from '../smtp/dial.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';
import { exitCodes } from '../support/errors.ts';
import type { Explanation } from './explanation.ts';

const exitCode = exitCodes.serverUnreachable;

export function explainTls(settings: ServerSettings, failure: DialFailure): Explanation {
	const { cause, code, message, tls } = failure;
	if (cause === 'no_starttls') {
		return {
			exitCode,
			message: ` does not offer STARTTLS, and nothing is sent in clear (${message})`,
			hint: 'If the server wants TLS from the first byte, use smtps://; on a trusted line without TLS, add --tls off.',
		};
	}
	if (cause === 'rejected' || cause === 'service_closing') {
		const hint = failure.isTemporary ? 'Nothing was sent; the same command tries again.' : '';
		return {
			exitCode,
			message: ` offers STARTTLS and then refuses it, and nothing is sent in clear: ${message}`,
			hint,
		};
	}
	if (code === 'STARTTLS_INJECTION') {
		return {
			exitCode,
			message: `: ${message}`,
			hint: 'Nothing was sent. If the server has a port with TLS from the first byte (465), use smtps://.',
		};
	}
	if (cause === 'tls' && tls !== null) return explainCertificate(settings, code, tls.certificate);
	if (tooOld.test(code)) {
		return {
			exitCode,
			message: ` speaks no TLS of version 1.2 or newer (${message})`,
			hint: 'Older versions are broken and not used: the server must be updated.',
		};
	}
	if (cause !== 'tls') {
		return {
			exitCode,
			message: `: no TLS session: ${message}`,
			hint: 'Nothing was sent; the same command tries again.',
		};
	}
	const hint =
		settings.tls === 'implicit'
			? 'If the port speaks plain SMTP first (25, 587), use smtp:// in place of smtps://.'
			: 'If the port speaks TLS from the first byte (465), use smtps:// in place of smtp://.';
	return { exitCode, message: `: ${message}`, hint };
}

// Its alert, and what OpenSSL says of an old ServerHello.
const tooOld = /^ERR_SSL_(?:TLSV1_ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW)$/;

function explainCertificate(
	{ host, tlsFingerprint }: ServerSettings,
	code: string,
	certificate: CertificateFacts | null,
): Explanation {
	if (certificate === null)
		return { exitCode, message: ' shows no certificate, so it was not trusted with anything', hint: '' };
	const facts = describe(certificate);
	const pin = `--tls-fingerprint sha256:${certificate.fingerprint}`;
	const told = (message: string, fix: string): Explanation => ({ exitCode, message, hint: `${facts}\n${fix}` });
	switch (code) {
		case 'FINGERPRINT_MISMATCH':
			return told(
				' shows another certificate than --tls-fingerprint names, so it was not trusted with anything',
				`Expected was sha256:${tlsFingerprint}\nIf the server has a new certificate, and this is it: ${pin}`,
			);
		case 'CERT_HAS_EXPIRED':
			return told(
				`'s certificate has expired on ${day(certificate.validUntil)}, so it was not trusted with anything`,
				'It must be renewed on the server. (Is the date of this machine right?)',
			);
		case 'CERT_NOT_YET_VALID':
			return told(
				`'s certificate is not valid before ${day(certificate.validFrom)}, so it was not trusted with anything`,
				'Is the date of this machine right? Otherwise the certificate must be replaced on the server.',
			);
		case 'ERR_TLS_CERT_ALTNAME_INVALID':
			return told(
				`'s certificate is for another name: ${namesOf(certificate)}, not ${host}`,
				'Use a name in the certificate as the host of --smtp.',
			);
	}
	const isOwn = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/.test(code);
	if (!isOwn && !/^UNABLE_TO_(?:GET|VERIFY)/.test(code)) {
		return told(`'s certificate is not trusted (${code})`, 'It must be replaced on the server.');
	}
	return told(
		` shows a ${isOwn ? 'self-signed ' : ''}certificate that no trusted authority signed (${code}), so it was not trusted with anything`,
		[
			'If it is your own, name its authority, or the certificate itself:',
			'  --tls-ca ca.pem',
			'or trust exactly this one, once somebody has compared its fingerprint on the server:',
			`  ${pin}`,
		].join('\n'),
	);
}

function describe(certificate: CertificateFacts): string {
	const { subject, issuer, validFrom, validUntil, fingerprint } = certificate;
	return [
		`certificate of  ${subject}`,
		`for             ${namesOf(certificate)}`,
		`issued by       ${issuer}`,
		`valid           ${day(validFrom)} to ${day(validUntil)}`,
		`fingerprint     sha256:${fingerprint}`,
	].join('\n');
}

function namesOf({ names }: CertificateFacts): string {
	return names.length === 0 ? 'no name' : names.join(', ');
}

function day(isoTime: string): string {
	return isoTime.slice(0, 10);
}
