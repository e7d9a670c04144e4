/** What a trace shows in place of messages: their size (RFC 5321 §4.1.1.4, RFC 3030). */

/** A group that ends with `commands`, and before them may hold a content with its dot, or the dot alone. */
export function maskGroup(group: string, commands: string): string {
	const length = group.length - commands.length - dot.length;
	const start = length < 0 ? '' : length === 0 ? dot : contentSize(length) + dot;
	return start + withoutChunks(commands);
}

const dot = '.\r\n';

/** A line of a content may look like a command: what is inside a content is passed over. */
function withoutChunks(group: string): string {
	let shown = '';
	let from = 0;
	for (const { 0: command, 1: octets, index } of group.matchAll(/^BDAT ([1-9]\d*)(?: LAST)?\r\n/gm)) {
		if (index < from) continue;
		const start = index + command.length;
		shown += group.slice(from, start) + contentSize(Number(octets));
		from = start + Number(octets);
	}
	return shown + group.slice(from);
}

export function contentSize(octets: number): string {
	return `<${octets} octets>\r\n`;
}
