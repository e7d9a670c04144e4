/** A template file, with the file beside it that holds the other part, to header lines and bodies with their places. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cleanText } from '../support/clean-text.ts';
import { exitCodes, RunError } from '../support/errors.ts';
import { type HeaderKind, judgeHeaderName } from './header-names.ts';
import { loadPartials, type Partials } from './load-partials.ts';
import type { TemplateText } from './parse-template.ts';
import { readTemplateText } from './read-template-text.ts';
import { type HeaderLine, type SplitTemplate, splitHeaderBlock } from './split-header-block.ts';
import { type BodyKind, endingOf, endingsOf, kindOfEnding } from './template-endings.ts';
import { type Place, type Problem, templateError } from './template-problem.ts';

export interface TemplateHeader extends TemplateText {
	/** In its usual spelling. */
	readonly name: string;
	readonly kind: HeaderKind;
}

export interface TemplateBody extends TemplateText {
	/** `sibling`: from the file beside the named one. */
	readonly origin: 'template' | 'sibling';
}

/** A template as read: nothing compiled, no variable looked at. At least one body. */
export interface TemplateSource {
	/** As named by the user. */
	readonly path: string;
	readonly headers: readonly TemplateHeader[];
	readonly html: TemplateBody | null;
	readonly text: TemplateBody | null;
	readonly partials: Partials;
	readonly warnings: readonly string[];
}

/**
 * Reads the template and the partials that it uses, from `partials` or, without it, from a folder of that name beside the template.
 * Throws RunError: 66 when a file is missing or a directory, 65 when its contents are wrong (all problems at once).
 */
export async function loadTemplate(
	path: string,
	{ partials: partialsFolder }: { readonly partials?: string } = {},
): Promise<TemplateSource> {
	const { kind, stem } = kindOf(path);
	const named = splitHeaderBlock(await readTemplateText(path), path);
	const siblingPath = await findSibling(path, stem, endingsOf[kind === 'html' ? 'text' : 'html']);
	const sibling =
		siblingPath === null
			? null
			: splitHeaderBlock(await readTemplateText(siblingPath), siblingPath, { isSibling: true });
	const headerOwner = named.headers.length === 0 && sibling !== null ? sibling : named;
	const problems = [...named.problems, ...(sibling?.problems ?? [])];
	const headers = readHeaders(headerOwner.headers, problems);
	const ownBody = readBody(named, 'template', problems);
	const otherBody = sibling === null ? null : readBody(sibling, 'sibling', problems);
	if (problems.length > 0) throw templateError(problems);
	const warnings: string[] = [];
	if (named.headers.length > 0 && sibling !== null && sibling.headers.length > 0) {
		warnings.push(`the header lines of ${siblingPath} are not used: those of ${path} count`);
	}
	const [html, text] = kind === 'html' ? [ownBody, otherBody] : [otherBody, ownBody];
	const partials = await loadPartials({ html, text }, { templatePath: path, folder: partialsFolder });
	return { path, headers, html, text, partials, warnings };
}

function kindOf(path: string): { readonly kind: BodyKind; readonly stem: string } {
	const name = basename(path);
	if (/\.(md|markdown|mjml)(\.hbs)?$/i.test(name)) {
		throw new RunError(exitCodes.badInput, `${cleanText(path)}: Markdown and MJML templates are not supported yet`, {
			hint: 'name an .hbs, .html or .txt file',
		});
	}
	const ending = endingOf(name);
	if (ending === null) {
		const message = `${cleanText(path)}: its name does not say whether it is HTML or text`;
		throw new RunError(exitCodes.badInput, message, { hint: 'name the file .hbs or .html for HTML, .txt for text' });
	}
	return { kind: kindOfEnding(ending), stem: name.slice(0, -ending.length) };
}

async function findSibling(path: string, stem: string, endings: readonly string[]): Promise<string | null> {
	const found: string[] = [];
	for (const ending of endings) {
		const candidate = join(dirname(path), stem + ending);
		const isFile = await stat(candidate).then(
			(status) => status.isFile(),
			// Not there, or not for us to see: then it is no part of the message.
			() => false,
		);
		if (isFile) found.push(candidate);
	}
	if (found.length > 1) {
		throw new RunError(exitCodes.badInput, `${cleanText(path)}: which is its other part, ${found.join(' or ')}?`, {
			hint: 'keep one of them beside the template',
		});
	}
	return found[0] ?? null;
}

function readHeaders(lines: readonly HeaderLine[], problems: Problem[]): TemplateHeader[] {
	const headers: TemplateHeader[] = [];
	const seen = new Map<string, Place>();
	for (const { name: written, text, place } of lines) {
		const verdict = judgeHeaderName(written);
		const nameplace = { ...place, column: 1 };
		if (verdict.kind === 'refused') {
			problems.push({ place: nameplace, message: verdict.why });
			continue;
		}
		const { name } = verdict;
		const before = seen.get(name.toLowerCase());
		if (before !== undefined && !verdict.isRepeatable) {
			problems.push({ place: nameplace, message: `${name}: is there already, in line ${before.line}` });
			continue;
		}
		seen.set(name.toLowerCase(), place);
		headers.push({ name, kind: verdict.value, text, place });
	}
	return headers;
}

function readBody(split: SplitTemplate, origin: TemplateBody['origin'], problems: Problem[]): TemplateBody {
	if (split.body.text.trim() === '' && split.problems.length === 0) {
		problems.push({
			place: split.body.place,
			message: 'the body is empty; a blank line separates it from the header lines',
		});
	}
	return { ...split.body, origin };
}
