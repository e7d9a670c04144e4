/** Host and port of well-known mail services, from the table that nodemailer keeps. */

export interface WellKnownServer {
	readonly host: string;
	readonly port: number;
	/** Never plain: what is not TLS from the first byte is STARTTLS, and required. */
	readonly tls: 'implicit' | 'starttls';
}

/** Null when the table has no such service. */
export async function wellKnownServer(service: string): Promise<WellKnownServer | null> {
	const { default: wellKnown } = await import('nodemailer/lib/well-known');
	// The table is looked up like an e-mail address, and '' would be a key like any other.
	const found = service === '' ? false : wellKnown(service);
	if (found === false || found.host === undefined) return null;
	const isSecure = found.secure === true;
	return {
		host: found.host,
		port: Number(found.port ?? (isSecure ? 465 : 587)),
		tls: isSecure ? 'implicit' : 'starttls',
	};
}
