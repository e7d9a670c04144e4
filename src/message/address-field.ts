/**
 * Headers that hold one address (RFC 5322 §3.4): From, To, Reply-To. They are built from a name and an address that were taken apart in the
 * template, never pasted: a row can change the name, and nothing it holds becomes a second address.
 */
import { parseAddress } from '../recipients/parse-address.ts';
import type { Address } from '../recipients/row.ts';
import { cleanText } from '../support/clean-text.ts';
import { isBlock, isContent, isPresent } from './ast-nodes.ts';
import { compileInline, staticText } from './compile-inline.ts';
import type { Render } from './compile-program.ts';
import { appendToken, encodePhrase, encodeUnstructured, hasForbiddenCharacter } from './encode-header-text.ts';
import { type HeaderField, lineBreakFailure, type RenderedLine, valueFailure } from './header-field.ts';
import type { Program } from './parse-template.ts';

type CompileText = (program: Program) => Render;

/** The one sender of the campaign: From (`envelope.from` is the same for every row). */
export interface Sender {
	readonly field: HeaderField;
	readonly address: Address;
	/** A-label. */
	readonly domain: string;
}

/** To with the row's own address, alone: what a template without a To line gets. */
export const plainTo: HeaderField = {
	name: 'To',
	constant: null,
	render: ({ recipient }) => writeAddress('To', '', recipient.address),
};

/** Reads From: its name may hold variables, its address may not. Gives what is wrong as text. */
export function compileSender(name: string, program: Program, compile: CompileText): Sender | string {
	if (hasTwoAddresses(program)) return 'holds two addresses; a message has one sender';
	const parts = splitAddress(program);
	const whole = staticText(program);
	if (parts === null && whole !== null) {
		return `"${cleanText(whole.trim(), 120)}" is no sender; write it like Acme News <news@acme.example>`;
	}
	const written = parts === null ? null : staticText(parts.address);
	if (parts === null || written === null) return 'the address may hold no variables: every message has the same sender';
	const parsed = parseAddress(written.trim());
	if (parsed.kind === 'invalid') return `"${cleanText(written.trim(), 120)}" ${parsed.problem}`;
	if (parsed.smtpUtf8)
		return `"${cleanText(written.trim(), 120)}" has letters before the @ that are not ASCII; a sender needs ASCII there`;
	const { address, domain } = parsed;
	const display = displayOf(parts, compile);
	const field: HeaderField = {
		name,
		constant: display.fixed === null ? null : writeAddress(name, display.fixed, address),
		render: ({ values, options }) => writeAddress(name, display.render(values, options), address),
	};
	return { field, address, domain };
}

/** To (`isOwn`: whatever the template says, the address must be the row's) or another header with one address, which may come from the row. */
export function compileAddressField(
	name: string,
	program: Program,
	{ compile, isOwn }: { readonly compile: CompileText; readonly isOwn: boolean },
): HeaderField | string {
	if (hasTwoAddresses(program)) return 'holds two addresses; it takes one';
	const parts = splitAddress(program);
	if (parts === null) return 'its "<" and ">" must not stand inside {{#if}} and the like';
	const display = displayOf(parts, compile);
	const address = compileInline(parts.address, compile);
	const fixed = staticText(parts.address);
	let constant: RenderedLine | null = null;
	if (fixed !== null) {
		if (isOwn)
			return "its address must be the row's own, for example <{{@email}}>; for another recipient add a row to the list";
		const parsed = parseAddress(fixed.trim());
		if (parsed.kind === 'invalid') return `"${cleanText(fixed.trim(), 120)}" ${parsed.problem}`;
		if (parsed.smtpUtf8) return `"${cleanText(fixed.trim(), 120)}" has letters before the @ that are not ASCII`;
		if (display.fixed !== null) constant = writeAddress(name, display.fixed, parsed.address);
	}
	return {
		name,
		constant,
		render({ recipient, values, options }) {
			const text = display.render(values, options);
			const written = address(values, options).trim();
			if (hasForbiddenCharacter(written)) return lineBreakFailure(name, null);
			const own = recipient.address;
			if (isOwn && written === own) return writeAddress(name, text, own);
			if (!isOwn && written === '') return '';
			const parsed = parseAddress(written);
			if (parsed.kind === 'invalid') return valueFailure(name, `"${cleanText(written, 120)}" ${parsed.problem}`);
			if (!isOwn) return writeAddress(name, text, parsed.address);
			if (parsed.address.toLowerCase() === own.toLowerCase()) return writeAddress(name, text, own);
			return valueFailure(name, `"${cleanText(written, 120)}" is not the address of this row, ${cleanText(own)}`);
		},
	};
}

