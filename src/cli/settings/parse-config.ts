/** From the text of mailshot.yaml to settings, each with its file:line:column; an unknown key stops with the one that was meant. */
import { dirname, join, resolve } from 'node:path';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { nearest } from '../../support/nearest.ts';
import { passwordInUrl } from '../smtp-url.ts';
import { type Given, originIn } from './origin.ts';
import {
	commandNames,
	flagName,
	isFlagless,
	type SettingName,
	serverSettings,
	settingNames,
	settingTable,
} from './setting-names.ts';
import type { GivenServer, Layer, Values } from './settings.ts';
import { type ConfigEntry, type ConfigNode, type Position, parseYaml } from './yaml-nodes.ts';

export interface ConfigSource {
	/** As people know it. */
	readonly path: string;
	/** What `~/` stands for; '' when nobody knows. */
	readonly home: string;
	/** It only lies in the folder, nobody named it: it may name no program that is run. */
	readonly isFoundHere: boolean;
}

export interface ParsedSettings {
	readonly layer: Layer;
	/** Place of the first password or command; '' when there is none. */
	readonly passwordAt: string;
	readonly commandAt: string;
}

/** Throws RunError 78. */
export function parseConfig(text: string, source: ConfigSource): ParsedSettings {
	const parsed = parseYaml(text);
	if (parsed.kind === 'invalid') throw refused(`${placeIn(source, parsed.position)} ${parsed.problem}`);
	const reader = new ConfigReader(source);
	const layer = reader.read(parsed.root);
	return { layer, passwordAt: reader.passwordAt, commandAt: reader.commandAt };
}

const topKeys: ReadonlyMap<string, SettingName> = new Map(settingNames.map((name) => [settingTable[name].key, name]));
const exampleUrl = 'smtp://news@smtp.acme.example:587';
/** What people write for something that has another name, or none, here. */
const otherWords: ReadonlyMap<string, string> = new Map([
	['host', `The server is one URL: smtp: ${exampleUrl}`],
	['port', `The server is one URL: smtp: ${exampleUrl}`],
	['server', `It is called smtp: smtp: ${exampleUrl}`],
	['servers', `It is called smtp, also when there are several: smtp: [${exampleUrl}]`],
	['connections', 'Beside a server it is called connections, for all of them concurrency.'],
	['concurrency', 'Beside a server it is called connections.'],
	['username', 'Did you mean user?'],
	['<<', 'Merge keys are not read: write the settings out.'],
]);

class ConfigReader {
	passwordAt = '';
	commandAt = '';
	readonly #source: ConfigSource;

	constructor(source: ConfigSource) {
		this.#source = source;
	}

