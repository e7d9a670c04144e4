/** The files behind `{{> name}}`: found in one folder, read once, nothing outside of it. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { describeFileError, errorCode } from '../support/file-system.ts';
import { isPartial, isPath, pathText, programsIn } from './ast-nodes.ts';
import { type Program, parseTemplate, type TemplateText } from './parse-template.ts';
import { readTemplateText } from './read-template-text.ts';
import { type BodyKind, endingOf, endingsOf, kindOfEnding } from './template-endings.ts';

export interface PartialFile extends TemplateText {
	/** Its path in the folder: `blocks/button.hbs`. */
	readonly name: string;
}

export type PartialLookup =
	| { readonly kind: 'found'; readonly file: PartialFile }
	/** `why` goes on a sentence about the name: `leads out of partials/`. */
	| { readonly kind: 'refused'; readonly why: string };

/** What the bodies name, directly or in other partials. */
export interface Partials {
	/** Where they were looked for, as named by the user; null when there is no such folder. */
	readonly folder: string | null;
	/** The partial of that name for an HTML or a text part; null when there is none. */
	find(name: string, kind: BodyKind): PartialLookup | null;
	/** By name. */
	readonly used: readonly PartialFile[];
	/** Names that could have been written: for "did you mean". Empty when every name was found. */
	readonly known: readonly string[];
}

// As for a template: what is larger was meant to be something else.
const maxTotalBytes = 8 * 1024 * 1024;
const maxListed = 1000;
const maxListedDepth = 3;

/** Throws RunError: 66 when `folder` is given and none, 65 for a file that cannot be a template. What else is wrong with a name is told where it is used. */
export async function loadPartials(
	bodies: Readonly<Record<BodyKind, TemplateText | null>>,
	{ templatePath, folder }: { readonly templatePath: string; readonly folder: string | undefined },
): Promise<Partials> {
	const shelf = new Shelf(await openFolder(templatePath, folder));
	for (const kind of ['html', 'text'] as const) {
		const body = bodies[kind];
		if (body !== null) await shelf.collect(body, kind);
	}
	return shelf.partials();
}

interface Folder {
	readonly path: string;
	readonly realPath: string;
}

async function openFolder(templatePath: string, given: string | undefined): Promise<Folder | null> {
	const path = given ?? join(dirname(templatePath), 'partials');
	const isFolder = await stat(path).then(
		(status) => status.isDirectory(),
		() => null,
	);
	if (isFolder === true) return { path, realPath: await realpath(path) };
	if (given === undefined) return null;
	const why = isFolder === null ? 'there is no such folder' : 'is no folder';
	throw new RunError(exitCodes.missingInput, `--partials ${cleanText(path)}: ${why}`);
}

/** One reading of the folder, name by name. */
class Shelf {
	readonly #folder: Folder | null;
	readonly #lookups = new Map<string, PartialLookup | null>();
	readonly #files = new Map<string, PartialFile>();
	#sizeBytes = 0;

	constructor(folder: Folder | null) {
		this.#folder = folder;
	}

	/** Looks up every name in `source`, and in what it leads to. */
	async collect(source: TemplateText, kind: BodyKind): Promise<void> {
		const queue = namesIn(source);
		for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
			const key = `${kind} ${name}`;
			if (this.#lookups.has(key)) continue;
			const lookup = await this.#lookUp(name, kind);
			this.#lookups.set(key, lookup);
			if (lookup?.kind === 'found') queue.push(...namesIn(lookup.file));
		}
	}

