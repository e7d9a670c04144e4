/** All that was set, layer over layer: flags, environment, files; the highest that says something about a setting wins. */
import { UsageError } from '../../support/errors.ts';
import { checked, type Given } from './origin.ts';
import { type SettingName, secretNames } from './setting-names.ts';

export type Values = ReadonlyMap<SettingName, readonly Given[]>;

/** A server as one layer names it, with what is said about it alone. */
export interface GivenServer {
	/** Null: only its provider is named. */
	readonly url: Given | null;
	/** How it is called in messages. */
	readonly origin: string;
	readonly own: Values;
	/** The password inside its URL; null when there is none. */
	readonly urlPassword: Given | null;
}

export interface Layer {
	readonly values: Values;
	/** Null: it names none. */
	readonly servers: readonly GivenServer[] | null;
}

/** One server with all that holds for it. */
export interface ResolvedServer {
	readonly url: Given | null;
	readonly origin: string;
	/** In the order of precedence; empty when nobody says anything. */
	find(name: SettingName): readonly Given[];
	/** The one way to its password or token; null when none is given. */
	readonly secret: { readonly name: (typeof secretNames)[number]; readonly given: Given } | null;
}

export class Settings {
	/** The highest first; the first one holds the flags. */
	readonly #layers: readonly Layer[];
	/** Files that were read, the one that wins first; as people know them. */
	readonly files: readonly string[];
	readonly warnings: readonly string[];

	constructor(
		layers: readonly Layer[],
		read: { readonly files: readonly string[]; readonly warnings: readonly string[] },
	) {
		this.#layers = layers;
		this.files = read.files;
		this.warnings = read.warnings;
	}

	/** Without what environment and files say: for a rehearsal, which is not to wait as the real server makes one wait. */
	get flagsOnly(): Settings {
		return new Settings(this.#layers.slice(0, 1), { files: [], warnings: [] });
	}

	/** What the highest layer that says something says; empty when none does. */
	findAll(name: SettingName): readonly Given[] {
		return firstGiven(this.#layers.map(({ values }) => values.get(name)));
	}

	find(name: SettingName): Given | null {
		return this.findAll(name)[0] ?? null;
	}

	/** In the order in which they are tried; empty when nobody names one. */
	get servers(): readonly ResolvedServer[] {
		const at = this.#layers.findIndex(({ servers }) => servers !== null);
		const [provider] = this.findAll('provider');
		const named = this.#layers[at]?.servers ?? null;
		if (named !== null) return named.map((server) => this.#resolve(server, at));
		if (provider === undefined) return [];
		return [this.#resolve({ url: null, origin: provider.origin, own: new Map(), urlPassword: null }, 0)];
	}

	/** What would hold for a server if one were named. */
	get unnamedServer(): ResolvedServer {
		return this.#resolve({ url: null, origin: '', own: new Map(), urlPassword: null }, 0);
	}

	/** What is said about one server alone stands just before what its layer says about all. */
	#resolve({ url, origin, own, urlPassword }: GivenServer, at: number): ResolvedServer {
		const values = this.#layers.map((layer) => layer.values);
		const ordered = [...values.slice(0, at), own, ...values.slice(at)];
		// A password beside the URL says more than the one inside it.
		const inUrl: Values = new Map(urlPassword === null ? [] : [['password', [urlPassword]]]);
		return {
			url,
			origin,
			find: (name) => firstGiven(ordered.map((layer) => layer.get(name))),
			secret: chooseSecret([...values.slice(0, at), own, inUrl, ...values.slice(at)]),
		};
	}
}

function firstGiven(layers: readonly (readonly Given[] | undefined)[]): readonly Given[] {
	return layers.find((givens) => givens !== undefined && givens.length > 0) ?? [];
}

function chooseSecret(layers: readonly Values[]): ResolvedServer['secret'] {
	for (const layer of layers) {
		const given = secretNames.flatMap((name) => (layer.get(name) ?? []).map((one) => ({ name, given: one })));
		const [first, second] = given;
		if (first === undefined) continue;
		if (second !== undefined) {
			checked(second.given, () => {
				throw new UsageError(`${first.given.origin} and ${second.given.origin} exclude each other`, {
					hint: 'One way to the password is enough: leave the others out.',
				});
			});
		}
		return first;
	}
	return null;
}
