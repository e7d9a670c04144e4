/** A real Postfix of our own, beside whatever the machine runs: its own configuration, queue, data, log and port on 127.0.0.1. */
import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, portAnswers } from './loopback-port.ts';
import type { ServerCertificate } from './test-ca.ts';

export interface PostfixOptions {
	/** Without one it offers no TLS, and asks for none. */
	readonly certificate?: ServerCertificate;
	/** Recipient -> reply of an access(5) map, for example `550 5.1.1 User unknown`. */
	readonly refused?: ReadonlyMap<string, string>;
	/** Lines of main.cf that stand above ours. */
	readonly settings?: Readonly<Record<string, string>>;
}

export interface Postfix {
	readonly port: number;
	/** Recipients whose mail reached the discard transport, from the log: once there are `count` of them, or after 20 s. */
	discarded(count: number): Promise<string[]>;
	/** Also removes all its files. */
	stop(): void;
}

/** Starts it: STARTTLS required where there is a certificate, everything accepted goes to the discard transport. Needs root. */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
	const directory = mkdtempSync(join(tmpdir(), 'mailshot-postfix-'));
	const port = await freePort();
	const configuration = join(directory, 'etc');
	prepareDirectories(directory);
	const access = [...(options.refused ?? [])].map(([recipient, reply]) => `${recipient} ${reply}\n`);
	writeFileSync(join(configuration, 'refused'), access.join(''));
	writeFileSync(join(configuration, 'main.cf'), mainConfiguration(directory, options));
	writeFileSync(join(configuration, 'master.cf'), masterConfiguration(port));
	const postfix = (command: string) =>
		execFileSync('/usr/sbin/postfix', ['-c', configuration, command], { stdio: 'pipe' });
	const log = join(directory, 'mail.log');
	try {
		postfix('start');
		await portAnswers(port);
	} catch (cause) {
		const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
		throw new Error(`Postfix did not start:\n${said}`, { cause });
	}
	return {
		port,
		discarded: (count) => readDiscarded(log, count),
		stop: () => {
			postfix('stop');
			rmSync(directory, { recursive: true });
		},
	};
}

/** The queue is emptied after the 250, so the log may be behind the client. */
async function readDiscarded(log: string, count: number): Promise<string[]> {
	const deadline = performance.now() + 20_000;
	for (;;) {
		const sent = [...readFileSync(log, 'utf8').matchAll(/ to=<([^>]+)>, relay=none, .*status=sent/g)];
		const recipients = sent.map((match) => match[1] ?? '');
		if (recipients.length >= count || performance.now() > deadline) return recipients;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

function prepareDirectories(directory: string): void {
	// mkdtemp makes it 0700, and Postfix's own user must get through.
	chmodSync(directory, 0o755);
	for (const name of ['etc', 'queue', 'data']) mkdirSync(join(directory, name), { mode: 0o755 });
	// Postfix trusts its data directory only when its own user owns it; that user owns the packaged one.
	const packaged = execFileSync('/usr/sbin/postconf', ['-d', '-h', 'data_directory'], { encoding: 'utf8' }).trim();
	const { uid, gid } = statSync(packaged);
	chownSync(join(directory, 'data'), uid, gid);
}

function mainConfiguration(directory: string, { certificate, settings = {} }: PostfixOptions): string {
	const tls =
		certificate === undefined
			? { smtpd_tls_security_level: 'none' }
			: {
					smtpd_tls_security_level: 'encrypt',
					smtpd_tls_cert_file: certificate.certificateFile,
					smtpd_tls_key_file: certificate.keyFile,
				};
	const limits = {
		smtpd_recipient_restrictions: `check_recipient_access texthash:${directory}/etc/refused, permit`,
		smtpd_client_connection_count_limit: '0',
		smtpd_client_connection_rate_limit: '0',
		smtpd_error_sleep_time: '0',
	};
	const lines = Object.entries({ ...limits, ...tls, ...settings }).map(([name, value]) => `${name} = ${value}\n`);
	return `${lines.join('')}compatibility_level = 3.6
queue_directory = ${directory}/queue
data_directory = ${directory}/data
maillog_file = ${directory}/mail.log
maillog_file_prefixes = ${directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.acme.example
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = discard:
relay_transport = discard:
`;
}

function masterConfiguration(port: number): string {
	return `127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
postlog unix-dgram n - n - 1 postlogd
`;
}
