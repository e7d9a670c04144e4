/** What a person needs to know of a server's certificate to decide whom to believe (RFC 5280). */
import { timingSafeEqual, type X509Certificate } from 'node:crypto';
import { cleanText } from '../support/clean-text.ts';

/** Texts are cleaned: whoever made the certificate wrote them. */
export interface CertificateFacts {
	/** `mx.acme.example`, or the whole name when it has no common name; '' when it is empty. */
	readonly subject: string;
	/** DNS names and addresses that it is for: `mx.acme.example`, `*.acme.example`, `127.0.0.1`. */
	readonly names: readonly string[];
	readonly issuer: string;
	/** ISO 8601, UTC. */
	readonly validFrom: string;
	readonly validUntil: string;
	/** SHA-256 of the certificate: 64 hex digits, lower case. */
	readonly fingerprint: string;
}

const maxNames = 8;

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
	const { subject, issuer, subjectAltName = '', validFrom, validTo, fingerprint256 } = certificate;
	const names = subjectAltName.split(', ').flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []);
	return {
		subject: distinguishedName(subject),
		names: names.slice(0, maxNames).map((name) => cleanText(name, 100)),
		issuer: distinguishedName(issuer),
		validFrom: isoDate(validFrom),
		validUntil: isoDate(validTo),
		fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
	};
}

/** Takes as long for one wrong digit as for all of them. Both 64 hex digits. */
export function sameFingerprint(one: string, other: string): boolean {
	const [left, right] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
	return left.length === 32 && right.length === 32 && timingSafeEqual(left, right);
}

/** Node gives `C=DE\nO=Acme\nCN=mx.acme.example`; undefined for a name without parts, whatever its types say. */
function distinguishedName(text: string | undefined): string {
	const parts = (text ?? '').split('\n');
	const commonName = parts.findLast((part) => part.startsWith('CN='))?.slice(3);
	return cleanText(commonName ?? parts.join(', '), 120);
}

/** OpenSSL gives `Feb  1 00:00:00 2020 GMT`. */
function isoDate(text: string): string {
	const time = Date.parse(text);
	return Number.isNaN(time) ? cleanText(text, 40) : new Date(time).toISOString();
}
