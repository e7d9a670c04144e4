/** Stands in for dist/message/segment-template.js: no template can be taken apart. */
export * from '../../../dist/message/segment-template.js';

export function compileSegments() {
	return null;
}
