/**
 * A body template whose fixed text is encoded once (reference/performance.md §3.3): rendering yields the values with marks between them, and the
 * encoder puts the encoded stretches in their places.
 *
 * Sound as long as no helper reads what its block renders; the built-in ones hand it on untouched. Handlebars strips whitespace around tags
 * when it parses, so the fixed text is taken after that.
 */
import { isBlock, isContent, isPresent } from './ast-nodes.ts';
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
	replaceContent(program, segments);
	if (segments.length > maxSegments) return null;
	const render = compile(program);
	return (values, options, writer) => writer.write(render(values, options), segments);
}

function replaceContent(program: Program, segments: Segment[]): void {
	for (const statement of program.body) {
		if (isContent(statement) && statement.value !== '') {
			segments.push(encodeSegment(statement.value));
			statement.value = segmentMarker(segments.length - 1);
		} else if (isBlock(statement)) {
			if (isPresent(statement.program)) replaceContent(statement.program, segments);
			if (isPresent(statement.inverse)) replaceContent(statement.inverse, segments);
		}
	}
}

/** The plain way: render everything, encode everything. For templates that have no sound segments. */
export function compileWhole(render: Render): WriteBody {
	return (values, options, writer) => writer.write(render(values, options), []);
}
