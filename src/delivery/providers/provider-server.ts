/** `--provider ses:eu-west-1`: from the name of a provider to its server. */
import { type WellKnownServer, wellKnownServer } from '../../smtp/well-known-server.ts';
import { UsageError } from '../../support/errors.ts';
import { nearest } from '../../support/nearest.ts';
import type { Provider } from './provider.ts';
import { providerById, providers } from './providers.ts';

export interface ProviderServer extends WellKnownServer {
	readonly provider: Provider;
}

/** Throws UsageError when there is no such provider, or none with such a server. `origin` is where the name stood: `--provider`. */
export async function providerServer(text: string, origin: string): Promise<ProviderServer> {
	const provider = providerById(text);
	if (provider === null) throw unknownProvider(text, origin);
	const server = await serverOf(provider, text);
	if (server === null) {
		const { id, name, server: address } = provider;
		const hint =
			address.variants === '' ? `Write ${id}, and nothing behind it.` : `Behind ${id}: stands ${address.variants}.`;
		throw new UsageError(`${origin} ${JSON.stringify(text)}: ${name} has no such server`, { hint });
	}
	return { ...server, provider };
}

async function serverOf({ server }: Provider, text: string): Promise<WellKnownServer | null> {
	const usual: WellKnownServer | null =
		server.own === null ? await wellKnownServer(server.service) : { ...server.own, tls: 'starttls' };
	const colon = text.indexOf(':');
	if (colon === -1) return usual;
	const variant = server.variant(text.slice(colon + 1).toLowerCase());
	if (variant === null || usual === null) return null;
	return (await wellKnownServer(variant.service)) ?? { ...usual, host: variant.host };
}

function unknownProvider(text: string, origin: string): UsageError {
	const ids = providers.map(({ id }) => id);
	const meant = nearest(text.split(':', 1)[0] ?? '', ids);
	const known = `Known are ${ids.join(', ')}; any other server: --smtp smtp://user@host`;
	return new UsageError(`${origin}: there is no provider ${JSON.stringify(text)}`, {
		hint: meant === null ? known : `Did you mean ${meant}?\n${known}`,
	});
}
