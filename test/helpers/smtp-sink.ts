/** Debian's smtp-sink on 127.0.0.1: takes mail and throws it away, faster than anything else. */
import { spawn } from 'node:child_process';
import { freePort, portAnswers } from './loopback-port.ts';

export interface SmtpSinkOptions {
	/** More flags of smtp-sink(1), for example `['-p']` for a server without PIPELINING. */
	readonly flags?: readonly string[];
	/** Count sessions and messages. It costs the sink a write per message: off in benchmarks. */
	readonly counting?: boolean;
}

export interface SinkCounts {
	/** Connections, also the one that saw it was up. */
	readonly sessions: number;
	readonly messages: number;
}

export interface SmtpSink {
	readonly port: number;
	readonly url: string;
	readonly pid: number;
	/** Ends it. The counts are 0 unless it was started with `counting`. */
	stop(): Promise<SinkCounts>;
}

/** Starts smtp-sink on a free port. -m stands above any number of connections a test opens. */
export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
	const port = await freePort();
	const asRoot = process.getuid?.() === 0 ? ['-u', 'postfix'] : [];
	const counting = options.counting === true ? ['-c'] : [];
	const flags = [...asRoot, ...counting, '-m', '1000', ...(options.flags ?? []), `127.0.0.1:${port}`, '1000'];
	const child = spawn('/usr/sbin/smtp-sink', flags, { stdio: ['ignore', 'pipe', 'inherit'] });
	let lastCounters = '';
	child.stdout.on('data', (chunk: Buffer) => {
		lastCounters = (lastCounters + chunk.toString('latin1')).slice(-400);
	});
	const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
	await portAnswers(port, () => child.exitCode !== null);
	return {
		port,
		url: `smtp://127.0.0.1:${port}`,
		pid: child.pid ?? 0,
		async stop() {
			child.kill();
			await closed;
			return parseCounters(lastCounters);
		},
	};
}

/** The last whole `sess=5 quit=5 mesg=100` of a line that the sink overwrites again and again. */
function parseCounters(text: string): SinkCounts {
	const last = [...text.matchAll(/sess=(\d+)\s+quit=\d+\s+mesg=(\d+)\s*\r/g)].at(-1);
	return { sessions: Number(last?.[1] ?? 0), messages: Number(last?.[2] ?? 0) };
}
