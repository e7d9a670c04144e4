/** Where to send and how to get in; what a server offers is learnt by dial(). */
export interface ServerSettings {
	/** Host name, IPv4 or IPv6 address (without brackets). */
	readonly host: string;
	readonly port: number;
	/** implicit: TLS from the first byte (smtps). starttls: required, never opportunistic. off: plain. */
	readonly tls: 'implicit' | 'starttls' | 'off';
	readonly auth: Login | null;
	/** PEM of the certificate authorities to trust instead of the system's, or null. */
	readonly tlsCa: string | null;
	/** SHA-256 of the one certificate that is trusted, whoever signed it: 64 hex digits, lower case; '' for none. */
	readonly tlsFingerprint: string;
	/** Name for EHLO; '' takes this machine's. */
	readonly clientName: string;
}

/** Who signs in, and with what. */
export type Login =
	| {
			readonly kind: 'password';
			readonly user: string;
			readonly password: string;
			/** Where the password came from, for people: `MAILSHOT_SMTP_PASSWORD`, `--password-file news.secret`. */
			readonly origin: string;
	  }
	| {
			/** OAuth 2 (SASL XOAUTH2). */
			readonly kind: 'xoauth2';
			readonly user: string;
			/** Where its tokens come from, for people: `--oauth-refresh news.json`. */
			readonly origin: string;
			/** Gives an access token that should be good now; `refused`: the server did not take the last one given. Rejects with RunError 77, or 69 when it may be had later. */
			readonly token: (refused: boolean) => Promise<string>;
	  };

/** `smtp.acme.example:587`, `[::1]:2525`: how a server is shown to people. */
export function serverName({ host, port }: { readonly host: string; readonly port: number }): string {
	return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The same server, but each access token is told to `onToken` before it is used: tokens are made while the run goes on, and have to be kept out of what is written down. */
export function withTokensHeard(
	settings: ServerSettings,
	onToken: (token: string, user: string) => void,
): ServerSettings {
	const { auth } = settings;
	if (auth?.kind !== 'xoauth2') return settings;
	const token = async (refused: boolean) => {
		const given = await auth.token(refused);
		onToken(given, auth.user);
		return given;
	};
	return { ...settings, auth: { ...auth, token } };
}
