/** Tests that need a program which npm cannot bring say so and skip without it; `.ci/run` installs the packages and fails on any skip. */
import { accessSync, constants } from 'node:fs';

const programs = {
	'smtp-sink': { path: '/usr/sbin/smtp-sink', package: 'postfix' },
	postfix: { path: '/usr/sbin/postfix', package: 'postfix' },
	openssl: { path: '/usr/bin/openssl', package: 'openssl' },
} as const;

/** Test options that skip, with the reason, when one of `names` is not installed. */
export function needs(...names: readonly (keyof typeof programs)[]): { readonly skip: string | false } {
	const missing = names.filter((name) => !isExecutable(programs[name].path));
	const [first] = missing;
	if (first === undefined) return { skip: false };
	return { skip: `${missing.join(', ')} not installed: apt-get install ${programs[first].package}` };
}

/** Postfix needs its own user and root to switch to it. */
export function needsPostfix(): { readonly skip: string | false } {
	const installed = needs('postfix', 'openssl');
	if (installed.skip !== false) return installed;
	return { skip: process.getuid?.() === 0 ? false : 'a private Postfix can only be started by root' };
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false; // Not there, or not for us: both mean skip.
	}
}
