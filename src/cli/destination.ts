/** Where the messages of a run go: a mail server, or the sandbox inside mailshot. */
import { type ServerSettings, serverName } from '../smtp/server-settings.ts';
import type { Clock } from '../support/clock.ts';
import { type AskPassword, chooseServer, type ServerOptions } from './choose-server.ts';

export interface Destination {
	readonly settings: ServerSettings;
	/** How people know it: `smtp.acme.example:587`, `the sandbox`. */
	readonly name: string;
	readonly isSandbox: boolean;
	close(): Promise<void>;
}

export async function openServer(options: ServerOptions, askPassword: AskPassword): Promise<Destination> {
	const settings = await chooseServer(options, askPassword);
	return { settings, name: serverName(settings), isSandbox: false, close: async () => {} };
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
		settings: { host, port, tls: 'off', auth: null, tlsCa: null, clientName: '' },
		name: 'the sandbox',
		isSandbox: true,
		close: () => sandbox.close(),
	};
}
