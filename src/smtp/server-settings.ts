/** Where to send and how to get in; what a server offers is learnt by dial(). */
export interface ServerSettings {
	/** Host name, IPv4 or IPv6 address (without brackets). */
	readonly host: string;
	readonly port: number;
	/** implicit: TLS from the first byte (smtps). starttls: required, never opportunistic. off: plain. */
	readonly tls: 'implicit' | 'starttls' | 'off';
	readonly auth: { readonly user: string; readonly password: string } | null;
	/** PEM of the certificate authorities to trust instead of the system's, or null. */
	readonly tlsCa: string | null;
	/** Name for EHLO; '' takes this machine's. */
	readonly clientName: string;
}

/** `smtp.acme.example:587`, `[::1]:2525`: how a server is shown to people. */
export function serverName({ host, port }: { readonly host: string; readonly port: number }): string {
	return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
