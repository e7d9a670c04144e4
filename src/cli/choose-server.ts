/** Decides for one server where it is, whether over TLS, and who signs in. */
import { providerServer } from '../delivery/providers/provider-server.ts';
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import { UsageError } from '../support/errors.ts';
import { readAuthorities } from './read-authorities.ts';
import { findSecret, type SecretContext } from './secrets/find-secret.ts';
import { noServer, type ServerOptions } from './settings/server-options.ts';
import { isLoopback } from './smtp-url.ts';

/** The part of a server's options that says where it is and how to get in. */
export type ServerChoice = Pick<
	ServerOptions,
	'url' | 'origin' | 'provider' | 'user' | 'secret' | 'tls' | 'tlsCa' | 'tlsFingerprint'
>;

const implicitTlsPort = 465;
// RFC 6409: submission, where relays take mail from programs. Also on loopback: a local server on port 25 is written out.
const submissionPort = 587;

/** Throws UsageError for contradictions and for what is missing, RunError 66, 77 or 78 for files and programs that are named. */
export async function chooseServer(choice: ServerChoice, context: SecretContext): Promise<ServerSettings> {
	const place = await choosePlace(choice);
	const tls = chooseTls(choice, place);
	const user = chooseUser(choice, place.user);
	const { host, port } = place;
	if (tls === 'off' && user !== '' && !isLoopback(host)) {
		throw new UsageError(`--tls off would send the password of "${user}" to ${serverName({ host, port })} in clear`, {
			hint: 'Leave --tls off out: STARTTLS is used, and required.',
		});
	}
	const tlsCa = choice.tlsCa === null ? null : readAuthorities(choice.tlsCa);
	const auth = await findSecret(choice.secret, { ...context, user, host, port });
	return { host, port, tls, auth, tlsCa, tlsFingerprint: choice.tlsFingerprint, clientName: '' };
}

interface Place {
	readonly host: string;
	readonly port: number;
	/** smtps://, or a provider whose port speaks TLS from the first byte. */
	readonly isImplicit: boolean;
	/** '' when the URL names none. */
	readonly user: string;
}

async function choosePlace({ url, provider, origin, tls }: ServerChoice): Promise<Place> {
	if (url === null) {
		if (provider === '') throw noServer();
		const server = await providerServer(provider, origin);
		return { host: server.host, port: server.port, isImplicit: server.tls === 'implicit', user: '' };
	}
	const isImplicit = url.scheme === 'smtps';
	const port = url.port ?? (isImplicit || tls === 'implicit' ? implicitTlsPort : submissionPort);
	return { host: url.host, port, isImplicit, user: url.user };
}

function chooseTls({ tls, tlsCa, tlsFingerprint }: ServerChoice, place: Place): ServerSettings['tls'] {
	if (place.isImplicit && (tls === 'off' || tls === 'starttls')) {
		throw new UsageError(`smtps:// and --tls ${tls} contradict each other`, {
			hint: `Write smtp:// to use --tls ${tls}, or leave --tls out.`,
		});
	}
	const leaveOneOut = { hint: 'Leave one of them out.' };
	if (tls === 'off' && tlsCa !== null)
		throw new UsageError('--tls off and --tls-ca contradict each other', leaveOneOut);
	if (tls === 'off' && tlsFingerprint !== '') {
		throw new UsageError('--tls off and --tls-fingerprint contradict each other', leaveOneOut);
	}
	if (tlsCa !== null && tlsFingerprint !== '') {
		throw new UsageError(
			'--tls-ca and --tls-fingerprint exclude each other: one names who vouches, one names the certificate',
			leaveOneOut,
		);
	}
	if (tls !== 'auto') return tls;
	if (place.isImplicit || place.port === implicitTlsPort) return 'implicit';
	// Who names an authority or a certificate wants it checked, on loopback too.
	return isLoopback(place.host) && tlsCa === null && tlsFingerprint === '' ? 'off' : 'starttls';
}

function chooseUser(choice: ServerChoice, userInUrl: string): string {
	if (choice.user !== '' && userInUrl !== '' && choice.user !== userInUrl) {
		throw new UsageError(`--user says "${choice.user}", the server URL "${userInUrl}"`, {
			hint: 'Leave one of them out.',
		});
	}
	return choice.user === '' ? userInUrl : choice.user;
}
