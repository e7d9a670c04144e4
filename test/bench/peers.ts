/** The others: what people use today, each as a script in peers/ or as the program that Debian ships. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Arena, checkLog, inFreshDirectory, root } from './arena.ts';
import { measure } from './measure.ts';
import type { Contender } from './race.ts';

/** Debian's own, whatever else is called python3 here: the modules are installed for these. With -B: no __pycache__ in the tree. */
const python = '/usr/bin/python3';
const php = '/usr/bin/php';

export const peerFiles = {
	smtplib: { path: python, package: 'python3' },
	aiosmtplib: { path: '/usr/lib/python3/dist-packages/aiosmtplib', package: 'python3-aiosmtplib' },
	php: { path: php, package: 'php-cli' },
	phpMailer: { path: '/usr/share/php/libphp-phpmailer/autoload.php', package: 'libphp-phpmailer' },
	smtpSource: { path: '/usr/sbin/smtp-source', package: 'postfix' },
} as const;

/** Throws with the Debian packages that bring what is missing. */
export function requirePeers(...names: readonly (keyof typeof peerFiles)[]): void {
	const missing = names.map((name) => peerFiles[name]).filter(({ path }) => !existsSync(path));
	if (missing.length === 0) return;
	const packages = missing.map((peer) => peer.package).join(' ');
	throw new Error(`${missing.map(({ path }) => path).join(', ')} not here: apt-get install ${packages}`);
}

/** csv-parse, Handlebars, nodemailer's pool, the columns of mailshot's log: one pass over the list, no checks, no fsync. */
export function nodemailerPool(arena: Arena, messages: number): Contender {
	const tls = arena.caFile === undefined ? [] : ['--tls-ca', arena.caFile];
	return scriptPeer(arena, messages, {
		name: 'nodemailer pool script',
		command: [process.execPath, join(root, 'test/bench/peers/nodemailer-pool.mjs')],
		flags: ['--connections', `${arena.connections}`, ...tls],
	});
}

/** One connection, one message after the other; `prebuilt`: the same bytes to everybody. */
export function smtplib(arena: Arena, messages: number, { prebuilt = false } = {}): Contender {
	return scriptPeer(arena, messages, {
		name: prebuilt ? 'smtplib, prebuilt' : 'smtplib',
		command: [python, '-B', join(root, 'test/bench/peers/smtplib-loop.py')],
		flags: prebuilt ? ['--prebuilt'] : [],
	});
}

/** A task for each connection; `prebuilt`: the same bytes to everybody. */
export function aiosmtplib(arena: Arena, messages: number, { prebuilt = false } = {}): Contender {
	return scriptPeer(arena, messages, {
		name: prebuilt ? 'aiosmtplib, prebuilt' : 'aiosmtplib',
		command: [python, '-B', join(root, 'test/bench/peers/aiosmtplib-loop.py')],
		flags: ['--connections', `${arena.connections}`, ...(prebuilt ? ['--prebuilt'] : [])],
	});
}

/** One connection (SMTPKeepAlive), one message after the other. */
export function phpMailer(arena: Arena, messages: number): Contender {
	return scriptPeer(arena, messages, {
		name: 'PHPMailer keep-alive',
		command: [php, join(root, 'test/bench/peers/phpmailer-loop.php')],
		flags: [],
	});
}

/** Constant bytes of the same size, keep-alive (-d), no log at all. */
export function smtpSource(arena: Arena, messages: number, options: { readonly payloadBytes: number }): Contender {
	const { server, connections, directory } = arena;
	return {
		name: `smtp-source -d -s ${connections}`,
		messages,
		server,
		run: () => {
			const size = ['-l', `${options.payloadBytes}`];
			const args = ['-d', '-s', `${connections}`, '-m', `${messages}`, ...size, `127.0.0.1:${server.port}`];
			return measure(peerFiles.smtpSource.path, args, { cwd: directory });
		},
	};
}

export interface ScriptPeer {
	readonly name: string;
	readonly command: readonly [program: string, ...args: string[]];
	readonly flags: readonly string[];
}

/** Any program that takes LIST TEMPLATE_HTML TEMPLATE_TEXT PORT LOG and then flags, and writes a line with `"status":"accepted"` for each message that was. */
export function scriptPeer(arena: Arena, messages: number, { name, command, flags }: ScriptPeer): Contender {
	const { workload, server } = arena;
	return {
		name,
		messages,
		server,
		run: () =>
			inFreshDirectory(arena, async (cwd) => {
				const [program, ...script] = command;
				const files = [workload.list(messages), workload.htmlTemplate, workload.textTemplate];
				const cost = await measure(program, [...script, ...files, `${server.port}`, 'log.jsonl', ...flags], { cwd });
				checkLog(join(cwd, 'log.jsonl'), messages);
				return cost;
			}),
	};
}
