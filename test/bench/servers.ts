/** What the contenders send to: each server in a process of its own on 127.0.0.1, ended with the benchmark. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startSmtpSink } from '../helpers/smtp-sink.ts';

/** What chunking-sink.mjs says when it is asked; all since it was asked last. */
export interface ServerCounts {
	readonly accepted: number;
	/** Of the content of accepted messages, without dots that were stuffed. */
	readonly octets: number;
	/** Messages that came by BDAT. */
	readonly chunked: number;
	/** From the first MAIL to the last verdict, by the server's clock. */
	readonly spanMs: number;
	/** Commands out of order or where they may not be. */
	readonly faults: number;
	readonly lastFault: string;
}

export interface Server {
	readonly port: number;
	readonly pid: number;
	/** Null from a server that does not count. */
	takeCounts(): Promise<ServerCounts | null>;
	stop(): Promise<void>;
}

/** Postfix's sink in C. It could count, at a write per message: the log of each contender says instead what became of its messages. */
export async function startQuickSink(flags: readonly string[] = []): Promise<Server> {
	const sink = await startSmtpSink({ flags });
	return {
		port: sink.port,
		pid: sink.pid,
		takeCounts: async () => null,
		stop: async () => {
			await sink.stop();
		},
	};
}

/** Flags: see chunking-sink.mjs. */
export function startCountingSink(...flags: readonly string[]): Promise<Server> {
	return startScript('chunking-sink.mjs', flags);
}

/** A line that takes `delayMs` each way in front of `server`; asked for counts it asks that one. */
export async function startLongLine(server: Server, delayMs: number): Promise<Server> {
	const line = await startScript('delay-proxy.mjs', [`${server.port}`, `${delayMs}`]);
	return { ...line, pid: server.pid, takeCounts: () => server.takeCounts() };
}

async function startScript(name: string, flags: readonly string[]): Promise<Server> {
	const path = fileURLToPath(new URL(name, import.meta.url));
	// It ends with its standard input, so also when this process is killed.
	const child = spawn(process.execPath, [path, ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
	const closed = once(child, 'close');
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const nextLine = async () => {
		const { value, done } = await lines.next();
		if (done === true) throw new Error(`${name} has ended`);
		return value;
	};
	const port = Number(await nextLine());
	return {
		port,
		pid: child.pid ?? 0,
		async takeCounts() {
			child.stdin.write('counts\n');
			return JSON.parse(await nextLine());
		},
		async stop() {
			child.stdin.end();
			await closed;
		},
	};
}
