/** The chaos server as tests hold it: a real SMTP server on 127.0.0.1, in a process of its own, so that neither its CPU nor its life are those of the mailer. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../helpers/temporary-directory.ts';
import { calm, type ServerBehaviour } from './server-behaviour.ts';
import type { TruthReport } from './server-truth.ts';

export type ServerOrder =
	| { readonly type: 'begin'; readonly behaviour: ServerBehaviour; readonly path: string | null }
	| { readonly type: 'behave'; readonly behaviour: ServerBehaviour }
	| { readonly type: 'watch_dots'; readonly count: number }
	| { readonly type: 'watch_connection' }
	| { readonly type: 'watch_quit' }
	| { readonly type: 'release' }
	| { readonly type: 'report' };

export type ServerWord =
	| { readonly type: 'listening'; readonly port: number }
	| { readonly type: 'begun' }
	| { readonly type: 'connected' }
	| { readonly type: 'quit' }
	| { readonly type: 'dots'; readonly count: number }
	| { readonly type: 'report'; readonly report: TruthReport };

export interface ChaosServer {
	readonly url: string;
	readonly port: number;
	/** A new campaign: all is forgotten, all connections are cut. `path`: see ServerTruth. */
	begin(behaviour?: Partial<ServerBehaviour>, path?: string): Promise<void>;
	/** The same campaign goes on with another behaviour; what is not named is as in `calm`. */
	behave(behaviour: Partial<ServerBehaviour>): Promise<void>;
	/** Resolves when the nth dot of the campaign has come. */
	dots(count: number): Promise<void>;
	/** Resolves when there was a connection. */
	connected(): Promise<void>;
	/** Resolves when a QUIT has come, after this call. */
	quit(): Promise<void>;
	/** Ends what `held` holds. */
	release(): void;
	/** The truth, once everything that clients sent is worked off; they must be gone. */
	report(): Promise<TruthReport>;
}

/** Starts it; takes about half a second. */
export async function startChaosServer(cleanup: Cleanup): Promise<ChaosServer> {
	const program = fileURLToPath(new URL('./server-process.ts', import.meta.url));
	const child = fork(program, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
	cleanup.after(() => {
		if (child.connected) child.disconnect();
	});
	const { port } = await wordOf(child, 'listening');
	const ask = async <Type extends ServerWord['type']>(order: ServerOrder, type: Type) => {
		const word = wordOf(child, type);
		child.send(order);
		return word;
	};
	return {
		port,
		url: `smtp://127.0.0.1:${port}`,
		async begin(behaviour = {}, path) {
			await ask({ type: 'begin', behaviour: { ...calm, ...behaviour }, path: path ?? null }, 'begun');
		},
		async behave(behaviour) {
			await ask({ type: 'behave', behaviour: { ...calm, ...behaviour } }, 'begun');
		},
		async dots(count) {
			await ask({ type: 'watch_dots', count }, 'dots');
		},
		async connected() {
			await ask({ type: 'watch_connection' }, 'connected');
		},
		async quit() {
			await ask({ type: 'watch_quit' }, 'quit');
		},
		release: () => {
			child.send({ type: 'release' } satisfies ServerOrder);
		},
		report: async () => (await ask({ type: 'report' }, 'report')).report,
	};
}

type Word<Type extends ServerWord['type']> = Extract<ServerWord, { readonly type: Type }>;

function wordOf<Type extends ServerWord['type']>(child: ChildProcess, type: Type): Promise<Word<Type>> {
	return new Promise((resolve, reject) => {
		const done = () => {
			child.off('message', hear);
			child.off('exit', leave);
		};
		const hear = (word: ServerWord) => {
			if (!isWord(word, type)) return;
			done();
			resolve(word);
		};
		const leave = (code: number | null) => {
			done();
			reject(new Error(`the chaos server ended (${code}) before it said ${type}`));
		};
		child.on('message', hear);
		child.on('exit', leave);
	});
}

function isWord<Type extends ServerWord['type']>(word: ServerWord, type: Type): word is Word<Type> {
	return word.type === type;
}
