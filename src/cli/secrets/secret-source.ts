/** The ways to a server's password or token that somebody named; systemd's credentials and the question come on top. */
import type { Given } from '../settings/origin.ts';

/** Each null when it was not given. Values are what was typed: a path, a command for the shell, or the password itself. */
export interface SecretSource {
	readonly passwordFile: Given | null;
	readonly passwordCommand: Given | null;
	/** From the environment, the server's URL or a configuration file. */
	readonly password: Given | null;
	readonly oauthTokenCommand: Given | null;
	readonly oauthRefresh: Given | null;
}

export const noSecretSource: SecretSource = {
	passwordFile: null,
	passwordCommand: null,
	password: null,
	oauthTokenCommand: null,
	oauthRefresh: null,
};
