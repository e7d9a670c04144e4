/** What the benchmark prints: a table for each section, and one of all figures with their floors and goals. */
import type { Conditions } from './conditions.ts';
import type { Figure, Section } from './section.ts';

export type Verdict = 'aim' | 'must' | 'below';

export interface JudgedFigure extends Figure {
	readonly section: string;
	/** `aim`: the goal is reached; `must`: the floor is; `below`: neither. */
	readonly verdict: Verdict;
}

export function withVerdicts(sections: readonly Section[]): readonly JudgedFigure[] {
	return sections.flatMap(({ name, figures }) =>
		figures.map((figure) => ({ ...figure, section: name, verdict: verdictOn(figure) })),
	);
}

function verdictOn({ value, must, aim, better }: Figure): Verdict {
	const reaches = (line: number) => (better === 'more' ? value >= line : value <= line);
	if (reaches(aim)) return 'aim';
	return reaches(must) ? 'must' : 'below';
}

export function sectionText({ title, notes, columns, rows }: Section): string {
	return [`## ${title}`, '', table([columns, ...rows]), '', ...notes.map((note) => `- ${note}`)].join('\n');
}

export function closingText(figures: readonly JudgedFigure[], conditions: Conditions): string {
	const rows = figures.map((figure) => [
		figure.what,
		withUnit(figure.value, figure.unit),
		`${figure.better === 'more' ? '>=' : '<='} ${withUnit(figure.must, figure.unit)}`,
		`${figure.better === 'more' ? '>=' : '<='} ${withUnit(figure.aim, figure.unit)}`,
		figure.verdict,
	]);
	const { machine, peers } = conditions;
	return [
		'## Figures of design.md §8',
		'',
		table([['figure', 'reached', 'must', 'aim', 'verdict'], ...rows]),
		'',
		...Object.entries(machine).map(([what, value]) => `- ${what}: ${value}`),
		...Object.entries(peers).map(([peer, version]) => `- ${peer}: ${version}`),
	].join('\n');
}

function withUnit(value: number, unit: string): string {
	const text = Math.abs(value) < 10 ? Number(value.toFixed(2)).toString() : Math.round(value).toLocaleString('en');
	return unit === 'x' || unit.startsWith('/') ? `${text}${unit}` : `${text} ${unit}`.trimEnd();
}

/** Markdown, aligned for terminals: the first row heads it, and cells after the first are numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length), 3));
	const line = (row: readonly string[]) =>
		`| ${widths.map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width))).join(' | ')} |`;
	const rule = `|${widths.map((width, column) => (column === 0 ? `${'-'.repeat(width + 2)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
	const [head = [], ...body] = rows;
	return [line(head), rule, ...body.map(line)].join('\n');
}