function displayOf(
	parts: AddressParts,
	compile: CompileText,
): { readonly render: Render; readonly fixed: string | null } {
	if (parts.name === null) return { render: () => '', fixed: '' };
	return { render: compileInline(parts.name, compile), fixed: staticText(parts.name) };
}

function writeAddress(name: string, rendered: string, address: Address): RenderedLine {
	if (hasForbiddenCharacter(rendered)) return lineBreakFailure(name, null);
	const display = rendered.trim();
	let line = `${name}:`;
	if (display !== '') line += ` ${encodePhrase(display, line.length + 1)}`;
	// A local part beyond ASCII would make the header 8-bit. RFC 6857 §3.1.8 gives the 7-bit form: an empty group with the address as its name.
	const token = isAscii(address)
		? display === ''
			? address
			: `<${address}>`
		: groupOf(address, display === '' ? line.length + 1 : 0);
	const complete = appendToken(line, token);
	return complete === null ? valueFailure(name, 'is too long for a header line') : `${complete}\r\n`;
}

function groupOf(address: Address, used: number): string {
	return `${encodeUnstructured(address, used)} :;`;
}

function isAscii(text: string): boolean {
	for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7e) return false;
	return true;
}

interface AddressParts {
	readonly name: Program | null;
	readonly address: Program;
}

/** `name <address>` at the last "<" of the fixed text; without one all of it is the address. Null when the brackets do not pair up there. */
function splitAddress(program: Program): AddressParts | null {
	const { body } = program;
	const openAt = body.findLastIndex((node) => isContent(node) && node.value.includes('<'));
	const opening = body[openAt];
	if (opening === undefined || !isContent(opening))
		return hasBracket(program) ? null : { name: null, address: program };
	const open = opening.value.lastIndexOf('<');
	const inside = [{ ...opening, value: opening.value.slice(open + 1) }, ...body.slice(openAt + 1)];
	const closing = inside.at(-1);
	if (closing === undefined || !isContent(closing) || !/^[^>]*>\s*$/.test(closing.value)) return null;
	inside[inside.length - 1] = { ...closing, value: closing.value.slice(0, closing.value.indexOf('>')) };
	const name = [...body.slice(0, openAt), { ...opening, value: opening.value.slice(0, open) }];
	return { name: { ...program, body: unquoted(name) }, address: { ...program, body: inside } };
}

/** `A <a@b.example>, c@d.example`; without any "<" the address itself shows it. */
function hasTwoAddresses({ body }: Program): boolean {
	const outline = body.map((node) => (isContent(node) ? node.value : 'x')).join('');
	return /<[^<>]*>\s*[,;][^<>]*@|<[^<>]*>[^<>]*<[^<>]*>|@[^<>]*[,;][^<>]*<[^<>]*>/.test(
		outline.replace(/"(?:\\"|[^"])*"/g, ''),
	);
}

function hasBracket(program: Program): boolean {
	return program.body.some((node) => {
		if (isContent(node)) return /[<>]/.test(node.value);
		if (!isBlock(node)) return false;
		return [node.program, node.inverse].some((inner) => isPresent(inner) && hasBracket(inner));
	});
}

// `"{{last}}, {{first}}" <...>`: the quotes are how mail writes such a name, not part of it.
function unquoted(body: readonly hbs.AST.Statement[]): hbs.AST.Statement[] {
	const [first] = body;
	const last = body.at(-1);
	if (first === undefined || last === undefined || !isContent(first) || !isContent(last)) return [...body];
	const isQuoted =
		first === last ? /^\s*".*"\s*$/.test(first.value) : /^\s*"/.test(first.value) && /"\s*$/.test(last.value);
	if (!isQuoted) return [...body];
	return body.map((node) => {
		if (!isContent(node)) return node;
		let { value } = node;
		if (node === first) value = value.trimStart().slice(1);
		if (node === last) value = value.trimEnd().slice(0, -1);
		return { ...node, value: value.replace(/\\(["\\])/g, '$1') };
	});
}
