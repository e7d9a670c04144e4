/** `mailshot unsubscribe verify`: for the endpoint behind an unsubscribe link, which has a token and needs to know whose it is. */
import { recipientKey } from '../recipients/recipient-key.ts';
import { appendSuppressions } from '../recipients/suppression/append-suppressions.ts';
import { type SuppressionEntry, suppressionDate } from '../recipients/suppression/suppression-entry.ts';
import { readUnsubscribeToken, type TokenProblem, type TokenReading } from '../recipients/tokens/unsubscribe-token.ts';
import { cleanText } from '../support/clean-text.ts';
import { type ExitCode, exitCodes, RunError, UsageError } from '../support/errors.ts';
import { findAcceptedSecrets, secretGiven } from './secrets/campaign-secret.ts';
import { openSettings } from './settings/open-settings.ts';
import type { Surroundings } from './surroundings.ts';

export interface VerifyFlags {
	readonly json?: boolean;
	/** Suppression list that whoever leaves is added to. */
	readonly suppress?: string;
	readonly config?: string;
	readonly envFile?: string;
}

type Tools = Pick<Surroundings, 'env' | 'stdin' | 'stdout' | 'stderr' | 'clock' | 'randomBytes'>;

const seedBytes = 16;

/** 0 when every token is right, 65 when one is not. Those that are right count all the same. Throws RunError 78 without a secret, 73 when the list cannot be written. */
export async function verifyTokensCommand(
	named: readonly string[],
	flags: VerifyFlags,
	{ env, stdin, stdout, stderr, clock, randomBytes }: Tools,
): Promise<ExitCode> {
	const { config, envFile, suppress, json = false } = flags;
	if (suppress === '') throw new UsageError('--suppress is empty', { hint: '--suppress unsubscribed.csv' });
	const files = { ...(config === undefined ? {} : { config }), ...(envFile === undefined ? {} : { envFile }) };
	const settings = await openSettings(files, { env, directory: '' });
	const secrets = findAcceptedSecrets(secretGiven(settings), env);
	const tokens = await readTokens(named, stdin);
	const readings = tokens.map((token) => readUnsubscribeToken(token, secrets));
	if (suppress !== undefined) {
		const date = suppressionDate(clock.now());
		const entries = readings.flatMap((reading) =>
			reading.kind === 'valid'
				? [{ key: recipientKey(reading.address), reason: 'unsubscribe', date, source: reading.campaign }]
				: [],
		);
		addAll(suppress, entries, randomBytes(seedBytes));
	}
	// Said when it is done: whoever reads "valid" may answer that it was.
	for (const [at, reading] of readings.entries()) {
		if (json) stdout.write(`${JSON.stringify(asObject(reading))}\n`);
		else if (reading.kind === 'valid') stdout.write(`${reading.address}\t${cleanText(reading.campaign)}\n`);
		else stderr.write(`${tokens.length === 1 ? 'the token' : `token ${at + 1}`} ${problemWords[reading.reason]}\n`);
	}
	return readings.every(({ kind }) => kind === 'valid') ? exitCodes.done : exitCodes.badInput;
}

/** RunError 73, also for a list in which a line is wrong: 65 means that a token is, and an endpoint would tell people so. */
function addAll(path: string, entries: readonly SuppressionEntry[], seed: Uint8Array): void {
	try {
		appendSuppressions(path, entries, { seed });
	} catch (error) {
		if (!(error instanceof RunError) || error.exitCode !== exitCodes.badInput) throw error;
		throw new RunError(exitCodes.cannotWriteLog, error.message, { hint: error.hint, cause: error });
	}
}

const problemWords: Readonly<Record<TokenProblem, string>> = {
	malformed: 'is none, or only a part of one',
	version: 'was made by another version of mailshot',
	forged: 'is not what we signed: it was changed, or signed with another secret (MAILSHOT_SECRET, MAILSHOT_SECRET_OLD)',
};

/** Each field in each object: '' means none. */
function asObject(reading: TokenReading) {
	return reading.kind === 'valid'
		? { valid: true, address: reading.address, campaign: reading.campaign, reason: '' }
		: { valid: false, address: '', campaign: '', reason: reading.reason };
}

/** `-` stands for the lines of standard input. */
async function readTokens(named: readonly string[], stdin: Tools['stdin']): Promise<readonly string[]> {
	const tokens: string[] = [];
	for (const text of named) {
		if (text === '-') tokens.push(...(await readLines(stdin)));
		else tokens.push(text.trim());
	}
	return tokens;
}

async function readLines(stdin: Tools['stdin']): Promise<readonly string[]> {
	const chunks: Buffer[] = [];
	for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
	const lines = Buffer.concat(chunks).toString('utf8').split('\n');
	return lines.map((line) => line.trim()).filter((line) => line !== '');
}
