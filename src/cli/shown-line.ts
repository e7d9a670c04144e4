/** One value of a report for people, before it is laid out. */

export interface ShownLine {
	readonly text: string;
	/** whole: never broken into lines. */
	readonly kind: 'plain' | 'warning' | 'whole';
}

export function plain(...texts: readonly string[]): ShownLine[] {
	return texts.filter((text) => text !== '').map((text) => ({ text, kind: 'plain' }));
}

export function warning(text: string): ShownLine {
	return { text, kind: 'warning' };
}
