/** What DNS says about the host of a mail server: its addresses, and the names that these point back to. */
import { lookup, reverse } from 'node:dns/promises';
import { isIP } from 'node:net';
import { cleanText } from '../support/clean-text.ts';
import type { Clock } from '../support/clock.ts';

/** As node:dns has them: the ways of the system, so that /etc/hosts counts. */
export interface NameService {
	addresses(host: string): Promise<readonly string[]>;
	/** PTR. */
	names(address: string): Promise<readonly string[]>;
}

export const systemNames: NameService = {
	addresses: async (host) => (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address),
	names: (address) => reverse(address),
};

export interface HostAddress {
	readonly address: string;
	/** Cleaned; empty when it points to nothing, or when nobody answers in time. */
	readonly names: readonly string[];
}

const mostAddresses = 8;
const mostNames = 3;
const deadlineMs = 5_000;

/** Never fails: a host that cannot be found has no addresses, and dialling says why. */
export async function hostAddresses(
	host: string,
	context: { readonly names: NameService; readonly clock: Clock },
): Promise<readonly HostAddress[]> {
	const { names, clock } = context;
	const found = isIP(host) === 0 ? await inTime(names.addresses(host), clock) : [host];
	return Promise.all(
		[...new Set(found)].slice(0, mostAddresses).map(async (address) => {
			const pointsTo = isThisMachine(address) ? [] : await inTime(names.names(address), clock);
			return { address, names: pointsTo.slice(0, mostNames).map((name) => cleanText(name, 100)) };
		}),
	);
}

function isThisMachine(address: string): boolean {
	return address === '::1' || /^127\./.test(address);
}

/** Nothing for an error or for silence: resolvers retry for longer than a person waits. */
function inTime(answer: Promise<readonly string[]>, clock: Clock): Promise<readonly string[]> {
	return new Promise((resolve) => {
		const deadline = clock.after(deadlineMs, () => resolve([]));
		const settle = (found: readonly string[]) => {
			deadline.cancel();
			resolve(found);
		};
		answer.then(settle, () => settle([]));
	});
}
