/** A real Exim of our own, unpacked and not installed (it cannot live beside Postfix): its own configuration, spool, log and port on 127.0.0.1. */
import { spawn } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, portAnswers } from '../helpers/loopback-port.ts';
import { unpackedMtas } from '../helpers/needs.ts';
import type { ServerCertificate } from '../helpers/test-ca.ts';

export interface EximOptions {
	/** Main settings above ours, `smtp_accept_max: '3'`. */
	readonly settings?: Readonly<Record<string, string>>;
	/** Statements of acl_smtp_mail and acl_smtp_rcpt before everything is accepted. */
	readonly mailAcl?: string;
	readonly rcptAcl?: string;
	/** Statements of acl_smtp_data, at the end of a content. */
	readonly dataAcl?: string;
	/** With one it offers STARTTLS. */
	readonly certificate?: ServerCertificate;
}

export interface Exim {
	readonly port: number;
	readonly url: string;
	/** Recipients of the messages that it took, from its log; a message that was taken twice is there twice. */
	taken(): string[];
	/** The bodies of those, LF lines, by recipient. */
	bodies(): ReadonlyMap<string, string>;
	/** Lines of its logs. */
	log(): string;
	/** Also removes all its files. */
	stop(): Promise<void>;
}

/** Starts it: takes everything for anybody and delivers nothing. Needs root. */
export async function startExim(options: EximOptions = {}): Promise<Exim> {
	const directory = mkdtempSync(join(tmpdir(), 'mailshot-exim-'));
	// Its own user, who is nobody, must get through and write there.
	chmodSync(directory, 0o755);
	for (const name of ['spool', 'log']) {
		mkdirSync(join(directory, name));
		chmodSync(join(directory, name), 0o777);
	}
	const configuration = join(directory, 'exim.conf');
	writeFileSync(configuration, configure(directory, options));
	if (options.certificate !== undefined) writeCertificate(directory, options.certificate);
	const port = await freePort();
	// Debian's Exim insists on a user and a group that only its package would make: it sees other lists of them than the machine has.
	const users = join(directory, 'passwd');
	const groups = join(directory, 'group');
	writeFileSync(users, `${readFileSync('/etc/passwd', 'utf8')}Debian-exim:x:65534:65534::/:/bin/false\n`);
	writeFileSync(groups, `${readFileSync('/etc/group', 'utf8')}Debian-exim:x:65534:\n`);
	const withThem = 'mount --bind "$0" /etc/passwd && mount --bind "$1" /etc/group && shift && exec "$@"';
	const exim = [`${unpackedMtas}/usr/sbin/exim4`, '-bdf', '-C', configuration, '-oX', String(port)];
	const child = spawn('/usr/bin/unshare', ['--mount', 'sh', '-c', withThem, users, groups, ...exim], {
		env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LD_LIBRARY_PATH: libraryFolders().join(':') },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let said = '';
	child.stderr.on('data', (chunk: Buffer) => {
		said += chunk.toString('utf8');
	});
	const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
	const log = () =>
		['main', 'reject', 'panic']
			.map((name) => join(directory, 'log', name))
			.filter((path) => existsSync(path))
			.map((path) => readFileSync(path, 'utf8'))
			.join('');
	try {
		await portAnswers(port, () => child.exitCode !== null);
	} catch (cause) {
		throw new Error(`Exim did not start:\n${said}${log()}`, { cause });
	}
	return {
		port,
		url: `smtp://127.0.0.1:${port}`,
		taken: () => [...log().matchAll(/ <= .* for (\S+)$/gm)].map((match) => match[1] ?? ''),
		bodies: () => readBodies(directory, log()),
		log,
		async stop() {
			child.kill();
			await closed;
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** Of the queue: one file a body, which begins with its own name. */
function readBodies(directory: string, log: string): ReadonlyMap<string, string> {
	const bodies = new Map<string, string>();
	for (const [, id, recipient = ''] of log.matchAll(/ (\S+) <= .* for (\S+)$/gm)) {
		const file = readFileSync(join(directory, 'spool/input', `${id}-D`), 'latin1');
		bodies.set(recipient, file.slice(file.indexOf('\n') + 1));
	}
	return bodies;
}

/** As its own user reads them. */
function writeCertificate(directory: string, { certificate, key }: ServerCertificate): void {
	writeFileSync(join(directory, 'certificate'), certificate);
	writeFileSync(join(directory, 'key'), key);
}

function configure(directory: string, options: EximOptions): string {
	const { settings = {}, mailAcl = '', rcptAcl = '', dataAcl = '', certificate } = options;
	const main = {
		primary_hostname: 'exim.acme.example',
		local_interfaces: '127.0.0.1',
		exim_user: 'nobody',
		exim_group: 'nogroup',
		spool_directory: `${directory}/spool`,
		log_file_path: `${directory}/log/%s`,
		pid_file_path: `${directory}/exim.pid`,
		log_selector: '+received_recipients +smtp_connection',
		// Nothing leaves: what is taken stays in the spool.
		queue_only: 'true',
		host_lookup: ':',
		rfc1413_query_timeout: '0s',
		...(certificate === undefined
			? { tls_advertise_hosts: ':' }
			: {
					tls_advertise_hosts: '*',
					tls_certificate: `${directory}/certificate`,
					tls_privatekey: `${directory}/key`,
				}),
		smtp_accept_max: '100',
		smtp_accept_reserve: '0',
		message_size_limit: '10M',
		acl_smtp_mail: 'acl_mail',
		acl_smtp_rcpt: 'acl_rcpt',
		acl_smtp_data: 'acl_data',
		...settings,
	};
	const lines = Object.entries(main).map(([name, value]) => `${name} = ${value}\n`);
	return `${lines.join('')}
begin acl
acl_mail:
${mailAcl}
  accept
acl_rcpt:
${rcptAcl}
  accept
acl_data:
${dataAcl}
  accept

begin routers
nowhere:
  driver = redirect
  data = :blackhole:
`;
}

function libraryFolders(): string[] {
	const path = `${unpackedMtas}/usr/lib`;
	return readdirSync(path).map((name) => join(path, name));
}
