/** Who runs against whom: mailshot itself, a script around nodemailer's pool, and Postfix's load generator in C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startScriptedServer } from '../helpers/scripted-server.ts';
import { type AcceptedMail, smtpDialogue } from '../helpers/smtp-dialogue.ts';
import { type Cost, measure } from './measure.ts';
import type { Workload } from './workload.ts';

export interface Arena {
	readonly directory: string;
	readonly workload: Workload;
	/** Of the sink. */
	readonly port: number;
	readonly connections: number;
}

export interface Contender {
	readonly name: string;
	readonly messages: number;
	run(): Promise<Cost>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `mailshot send` as a user types it: plan, both passes over the list, full log rows. */
export function mailshot(
	arena: Arena,
	messages: number,
	options: { readonly flags?: readonly string[]; readonly withoutJournal?: boolean; readonly name?: string } = {},
): Contender {
	const { workload, port, connections } = arena;
	const hook = join(root, 'test/bench/without-journal/hook.mjs');
	const node = options.withoutJournal === true ? ['--import', hook] : [];
	return {
		name: options.name ?? ['mailshot send', ...(options.flags ?? [])].join(' '),
		messages,
		run: () =>
			inFreshDirectory(arena, async (cwd) => {
				const files = [workload.list(messages), '--template', workload.htmlTemplate, '--log', 'results.jsonl'];
				const server = ['--smtp', `smtp://127.0.0.1:${port}`, '--concurrency', `${connections}`];
				const args = ['send', ...files, ...server, '--yes', '--quiet', ...(options.flags ?? [])];
				const cost = await measure(process.execPath, [...node, join(root, 'bin/mailshot.js'), ...args], { cwd });
				checkLog(join(cwd, 'results.jsonl'), messages);
				return cost;
			}),
	};
}

/** A server in a process of its own that takes `delayMs` for each verdict. */
export async function startSlowServer(
	delayMs: number,
): Promise<{ readonly port: number; readonly pid: number; stop(): void }> {
	const child = spawn(process.execPath, [join(root, 'test/bench/slow-server.mjs'), `${delayMs}`], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const [line] = await once(child.stdout, 'data');
	if (child.pid === undefined) throw new Error('the slow server did not start');
	return { port: Number(String(line)), pid: child.pid, stop: () => child.kill() };
}

/** The pool script: lighter log row, one pass over the list, no checks. */
export function nodemailerPool(arena: Arena, messages: number): Contender {
	const { workload, port, connections } = arena;
	return {
		name: 'nodemailer pool script',
		messages,
		run: () =>
			inFreshDirectory(arena, async (cwd) => {
				const script = join(root, 'test/bench/peers/nodemailer-pool.mjs');
				const files = [workload.list(messages), workload.htmlTemplate, workload.textTemplate];
				const cost = await measure(process.execPath, [script, ...files, `${port}`, `${connections}`, 'log.jsonl'], {
					cwd,
				});
				checkLog(join(cwd, 'log.jsonl'), messages);
				return cost;
			}),
	};
}

/** Constant bytes of the same size, keep-alive (-d), no log at all. */
export function smtpSource(arena: Arena, messages: number, options: { readonly payloadBytes: number }): Contender {
	const { port, connections } = arena;
	return {
		name: `smtp-source -d -s ${connections}`,
		messages,
		run: () => {
			const size = ['-l', `${options.payloadBytes}`];
			const args = ['-d', '-s', `${connections}`, '-m', `${messages}`, ...size, `127.0.0.1:${port}`];
			return measure('/usr/sbin/smtp-source', args, { cwd: arena.directory });
		},
	};
}

/** Octets of a mailshot message of this workload on the wire (mean), and the payload that makes smtp-source send as many. */
export async function measureSizes(
	arena: Arena,
): Promise<{ readonly wireBytes: number; readonly payloadBytes: number }> {
	const accepted: AcceptedMail[] = [];
	const server = await startScriptedServer(smtpDialogue({ accepted }));
	const here = { ...arena, port: server.port, connections: 1 };
	await mailshot(here, 100).run();
	const wireBytes = Math.round(accepted.reduce((sum, mail) => sum + octets(mail), 0) / accepted.length);
	const trial = 1000;
	accepted.length = 0;
	await smtpSource(here, 1, { payloadBytes: trial }).run();
	const [sample] = accepted;
	await server.stop();
	if (sample === undefined) throw new Error('smtp-source sent nothing');
	return { wireBytes, payloadBytes: wireBytes - (octets(sample) - trial) };
}

function octets(mail: AcceptedMail): number {
	return mail.lines.reduce((sum, line) => sum + line.length + 2, 0);
}

async function inFreshDirectory(arena: Arena, run: (cwd: string) => Promise<Cost>): Promise<Cost> {
	const cwd = mkdtempSync(join(arena.directory, 'run-'));
	try {
		return await run(cwd);
	} finally {
		rmSync(cwd, { recursive: true });
	}
}

/** A contender that did not do its work must not win: as many accepted lines as messages. */
function checkLog(path: string, messages: number): void {
	const log = readFileSync(path);
	const accepted = Buffer.from('"status":"accepted"');
	let count = 0;
	for (let at = log.indexOf(accepted); at !== -1; at = log.indexOf(accepted, at + 1)) count++;
	if (count !== messages) throw new Error(`${path}: ${count} of ${messages} messages accepted`);
}
