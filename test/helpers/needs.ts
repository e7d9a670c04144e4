/** Tests that need a program which npm cannot bring say so and skip without it; `.ci/run` installs the packages and fails on any skip. */
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where test/real/unpack-mtas puts what cannot be installed beside Postfix. */
export const unpackedMtas = fileURLToPath(new URL('../../node_modules/.cache/mailshot-mtas', import.meta.url));

const programs = {
	'smtp-sink': { path: '/usr/sbin/smtp-sink', package: 'postfix' },
	postfix: { path: '/usr/sbin/postfix', package: 'postfix' },
	openssl: { path: '/usr/bin/openssl', package: 'openssl' },
	python3: { path: '/usr/bin/python3', package: 'python3' },
	aiosmtplib: { path: '/usr/lib/python3/dist-packages/aiosmtplib', package: 'python3-aiosmtplib' },
	php: { path: '/usr/bin/php', package: 'php-cli' },
	phpmailer: { path: '/usr/share/php/libphp-phpmailer', package: 'libphp-phpmailer' },
	exim: { path: `${unpackedMtas}/usr/sbin/exim4`, package: 'exim4-daemon-light' },
	postgrey: { path: `${unpackedMtas}/usr/sbin/postgrey`, package: 'postgrey' },
} as const;

/** Test options that skip, with the reason, when one of `names` is not installed. */
export function needs(...names: readonly (keyof typeof programs)[]): { readonly skip: string | false } {
	const missing = names.filter((name) => !isExecutable(programs[name].path));
	const [first] = missing;
	if (first === undefined) return { skip: false };
	if (programs[first].path.startsWith(unpackedMtas))
		return { skip: `${missing.join(', ')} not unpacked: test/real/unpack-mtas` };
	return { skip: `${missing.join(', ')} not installed: apt-get install ${programs[first].package}` };
}

/** Postfix needs its own user and root to switch to it. */
export function needsPostfix(...names: readonly (keyof typeof programs)[]): { readonly skip: string | false } {
	return needsRoot('postfix', 'openssl', ...names);
}

/** Mail servers that give up the rights of root, and so must have them. */
export function needsRoot(...names: readonly (keyof typeof programs)[]): { readonly skip: string | false } {
	const installed = needs(...names);
	if (installed.skip !== false) return installed;
	return { skip: process.getuid?.() === 0 ? false : 'a private mail server can only be started by root' };
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false; // Not there, or not for us: both mean skip.
	}
}
