/** A real Postfix of our own, beside whatever the machine runs: its own configuration, queue, data, log and port on 127.0.0.1. */
import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
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
	/** Pattern of regexp_table(5): a message with such a line in its body is refused at its end. */
	readonly refusedLine?: string;
	/** Deliver into a mailbox instead of discarding. */
	readonly keepsMail?: boolean;
}

export interface Postfix {
	readonly port: number;
	/** Recipients whose mail reached the discard transport, from the log: once there are `count` of them, or after 20 s. */
	discarded(count: number): Promise<string[]>;
	/** The bodies that were delivered, LF lines, by recipient, once there are `count`, or after 20 s; for `keepsMail`. */
	delivered(count: number): Promise<ReadonlyMap<string, string>>;
	/** Its log so far. */
	log(): string;
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
	writeFileSync(
		join(configuration, 'body'),
		options.refusedLine === undefined ? '' : `/${options.refusedLine}/ REJECT\n`,
	);
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
		delivered: (count) => readDelivered(join(directory, 'mail'), count),
		log: () => readFileSync(log, 'utf8'),
		stop: () => {
			postfix('stop');
			rmSync(directory, { recursive: true });
		},
	};
}

/** The queue is emptied after the 250, so the log may be behind the client. */
function readDiscarded(log: string, count: number): Promise<string[]> {
	return untilThereAre(count, () => {
		const sent = [...readFileSync(log, 'utf8').matchAll(/ to=<([^>]+)>, relay=none, .*status=sent/g)];
		return sent.map((match) => match[1] ?? '');
	});
}

async function readDelivered(mailbox: string, count: number): Promise<ReadonlyMap<string, string>> {
	const inbox = join(mailbox, 'all/new');
	const names = await untilThereAre(count, () => (existsSync(inbox) ? readdirSync(inbox) : []));
	const bodies = new Map<string, string>();
	for (const name of names) {
		const mail = readFileSync(join(inbox, name), 'latin1');
		const recipient = /^Delivered-To: (.*)$/m.exec(mail)?.[1] ?? '';
		bodies.set(recipient, mail.slice(mail.indexOf('\n\n') + 2));
	}
	return bodies;
}

async function untilThereAre(count: number, look: () => string[]): Promise<string[]> {
	const deadline = performance.now() + 20_000;
	for (;;) {
		const found = look();
		if (found.length >= count || performance.now() > deadline) return found;
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
	mkdirSync(join(directory, 'mail'));
	chownSync(join(directory, 'mail'), nobody, nobody);
}

/** Debian's user and group that own nothing. */
const nobody = 65_534;

function mainConfiguration(directory: string, options: PostfixOptions): string {
	const { certificate, settings = {}, keepsMail = false } = options;
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
		body_checks: `regexp:${directory}/etc/body`,
	};
	const delivery = keepsMail
		? {
				default_transport: 'virtual:',
				virtual_mailbox_base: `${directory}/mail`,
				virtual_mailbox_maps: 'static:all/',
				virtual_uid_maps: `static:${nobody}`,
				virtual_gid_maps: `static:${nobody}`,
			}
		: { default_transport: 'discard:' };
	const lines = Object.entries({ ...limits, ...delivery, ...tls, ...settings }).map(
		([name, value]) => `${name} = ${value}\n`,
	);
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
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
`;
}
