/** Where mailshot keeps what belongs to this machine and to no campaign. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './surroundings.ts';

/** `$XDG_STATE_HOME/mailshot`, `~/.local/state/mailshot` where that is not set. */
export function stateDirectory({ XDG_STATE_HOME: state = '', HOME: home = homedir() }: Environment): string {
	// XDG Base Directory Specification: a relative path is to be ignored.
	return join(state.startsWith('/') ? state : join(home, '.local', 'state'), 'mailshot');
}
