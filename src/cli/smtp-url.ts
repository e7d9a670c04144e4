/** Reads `smtp://user@host:port`: where the mail server is and who signs in. */
import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { UsageError } from '../support/errors.ts';
import { type Given, placeOf } from './settings/origin.ts';

export interface SmtpUrl {
	readonly scheme: 'smtp' | 'smtps';
	/** Lower-case name as A-label, or an address without brackets. */
	readonly host: string;
	/** Null when the URL names none. */
	readonly port: number | null;
	/** Decoded; '' when there is none. */
	readonly user: string;
	/** Decoded; null when there is none (an empty one is one). */
	readonly password: string | null;
}

// Not `new URL`: it knows nothing special about smtp:, so it keeps hosts as typed, and its errors repeat the password.
const form =
	/^(?<scheme>smtps?):\/\/(?:(?<login>[^/]*)@)?(?<host>\[[^\]/@]*\]|[^:/@[\]?#]*)(?::(?<port>[^/:?#]*))?(?<rest>\/?.*)$/i;

const example =
	'smtp://smtp.acme.example:587 (STARTTLS) or smtps://smtp.acme.example (TLS from the first byte, port 465)';

/** Throws UsageError; no message ever repeats the URL, because it may hold a password. */
export function parseSmtpUrl({ text, origin }: Given): SmtpUrl {
	const refuse = (what: string): UsageError =>
		new UsageError(`the server in ${placeOf(origin)} ${what}`, { hint: `Write it like this: ${example}` });

	if (/[\s\p{Cc}]/u.test(text)) throw refuse('holds a space or a control character');
	const parts = form.exec(text)?.groups;
	if (parts === undefined)
		throw refuse(text.includes('://') ? 'is no smtp:// or smtps:// URL' : 'has no smtp:// or smtps:// in front');
	const { scheme = '', login, host: hostText = '', port: portText, rest = '' } = parts;
	if (rest.includes('@')) throw refuse('has a "/", "?" or "#" in its login: write them as %2F, %3F and %23');
	if (rest.includes('?')) throw refuse('has a "?": there are no settings in the URL, use flags such as --tls');
	if (rest !== '' && rest !== '/') throw refuse('goes on after the port');
	const host = readHost(hostText);
	if (host === null) throw refuse(hostText === '' ? 'has no host' : 'has a host name that cannot exist');
	const port = portText === undefined ? null : readPort(portText);
	if (Number.isNaN(port)) throw refuse('has a port that is not a number from 1 to 65535');
	const { user, password } = readLogin(login ?? '', refuse);
	return { scheme: scheme.toLowerCase() === 'smtps' ? 'smtps' : 'smtp', host, port, user, password };
}

function readHost(text: string): string | null {
	if (text.startsWith('[')) {
		const address = text.slice(1, -1);
		return isIPv6(address) ? address.toLowerCase() : null;
	}
	// domainToASCII would decode %41 and cut at a backslash.
	if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(text)) return null;
	const ascii = domainToASCII(text);
	return /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?$/.test(ascii) && !ascii.includes('..') ? ascii : null;
}

function readPort(text: string): number {
	const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
	return port >= 1 && port <= 65_535 ? port : Number.NaN;
}

function readLogin(login: string, refuse: (what: string) => UsageError): Pick<SmtpUrl, 'user' | 'password'> {
	const colon = login.indexOf(':');
	const [user, password] = colon === -1 ? [login, null] : [login.slice(0, colon), login.slice(colon + 1)];
	try {
		const decoded = {
			user: decodeURIComponent(user),
			password: password === null ? null : decodeURIComponent(password),
		};
		if (/[\0\r\n]/.test(decoded.user + (decoded.password ?? ''))) throw refuse('has a line break in its login');
		if (decoded.user === '' && decoded.password !== null) throw refuse('has a password without a user');
		return decoded;
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw refuse('has a "%" that is not followed by two hexadecimal digits; write "%" itself as %25');
	}
}

/** The password inside a URL; null when it has none, or is none. */
export function passwordInUrl(text: string): string | null {
	try {
		return parseSmtpUrl({ text, origin: '' }).password;
	} catch (error) {
		// Whoever reads the URL to use it says what is wrong with it.
		if (error instanceof UsageError) return null;
		throw error;
	}
}

/** Loopback: what is said there never leaves the machine. */
export function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
