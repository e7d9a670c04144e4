/** A real postgrey of our own for a private Postfix: greylisting as many servers have it (reference/reliability.md §3, fault 19). */
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, portAnswers } from '../helpers/loopback-port.ts';
import { unpackedMtas } from '../helpers/needs.ts';

export interface Postgrey {
	/** For smtpd_recipient_restrictions. */
	readonly policyService: string;
	stop(): Promise<void>;
}

/** Starts it: who is new waits `delaySeconds`. `text` is what it says, `%s` is the seconds that are left. Needs root. */
export async function startPostgrey(delaySeconds: number, text: string): Promise<Postgrey> {
	const directory = mkdtempSync(join(tmpdir(), 'mailshot-postgrey-'));
	const database = join(directory, 'db');
	mkdirSync(database);
	const nobody = 65_534;
	for (const path of [directory, database]) chownSync(path, nobody, nobody);
	// Nobody is known beforehand.
	const empty = join(directory, 'empty');
	writeFileSync(empty, '');
	const port = await freePort();
	const library = perlFolders().map((path) => `-I${path}`);
	const options = [
		`--inet=127.0.0.1:${port}`,
		`--dbdir=${database}`,
		`--delay=${delaySeconds}`,
		`--greylist-text=${text}`,
		`--whitelist-clients=${empty}`,
		`--whitelist-recipients=${empty}`,
		'--auto-whitelist-clients=0',
		'--user=nobody',
		'--group=nogroup',
		'--syslog-facility=local7',
	];
	const child = spawn('/usr/bin/perl', ['-T', ...library, `${unpackedMtas}/usr/sbin/postgrey`, ...options], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let said = '';
	child.stderr.on('data', (chunk: Buffer) => {
		said += chunk.toString('utf8');
	});
	const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
	try {
		await portAnswers(port, () => child.exitCode !== null);
	} catch (cause) {
		throw new Error(`postgrey did not start:\n${said}`, { cause });
	}
	return {
		policyService: `check_policy_service inet:127.0.0.1:${port}`,
		async stop() {
			child.kill();
			await closed;
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** `usr/share/perl5`, and `usr/lib/<machine>/perl5/<version>` where modules in C lie. */
function perlFolders(): string[] {
	const machines = readdirSync(`${unpackedMtas}/usr/lib`).map((name) => `${unpackedMtas}/usr/lib/${name}/perl5`);
	const compiled = machines
		.filter((path) => existsSync(path))
		.flatMap((path) => readdirSync(path).map((version) => join(path, version)));
	return [`${unpackedMtas}/usr/share/perl5`, ...compiled];
}
