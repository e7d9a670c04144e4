/** Collects what was set: flag > environment (then --env-file) > ./mailshot.yaml or --config > the user's own file (design.md §6). */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError, UsageError } from '../../support/errors.ts';
import { nearest } from '../../support/nearest.ts';
import { passwordInUrl } from '../smtp-url.ts';
import type { Environment } from '../surroundings.ts';
import { type Given, originIn } from './origin.ts';
import { parseEnvFile } from './parse-env-file.ts';
import { assertPrivate, assertUnwritable, readSettingsFile } from './read-settings-file.ts';
import { flaglessNames, flagName, isFlagless, type SettingName, settingNames, settingTable } from './setting-names.ts';
import { type GivenServer, type Layer, Settings } from './settings.ts';

/** As commander hands them over. */
export type SettingFlags = {
	readonly [Name in Exclude<
		SettingName,
		(typeof flaglessNames)[number] | 'smtp' | 'suppress' | 'rate' | 'domainRate'
	>]?: string;
} & {
	readonly smtp?: readonly string[];
	readonly suppress?: readonly string[];
	readonly rate?: readonly string[];
	readonly domainRate?: readonly string[];
	readonly config?: string;
	readonly envFile?: string;
};

export interface SettingsContext {
	readonly env: Environment;
	/** Where mailshot.yaml is looked for; '' is the working directory. */
	readonly directory: string;
}

const foundHere = 'mailshot.yaml';

/** Throws UsageError for a flag, RunError 78 for a file that cannot be obeyed. */
export async function openSettings(flags: SettingFlags, { env, directory }: SettingsContext): Promise<Settings> {
	const envFile = flags.envFile === undefined ? null : readEnvFile(flags.envFile);
	const files = await readFiles(flags.config, { env, directory });
	const warnings = [
		...variablesMistyped(Object.keys(env).map((name) => ({ name, place: '' }))),
		...variablesMistyped(
			[...(envFile?.lines ?? [])].map(([name, { line }]) => ({ name, place: `${envFile?.path}:${line}: ` })),
		),
		...misnamed(directory, flags.config),
	];
	const layers = [flagLayer(flags), environmentLayer(env, (name) => name)];
	if (envFile !== null) {
		const { lines, path } = envFile;
		const values = Object.fromEntries([...lines].map(([name, { value }]) => [name, value]));
		layers.push(environmentLayer(values, (name) => originIn(name, `${path}:${lines.get(name)?.line ?? 0}`)));
	}
	return new Settings([...layers, ...files.map(({ layer }) => layer)], {
		files: [...(envFile === null ? [] : [envFile.path]), ...files.map(({ path }) => path)],
		warnings,
	});
}

function flagLayer(flags: SettingFlags): Layer {
	const values = new Map<SettingName, readonly Given[]>();
	for (const name of settingNames) {
		if (name === 'smtp' || isFlagless(name)) continue;
		const given = flags[name];
		if (given === undefined) continue;
		const texts = typeof given === 'string' ? [given] : given;
		const origin = flagName(name);
		values.set(
			name,
			texts.map((text) => ({ text, origin })),
		);
	}
	// A password in a flag is refused where the URL is read: there it can be said what to type.
	const servers = flags.smtp?.map((text): GivenServer => {
		const url = { text, origin: '--smtp' };
		return { url, origin: url.origin, own: new Map(), urlPassword: null };
	});
	return { values, servers: servers ?? null };
}

/** An empty variable is how a shell script says "not set". */
function environmentLayer(env: Environment, originOf: (variable: string) => string): Layer {
	const values = new Map<SettingName, readonly Given[]>();
	let servers: readonly GivenServer[] | null = null;
	for (const name of settingNames) {
		const { variable, kind } = settingTable[name];
		const text = env[variable] ?? '';
		if (text === '') continue;
		const origin = originOf(variable);
		const texts = kind === 'several' || kind === 'paths' ? text.split(/\s+/).filter((word) => word !== '') : [text];
		if (texts.length === 0) continue;
		const givens = texts.map((word) => ({ text: word, origin }));
		if (name === 'smtp') servers = givens.map((url) => serverOf(url));
		else values.set(name, givens);
	}
	return { values, servers };
}

