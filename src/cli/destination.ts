/** Where the messages of a run go: mail servers, or the sandbox inside mailshot. */
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import type { Clock } from '../support/clock.ts';
import { chooseServer, type ServerChoice } from './choose-server.ts';
import type { SecretContext } from './secrets/find-secret.ts';
import { noServer } from './settings/server-options.ts';

export interface Destination {
	/** In the order in which they are tried. */
	readonly servers: readonly [ServerSettings, ...ServerSettings[]];
	/** How people know it: `smtp.acme.example:587`, `smtp.acme.example:587 (then mx.acme.example:25)`, `the sandbox`. */
	readonly name: string;
	readonly isSandbox: boolean;
	close(): Promise<void>;
}

/** The secrets of all servers are found now, one after the other: nobody is asked for a password in the middle of a run. */
export async function openServers(choices: readonly ServerChoice[], context: SecretContext): Promise<Destination> {
	const servers: ServerSettings[] = [];
	for (const choice of choices) servers.push(await chooseServer(choice, context));
	const [first, ...others] = servers;
	if (first === undefined) throw noServer();
	const then = others.length === 0 ? '' : ` (then ${others.map(serverName).join(', ')})`;
	return { servers: [first, ...others], name: `${serverName(first)}${then}`, isSandbox: false, close: async () => {} };
}

const maxMessageBytes = 50 * 1024 * 1024;

/** In this process, on 127.0.0.1 and any free port. */
export async function openSandbox(clock: Clock): Promise<Destination> {
	const { startSandbox } = await import('../sandbox/start-sandbox.ts');
	const sandbox = await startSandbox({
		host: '127.0.0.1',
		port: 0,
		tls: 'none',
		auth: null,
		save: null,
		maxMessageBytes,
		clock,
		onEvent: () => {},
	});
	const { host, port } = sandbox;
	return {
		servers: [{ host, port, tls: 'off', auth: null, tlsCa: null, tlsFingerprint: '', clientName: '' }],
		name: 'the sandbox',
		isSandbox: true,
		close: () => sandbox.close(),
	};
}
