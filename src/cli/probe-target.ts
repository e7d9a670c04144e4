/** What somebody may name to be probed: a URL, a host with or without a port, or a provider. */
import { isIPv6 } from 'node:net';
import { providerServer } from '../delivery/providers/provider-server.ts';
import { providerById, providers } from '../delivery/providers/providers.ts';
import { serverName } from '../smtp/server-settings.ts';
import { UsageError } from '../support/errors.ts';
import { nearest } from '../support/nearest.ts';
import { parseSmtpUrl } from './smtp-url.ts';

export interface ProbeTarget {
	/** `smtp://host:port`, for the reader of URLs. */
	readonly url: string;
	/** As in --provider; '' when the name of the host is to tell. */
	readonly provider: string;
}

// What a message about the URL calls the place where it stood.
const origin = 'the command';

/** Throws UsageError for what is no server, for a password in the URL, and for a word that is most likely a provider with a slip in it. */
export async function probeTarget(text: string): Promise<ProbeTarget> {
	if (providerById(text) !== null) {
		const { host, port, tls } = await providerServer(text, 'the provider');
		return { url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://${serverName({ host, port })}`, provider: text };
	}
	if (!text.includes('://')) refuseMistyped(text);
	const url = text.includes('://') ? text : `smtp://${isIPv6(text) ? `[${text}]` : text}`;
	if (parseSmtpUrl({ text: url, origin }).password !== null) {
		throw new UsageError('a password in a command can be read by everybody on this machine', {
			hint: 'Leave it out: it is taken from --password-file or MAILSHOT_SMTP_PASSWORD, or asked for.',
		});
	}
	return { url, provider: '' };
}

/** A word without a dot may be a host of this network, unless it looks like a provider. */
function refuseMistyped(text: string): void {
	const word = text.split(':', 1)[0] ?? '';
	const ids = providers.map(({ id }) => id);
	const meant = /[.@[]/.test(text) || isIPv6(text) ? null : nearest(word, ids);
	if (meant === null) return;
	throw new UsageError(`there is no provider ${JSON.stringify(text)}`, {
		hint: [
			`mailshot probe ${meant.padEnd(14)} if this is what you mean`,
			`mailshot probe smtp://${word.padEnd(7)} if it is the name of a host`,
		].join('\n'),
	});
}
