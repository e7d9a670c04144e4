/** Puts a text into a command line that people copy: quoted only when the shell would read it otherwise. */

export function shellWord(text: string): string {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
