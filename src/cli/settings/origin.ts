/** What a value is called in messages, by where it was given, and what to type there instead. */
import { exitCodes, RunError, UsageError } from '../../support/errors.ts';

/**
 * A value and its origin, which is how it is named in messages, with the place behind it when it stands in a file:
 * `--rate`, `MAILSHOT_RATE`, `MAILSHOT_RATE in prod.env:3`, `rate: in mailshot.yaml:3:7`.
 */
export interface Given {
	readonly text: string;
	readonly origin: string;
}

const separator = ' in ';

/** `place` is file:line:column, or file:line. */
export function originIn(name: string, place: string): string {
	return `${name}${separator}${place}`;
}

/** `mailshot.yaml:3:7`, `prod.env:3`, `MAILSHOT_RATE`, `--rate`: the shortest that finds it. */
export function placeOf(origin: string): string {
	const { name, place } = split(origin);
	return place === '' ? name : place;
}

/** `--rate "fast"`, `MAILSHOT_RATE="fast"`, `rate: "fast" in mailshot.yaml:3:7`. */
export function said({ text, origin }: Given): string {
	const { name, place } = split(origin);
	return `${assign(name, JSON.stringify(text))}${place === '' ? '' : `${separator}${place}`}`;
}

/** As it stands on a command line, before it, or in the file: `--rate 14/s`, `MAILSHOT_RATE=14/s`, `rate: 14/s`. */
export function typed(origin: string, value: string): string {
	return assign(split(origin).name, value);
}

/** Parses; what is wrong in a configuration file is exit 78, what is wrong on the command line or in the environment exit 2. */
export function checked<Value>(given: Given, parse: (given: Given) => Value): Value {
	try {
		return parse(given);
	} catch (error) {
		if (!(error instanceof UsageError) || !isFromConfig(given.origin)) throw error;
		const { message, hint } = error;
		throw new RunError(exitCodes.badConfiguration, message, { hint, cause: error });
	}
}

function isFromConfig(origin: string): boolean {
	return split(origin).name.endsWith(':');
}

/** No name has a space, so the first separator is it, whatever the file is called. */
function split(origin: string): { readonly name: string; readonly place: string } {
	const at = origin.indexOf(separator);
	return at === -1
		? { name: origin, place: '' }
		: { name: origin.slice(0, at), place: origin.slice(at + separator.length) };
}

function assign(name: string, value: string): string {
	if (name.startsWith('-')) return `${name} ${value}`;
	return name.endsWith(':') ? `${name} ${value}` : `${name}=${value}`;
}
