/** Lets a long alternation be written as lines that can be read. */

/** A pattern that matches what any of `patterns` matches; their flags are ignored. */
export function oneOf(...patterns: readonly RegExp[]): RegExp {
	return new RegExp(patterns.map((pattern) => pattern.source).join('|'));
}
