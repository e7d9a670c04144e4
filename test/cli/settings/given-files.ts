/** A folder with settings files, and what mailshot makes of them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openSettings, type SettingFlags } from '../../../src/cli/settings/open-settings.ts';
import type { Settings } from '../../../src/cli/settings/settings.ts';
import { type Cleanup, temporaryDirectory } from '../../helpers/temporary-directory.ts';

export interface GivenFolder {
	readonly path: string;
	/** Writes a file with mode 0600, or the one given; gives its path. */
	write(name: string, text: string | Uint8Array, mode?: number): string;
	/** `home` of the folder is the home directory. */
	open(flags?: SettingFlags, env?: Readonly<Record<string, string>>): Promise<Settings>;
}

export function givenFolder(cleanup: Cleanup): GivenFolder {
	const path = temporaryDirectory(cleanup);
	return {
		path,
		write(name, text, mode = 0o600) {
			const file = join(path, name);
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, text, { mode });
			return file;
		},
		open: (flags = {}, env = {}) => openSettings(flags, { env: { HOME: join(path, 'home'), ...env }, directory: path }),
	};
}
