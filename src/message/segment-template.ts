/**
 * A body template whose fixed text is encoded once (reference/performance.md §3.3): rendering yields the values with marks between them, and the
 * encoder puts the encoded stretches in their places.
 *
 * Sound as long as no helper reads what its block renders; the built-in ones hand it on untouched. Handlebars strips whitespace around tags
 * when it parses, so the fixed text is taken after that.
 */
import { isContent, isMustache, programsIn } from './ast-nodes.ts';
import type { Render, RenderOptions } from './compile-program.ts';
import type { Program } from './parse-template.ts';
import {
	encodeSegment,
	maxSegments,
	type QuotedPrintableWriter,
	type Segment,
	segmentMarker,
} from './quoted-printable.ts';
import type { RowValues } from './row-context.ts';

/** Writes the encoded body of one row. */
export type WriteBody = (values: RowValues, options: RenderOptions, writer: QuotedPrintableWriter) => void;

/** Replaces the fixed text in `program` by marks. Null when it has more stretches than there are marks. */
export function compileSegments(program: Program, compile: (program: Program) => Render): WriteBody | null {
	const segments: Segment[] = [];
	replaceContent(program, segments, new Map());
	if (segments.length > maxSegments) return null;
	const render = compile(program);
	return (values, options, writer) => writer.write(render(values, options), segments);
}

// A partial that is used often is encoded once.
function replaceContent(program: Program, segments: Segment[], known: Map<string, number>): void {
	for (const statement of program.body) {
		if (isContent(statement) && statement.value !== '') {
			const index = known.get(statement.value) ?? segments.push(encodeSegment(statement.value)) - 1;
			known.set(statement.value, index);
			statement.value = segmentMarker(index);
		} else for (const inner of programsIn(statement)) replaceContent(inner, segments, known);
	}
}

/** The plain way: render everything, encode everything. For templates that have no sound segments. */
export function compileWhole(render: Render): WriteBody {
	return (values, options, writer) => writer.write(render(values, options), []);
}

/** Places in a resolved tree where a value is put in. */
export function countValues(program: Program): number {
	return program.body.reduce(
		(sum, node) =>
			programsIn(node).reduce((below, inner) => below + countValues(inner), sum + (isMustache(node) ? 1 : 0)),
		0,
	);
}