	async partials(): Promise<Partials> {
		const lookups = this.#lookups;
		const isComplete = [...lookups.values()].every((lookup) => lookup !== null);
		return {
			folder: this.#folder?.path ?? null,
			find: (name, kind) => lookups.get(`${kind} ${name}`) ?? null,
			used: [...this.#files.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
			known: isComplete || this.#folder === null ? [] : await listNames(this.#folder.path),
		};
	}

	async #lookUp(name: string, kind: BodyKind): Promise<PartialLookup | null> {
		const folder = this.#folder;
		if (name.startsWith('/') || name.split('/').includes('..') || /[\\\0]/.test(name)) {
			return refused(`is no name of a partial: it is the path of a file in the folder of the partials, with /`);
		}
		if (folder === null) return null;
		const preferred = await this.#existing(folder, name, endingsOf[kind]);
		const paths =
			preferred.length > 0
				? preferred
				: await this.#existing(folder, name, endingsOf[kind === 'html' ? 'text' : 'html']);
		const [path, second] = paths;
		if (path === undefined) return null;
		if (second !== undefined) return refused(`is there twice: ${cleanText(path)} and ${cleanText(second)}`);
		const realPath = await realpath(path);
		if (!realPath.startsWith(folder.realPath + sep)) {
			return refused(`is a link that leads out of ${cleanText(folder.path)}, to ${cleanText(realPath)}`);
		}
		const file = await this.#read(path, relative(folder.path, path).replaceAll(sep, '/'));
		if (kind === 'text' && kindOfEnding(endingOf(path) ?? '') === 'html' && /<[a-z!/]/i.test(file.text)) {
			return refused(`is HTML (${cleanText(path)}); in a text part it needs a ${cleanText(name)}.txt beside it`);
		}
		return { kind: 'found', file };
	}

	async #existing({ path: folder }: Folder, name: string, endings: readonly string[]): Promise<string[]> {
		const ending = endingOf(name);
		const names = endings.map((candidate) => name + candidate);
		// `{{> footer.hbs}}`
		if (ending !== null && endings.includes(ending)) names.push(name);
		const found: string[] = [];
		for (const candidate of names) {
			const path = join(folder, candidate);
			const isFile = await stat(path).then(
				(status) => status.isFile(),
				(error: unknown) => {
					if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false;
					const problem = `${cleanText(path)} cannot be read: ${describeFileError(error)}`;
					throw new RunError(exitCodes.missingInput, problem, { cause: error });
				},
			);
			if (isFile) found.push(path);
		}
		return found;
	}

	async #read(path: string, name: string): Promise<PartialFile> {
		const before = this.#files.get(name);
		if (before !== undefined) return before;
		const file = { name, text: await readTemplateText(path), place: { file: path, line: 1, column: 1 } };
		this.#sizeBytes += Buffer.byteLength(file.text);
		if (this.#sizeBytes > maxTotalBytes) {
			throw new RunError(exitCodes.badInput, `${cleanText(path)}: with it the partials are larger than 8 MiB`);
		}
		this.#files.set(name, file);
		return file;
	}
}

function refused(why: string): PartialLookup {
	return { kind: 'refused', why };
}

/** Names that are written in a template; what cannot be parsed names nothing, and is told when it is checked. */
function namesIn(source: TemplateText): string[] {
	const parsed = parseTemplate(source);
	const names = new Set<string>();
	const visit = ({ body }: Program): void => {
		for (const node of body) {
			if (isPartial(node) && node.name.type !== 'SubExpression' && !(isPath(node.name) && node.name.data)) {
				names.add(pathText(node.name));
			}
			for (const program of programsIn(node)) visit(program);
		}
	};
	if (parsed.kind === 'parsed') visit(parsed.program);
	return [...names];
}

async function listNames(folder: string, depth = 0): Promise<string[]> {
	const names: string[] = [];
	// A folder that is not for us to list: then nothing can be suggested.
	const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
	for (const entry of entries) {
		if (names.length >= maxListed) break;
		const ending = endingOf(entry.name);
		if (entry.isDirectory() && depth < maxListedDepth) {
			const below = await listNames(join(folder, entry.name), depth + 1);
			names.push(...below.map((name) => `${entry.name}/${name}`));
		} else if (ending !== null) names.push(entry.name.slice(0, -ending.length));
	}
	return names;
}
