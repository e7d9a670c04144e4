/** Decides whether a TLS session is with the server that was meant (RFC 5280, RFC 6125), before anything is said on it. */
import type { TLSSocket } from 'node:tls';
import { cleanText } from '../support/clean-text.ts';
import { type CertificateFacts, certificateFacts, sameFingerprint } from './certificate-facts.ts';
import type { ServerSettings } from './server-settings.ts';

export interface TlsFacts {
	/** `TLSv1.3`. */
	readonly version: string;
	/** `TLS_AES_256_GCM_SHA384`. */
	readonly cipher: string;
	/** Null when the server showed none, which is never trusted. */
	readonly certificate: CertificateFacts | null;
}

export function tlsFacts(socket: TLSSocket): TlsFacts {
	const certificate = socket.getPeerX509Certificate();
	return {
		version: socket.getProtocol() ?? '',
		cipher: cleanText(socket.getCipher()?.standardName ?? socket.getCipher()?.name ?? '', 80),
		certificate: certificate === undefined ? null : certificateFacts(certificate),
	};
}

/** The code of what is wrong, OpenSSL's, Node's or FINGERPRINT_MISMATCH; '' when the certificate is trusted. */
export function distrust(
	socket: TLSSocket,
	{ certificate }: TlsFacts,
	settings: Pick<ServerSettings, 'tlsFingerprint'>,
): string {
	if (certificate === null) return 'NO_CERTIFICATE';
	// One certificate was named: then nobody else's word counts, neither its issuer's nor its dates'.
	if (settings.tlsFingerprint !== '') {
		return sameFingerprint(certificate.fingerprint, settings.tlsFingerprint) ? '' : 'FINGERPRINT_MISMATCH';
	}
	// Node has checked chain, dates and name by now. Its types say Error; it is the code, as a text.
	return socket.authorized ? '' : String(socket.authorizationError ?? 'CERT_UNTRUSTED');
}

/** One line for a trace. */
export function describeTls({ version, cipher, certificate }: TlsFacts): string {
	if (certificate === null) return `${version}, ${cipher}, no certificate`;
	const { subject, names, issuer, validFrom, validUntil, fingerprint } = certificate;
	const dates = `valid ${validFrom} to ${validUntil}`;
	return `${version}, ${cipher}, certificate of ${subject} for ${names.join(', ')}, issued by ${issuer}, ${dates}, sha256:${fingerprint}`;
}

/** Whether an error of the socket is about TLS, by OpenSSL's and Node's codes; some have none. */
export function isTlsError(code: string, message: string): boolean {
	return /^(?:ETLS|ERR_TLS_|ERR_SSL_|EPROTO$)/.test(code) || /\bTLS\b|\bSSL\b/.test(message);
}
