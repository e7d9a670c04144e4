/** Finds what ships with the program; src/cli and dist/cli lie equally deep in the package. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of a file of the package: `samples/customers.csv`. */
export function packageFile(path: string): string {
	return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** `0.1.0` */
export function packageVersion(): string {
	const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { readonly version: string };
	return version;
}
