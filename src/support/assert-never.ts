/** Ends a switch over a tagged union: a variant nobody handled is a compile error, and at run time a bug. */
export function assertNever(value: never): never {
	throw new Error(`unhandled variant: ${JSON.stringify(value)}`);
}
