/**
 * The secret that unsubscribe links and envelope senders are signed with: MAILSHOT_SECRET, or the file of this machine. It is looked for when a token is
 * needed, and not before: most campaigns need none.
 */
import { join } from 'node:path';
import { exitCodes, RunError, UsageError } from '../../support/errors.ts';
import { shellWord } from '../../support/shell-word.ts';
import { checked, type Given } from '../settings/origin.ts';
import type { Settings } from '../settings/settings.ts';
import { stateDirectory } from '../state-directory.ts';
import type { Environment } from '../surroundings.ts';
import { makeKeptSecret, readKeptSecret } from './kept-secret.ts';
import { parseSecret, setSecret } from './parse-secret.ts';

/** What was set. */
export interface SecretGiven {
	readonly secret: Given | null;
	/** Those that signed before it: what they signed is still accepted. */
	readonly oldSecrets: readonly Given[];
}

interface SecretContext {
	readonly env: Environment;
	readonly randomBytes: (count: number) => Buffer;
}

export interface CampaignSecret {
	readonly octets: Buffer;
	/** The file that was made for it just now; '' when there was one. */
	readonly madeFile: string;
}

export function secretGiven(settings: Pick<Settings, 'find' | 'findAll'>): SecretGiven {
	return { secret: settings.find('secret'), oldSecrets: settings.findAll('secretOld') };
}

/** The secret to sign with. Throws UsageError or RunError 78, which is also what CI gets when nothing was given: what it makes is gone with the machine. */
export function findCampaignSecret({ secret }: Pick<SecretGiven, 'secret'>, context: SecretContext): CampaignSecret {
	if (secret !== null) return { octets: octetsOf(secret), madeFile: '' };
	const path = secretPath(context.env);
	const kept = readKeptSecret(path);
	if (kept !== null) return { octets: octetsOfFile(kept, path), madeFile: '' };
	if (isInCi(context.env)) {
		throw new RunError(
			exitCodes.badConfiguration,
			'the secret that signs unsubscribe links and envelope senders is missing, and in CI none is made: it would be gone with this machine',
			{ hint: `${setSecret}\nIn CI it belongs among the secrets of the pipeline, as MAILSHOT_SECRET.` },
		);
	}
	makeKeptSecret(path, context.randomBytes);
	const made = readKeptSecret(path);
	if (made === null) throw new RunError(exitCodes.badConfiguration, `the campaign secret ${path} is gone again`);
	return { octets: octetsOfFile(made, path), madeFile: path };
}

/** All secrets whose signatures count, the present one first. Makes none: without one there is nothing that could be right, and RunError 78 says so. */
export function findAcceptedSecrets(given: SecretGiven, env: Environment): readonly Buffer[] {
	const found = acceptedSecrets(given, env);
	if (found.length > 0) return found;
	throw new RunError(exitCodes.badConfiguration, 'there is no secret to verify with', {
		hint: [
			'MAILSHOT_SECRET has to be the one that the campaign was sent with, or the file copied from there, which',
			`would be ${secretPath(env)} here.`,
		].join('\n'),
	});
}

/** The same; none where there is none. One that is no secret is an error all the same. */
export function acceptedSecrets({ secret, oldSecrets }: SecretGiven, env: Environment): readonly Buffer[] {
	const old = oldSecrets.map(octetsOf);
	if (secret !== null) return [octetsOf(secret), ...old];
	const path = secretPath(env);
	const kept = readKeptSecret(path);
	return kept === null ? old : [octetsOfFile(kept, path), ...old];
}

function secretPath(env: Environment): string {
	return join(stateDirectory(env), 'secret');
}

/** Exit 2 for a variable, 78 for a file. */
function octetsOf(given: Given): Buffer {
	return checked(given, ({ text, origin }) => {
		const parsed = parseSecret(text);
		if (parsed.kind === 'secret') return parsed.octets;
		throw new UsageError(`the secret in ${origin} ${parsed.problem}`, { hint: setSecret });
	});
}

function octetsOfFile(text: string, path: string): Buffer {
	const parsed = parseSecret(text);
	if (parsed.kind === 'secret') return parsed.octets;
	throw new RunError(exitCodes.badConfiguration, `the campaign secret ${path} ${parsed.problem}`, {
		hint: `Put the right one back. If nothing was signed with it yet:\n  rm ${shellWord(path)}`,
	});
}

function isInCi({ CI: ci = '' }: Environment): boolean {
	return ci !== '' && ci !== 'false' && ci !== '0';
}
