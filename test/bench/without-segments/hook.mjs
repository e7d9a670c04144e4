/** For `node --import`: has mailshot render and encode every message in full, so that the benchmark can tell what encoding the fixed text once is worth. Nothing of it ships. */
import { register } from 'node:module';

const source = `export async function resolve(specifier, context, next) {
	const found = await next(specifier, context);
	const isSegments = found.url.endsWith('/dist/message/segment-template.js') && !context.parentURL?.endsWith('/never-sound.mjs');
	return isSegments ? { ...found, url: ${JSON.stringify(new URL('never-sound.mjs', import.meta.url).href)} } : found;
}`;

register(`data:text/javascript,${encodeURIComponent(source)}`);