	read(root: ConfigNode | null): Layer {
		if (root === null) return { values: new Map(), servers: null };
		if (root.kind !== 'map')
			throw this.#refused(root.position, 'is no setting: write them as "rate: 14/s", one a line');
		let servers: readonly GivenServer[] | null = null;
		const others: ConfigEntry[] = [];
		for (const entry of root.entries) {
			if (entry.key === 'smtp') servers = this.#servers(entry);
			else others.push(entry);
		}
		return { values: this.#values(others, topKeys), servers };
	}

	#values(entries: readonly ConfigEntry[], keys: ReadonlyMap<string, SettingName>): Values {
		const values = new Map<SettingName, readonly Given[]>();
		for (const entry of entries) {
			const name = keys.get(entry.key);
			if (name === undefined) throw this.#unknownKey(entry, keys);
			values.set(name, this.#givens(name, entry));
		}
		return values;
	}

	#givens(name: SettingName, entry: ConfigEntry): readonly Given[] {
		const { key, value } = entry;
		const { kind } = settingTable[name];
		const isSeveral = kind === 'several' || kind === 'paths';
		const isPath = kind === 'path' || kind === 'paths';
		if (commandNames.includes(name)) this.#useCommand(entry);
		if (value.kind === 'text') {
			const given = this.#given(key, value);
			if (isFlagless(name)) this.passwordAt ||= this.#place(value.position);
			return [isPath ? { ...given, text: this.#resolve(given.text) } : given];
		}
		if (isSeveral && value.kind === 'list') {
			return value.items.map((item) => {
				if (item.kind !== 'text') throw this.#refused(item.position, `is no value of ${key}: write a list of texts`);
				if (isFlagless(name)) this.passwordAt ||= this.#place(item.position);
				const given = this.#given(key, item);
				return isPath ? { ...given, text: this.#resolve(given.text) } : given;
			});
		}
		if (name === 'domainRate' && value.kind === 'map') {
			return value.entries.map((rate) => {
				if (rate.value.kind !== 'text') throw this.#refused(rate.position, 'is no rate: write "gmail.com: 5/s"');
				const { text, origin } = this.#given(key, rate.value);
				return { text: `${rate.key}=${text}`, origin };
			});
		}
		const expected = isSeveral ? 'one text or a list of them' : 'one text';
		throw this.#refused(value.position, `is no value of ${key}: write ${expected}`);
	}

	#given(key: string, value: ConfigNode & { readonly kind: 'text' }): Given {
		const place = this.#place(value.position);
		if (value.text === '') {
			throw refused(`${place}: ${key} has no value`, `Leave the line out to say nothing about ${key}.`);
		}
		return { text: value.text, origin: originIn(`${key}:`, place) };
	}

	#servers({ value }: ConfigEntry): readonly GivenServer[] {
		const items = value.kind === 'list' ? value.items : [value];
		if (items.length === 0) {
			throw this.#refused(value.position, 'is an empty list of servers', `smtp: ${exampleUrl}`);
		}
		return items.map((item) => this.#server(item));
	}

	#server(node: ConfigNode): GivenServer {
		const origin = originIn('smtp:', this.#place(node.position));
		if (node.kind === 'list') throw this.#refused(node.position, 'is a list in the list of servers');
		if (node.kind === 'text') return { ...this.#url(this.#given('smtp', node)), origin, own: new Map() };
		const url = node.entries.find(({ key }) => key === 'url');
		const own = this.#values(
			node.entries.filter((entry) => entry !== url),
			serverSettings,
		);
		if (url === undefined) {
			if (own.has('provider')) return { url: null, urlPassword: null, origin, own };
			throw this.#refused(node.position, 'is a server without url', `Write it like this: url: ${exampleUrl}`);
		}
		if (url.value.kind !== 'text') throw this.#refused(url.value.position, 'is no URL', `url: ${exampleUrl}`);
		return { ...this.#url(this.#given('url', url.value)), origin, own };
	}

	#url(url: Given): Pick<GivenServer, 'url' | 'urlPassword'> {
		const text = passwordInUrl(url.text);
		if (text === null) return { url, urlPassword: null };
		this.passwordAt ||= url.origin.slice(url.origin.indexOf(' in ') + 4);
		return { url, urlPassword: { text, origin: url.origin } };
	}

	#useCommand({ key, position }: ConfigEntry): void {
		const place = this.#place(position);
		if (this.#source.isFoundHere) {
			const name = key.replaceAll('_', '-');
			throw refused(
				`${place}: ${key} is not taken from a file that merely lies in this folder: it runs a program`,
				[
					'Name the file, if it is yours, or put the setting elsewhere:',
					`  mailshot ... --config ${this.#source.path}`,
					`  --${name}, ${`MAILSHOT_${key.toUpperCase()}`}, or ~/.config/mailshot/config.yaml`,
				].join('\n'),
			);
		}
		this.commandAt ||= place;
	}

	/** Relative to the file: it is the same file wherever mailshot is started. */
	#resolve(text: string): string {
		const { path, home } = this.#source;
		if (text.startsWith('~/') && home !== '') return join(home, text.slice(2));
		const directory = dirname(path);
		return directory === '.' ? text : resolve(directory, text);
	}

	#unknownKey({ key, position }: ConfigEntry, keys: ReadonlyMap<string, SettingName>): RunError {
		const shown = JSON.stringify(cleanText(key, 60));
		const fold = (text: string) => text.toLowerCase().replaceAll('-', '_');
		const known = [...keys.keys(), ...(keys === topKeys ? [] : ['url'])];
		const meant = nearest(key, known, { fold });
		const otherWord = otherWords.get(key) ?? otherWords.get((meant === null && nearest(key, otherWords.keys())) || '');
		const flag = flagName(fold(key).replaceAll('_', '-'));
		const isTopKey = keys !== topKeys && topKeys.has(key);
		const hint =
			otherWord ??
			(isTopKey ? `${key} holds for all servers: write it at the beginning of a line.` : null) ??
			(meant === null ? null : `Did you mean ${meant}?`) ??
			(runFlags.has(flag)
				? `It belongs to one run: ${flag} on the command line.`
				: 'mailshot config shows all of them.');
		return this.#refused(position, `is no setting: ${shown}`, hint);
	}

	#refused(position: Position, what: string, hint = ''): RunError {
		return refused(`${this.#place(position)} ${what}`, hint);
	}

	#place(position: Position): string {
		return placeIn(this.#source, position);
	}
}

/** What is to be typed each time, so that no file can make a run do it. */
const runFlags: ReadonlySet<string> = new Set(
	[
		'template',
		'partials',
		'log',
		'campaign',
		'yes',
		'expect',
		'limit',
		'only',
		'resend',
		'dry-run',
		'sandbox',
		'set',
		'tag',
		'key',
	]
		.concat(['email-column', 'delimiter', 'encoding', 'json', 'quiet', 'verbose', 'config', 'env-file', 'unsafe-fs'])
		.map((name) => `--${name}`),
);

function placeIn({ path }: ConfigSource, { line, column }: Position): string {
	return `${cleanText(path)}:${line}:${column}`;
}

function refused(message: string, hint = ''): RunError {
	return new RunError(exitCodes.badConfiguration, message, { hint });
}
