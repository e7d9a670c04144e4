/** On what the figures were measured: the machine, and the version of everything that took part. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { BenchOptions } from './options.ts';

export interface Conditions {
	readonly date: string;
	readonly rounds: number;
	readonly scale: number;
	readonly connections: number;
	readonly machine: Readonly<Record<string, string>>;
	/** Name -> version, or that it is not installed. */
	readonly peers: Readonly<Record<string, string>>;
}

export function readConditions({ rounds, scale, connections }: BenchOptions): Conditions {
	const date = new Date().toISOString();
	const processors = cpus();
	return {
		date,
		rounds,
		scale,
		connections,
		machine: {
			date,
			rounds: `${rounds}, scale ${scale}, ${connections} connections`,
			Node: process.version,
			kernel: `Linux ${release()}`,
			cores: `${processors.length}, ${processors[0]?.model ?? 'unknown'}`,
			memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
		},
		peers: {
			mailshot: packageVersion('../../package.json'),
			nodemailer: packageVersion('../../node_modules/nodemailer/package.json'),
			'csv-parse': packageVersion('../../node_modules/csv-parse/package.json'),
			Handlebars: packageVersion('../../node_modules/handlebars/package.json'),
			'smtp-source, smtp-sink (postfix)': debianVersion('postfix'),
			'Python (python3)': debianVersion('python3'),
			'aiosmtplib (python3-aiosmtplib)': debianVersion('python3-aiosmtplib'),
			'PHP (php-cli)': debianVersion('php-cli'),
			'PHPMailer (libphp-phpmailer)': debianVersion('libphp-phpmailer'),
			openssl: debianVersion('openssl'),
		},
	};
}

function packageVersion(path: string): string {
	const { version }: { readonly version: string } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
	return version;
}

function debianVersion(name: string): string {
	try {
		return execFileSync('dpkg-query', ['-W', '-f', `\${Version}`, name], { stdio: 'pipe' }).toString();
	} catch {
		return 'not installed by Debian';
	}
}