function serverOf(url: Given): GivenServer {
	const password = passwordInUrl(url.text);
	const urlPassword = password === null ? null : { text: password, origin: url.origin };
	return { url, origin: url.origin, own: new Map(), urlPassword };
}

interface ReadFile {
	readonly path: string;
	readonly layer: Layer;
}

async function readFiles(
	config: string | undefined,
	{ env, directory }: SettingsContext,
): Promise<readonly ReadFile[]> {
	const { HOME: home = '' } = env;
	if (config === '') throw new UsageError('--config is empty');
	const own = userFile(env);
	const read = [
		config === undefined
			? await readConfig({ path: join(directory, foundHere), home, isFoundHere: true })
			: await readNamed(config, home),
		own === '' ? null : await readConfig({ path: own, home, isFoundHere: false }),
	];
	return read.filter((file) => file !== null);
}

async function readNamed(path: string, home: string): Promise<ReadFile> {
	const file = await readConfig({ path, home, isFoundHere: false });
	if (file !== null) return file;
	throw new RunError(exitCodes.badConfiguration, `--config ${cleanText(path)}: there is no such file`, {
		hint: 'Check the name; it is taken from the folder that you are in.',
	});
}

async function readConfig(source: {
	readonly path: string;
	readonly home: string;
	readonly isFoundHere: boolean;
}): Promise<ReadFile | null> {
	const { path } = source;
	const file = readSettingsFile(path, { named: cleanText(path), isFoundHere: source.isFoundHere });
	if (file === null) return null;
	const { parseConfig } = await import('./parse-config.ts');
	const { layer, passwordAt, commandAt } = parseConfig(file.text, source);
	if (passwordAt !== '') assertPrivate(file, path, passwordAt);
	if (commandAt !== '') assertUnwritable(file, path, commandAt);
	return { path, layer };
}

/** $XDG_CONFIG_HOME/mailshot/config.yaml; a relative one is to be ignored (XDG base directory specification). */
function userFile({ XDG_CONFIG_HOME: configured = '', HOME: home = '' }: Environment): string {
	if (isAbsolute(configured)) return join(configured, 'mailshot', 'config.yaml');
	return isAbsolute(home) ? join(home, '.config', 'mailshot', 'config.yaml') : '';
}

function readEnvFile(path: string) {
	if (path === '') throw new UsageError('--env-file is empty');
	const shown = cleanText(path);
	const file = readSettingsFile(path, { named: `--env-file ${shown}` });
	if (file === null) {
		throw new RunError(exitCodes.badConfiguration, `--env-file ${shown}: there is no such file`, {
			hint: 'Check the name; it is taken from the folder that you are in.',
		});
	}
	const lines = parseEnvFile(file.text, shown);
	for (const [name, { value, line }] of lines) {
		const isPassword =
			flaglessNames.some((flagless) => name === settingTable[flagless].variable) ||
			(name === settingTable.smtp.variable && value.split(/\s+/).some((url) => passwordInUrl(url) !== null));
		if (isPassword && value !== '') assertPrivate(file, path, `${shown}:${line}`);
		if (/_COMMAND$/.test(name)) assertUnwritable(file, path, `${shown}:${line}`);
	}
	return { path: shown, lines };
}

/** A mistyped variable would be a limit that does not hold. Other programs may have theirs, so it is no error. */
function variablesMistyped(variables: readonly { readonly name: string; readonly place: string }[]): string[] {
	const known = settingNames.map((name) => settingTable[name].variable);
	return variables
		.filter(({ name }) => name.startsWith('MAILSHOT_') && !known.includes(name))
		.map(({ name, place }) => {
			const fold = (text: string) => text.replace(/^MAILSHOT_(?:SMTP_)?/, '').replace(/^URL$/, 'SMTP_URL');
			const meant = nearest(name, known, { fold });
			return `${place}${cleanText(name, 60)} is no setting of mailshot${meant === null ? '' : `; did you mean ${meant}?`}`;
		});
}

function misnamed(directory: string, config: string | undefined): string[] {
	const other = 'mailshot.yml';
	if (config !== undefined || existsSync(join(directory, foundHere)) || !existsSync(join(directory, other))) return [];
	return [`${other} is not read: rename it to ${foundHere}`];
}
