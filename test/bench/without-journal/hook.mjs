/** For `node --import`: gives mailshot a log without journal and marks, so that the benchmark can tell what they cost. Nothing of it ships. */
import { register } from 'node:module';

const source = `export async function resolve(specifier, context, next) {
	const found = await next(specifier, context);
	const isLog = found.url.endsWith('/dist/results/campaign-log.js') && !context.parentURL?.endsWith('/rows-only.mjs');
	return isLog ? { ...found, url: ${JSON.stringify(new URL('rows-only.mjs', import.meta.url).href)} } : found;
}`;

register(`data:text/javascript,${encodeURIComponent(source)}`);
