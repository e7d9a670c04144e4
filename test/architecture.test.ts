/** Holds the walls of the house (design.md §2): who may import whom, which package lives where, what only one file may do. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { linesWith, readImports } from './helpers/read-imports.ts';

/** Room -> rooms it may import; `(types)`: only what vanishes when compiled. src/README.md shows the same table. */
const importTable: Readonly<Record<string, readonly string[]>> = {
	support: [],
	recipients: ['support'],
	message: ['recipients', 'support'],
	smtp: ['support'],
	bounces: ['smtp (types)', 'recipients', 'support'],
	mailboxes: ['support'],
	delivery: ['message', 'smtp', 'bounces', 'support'],
	results: ['delivery', 'bounces', 'recipients (types)', 'support'],
	preflight: ['recipients', 'message', 'smtp', 'bounces', 'support'],
	preview: ['recipients', 'message', 'support'],
	report: ['results', 'bounces', 'support'],
	sandbox: ['support'],
	'send.ts': ['recipients', 'message', 'delivery', 'results', 'support'],
	'feedback.ts': ['mailboxes', 'recipients', 'bounces', 'results', 'support'],
	cli: ['everything'],
};

/** npm package -> rooms that may import it. One that is not listed belongs to no room. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
	commander: ['cli'],
	ora: ['cli'],
	'cli-progress': ['cli'],
	yaml: ['cli', 'bounces'],
	'csv-parse': ['recipients'],
	'iconv-lite': ['recipients'],
	handlebars: ['message'],
	'html-to-text': ['message', 'bounces'],
	'postal-mime': ['bounces'],
	nodemailer: ['message', 'smtp'],
	'smtp-server': ['sandbox'],
};

interface HouseRule {
	readonly what: string;
	readonly pattern: RegExp;
	/** Files or rooms (ending in /) where it is allowed. */
	readonly allowedIn: readonly string[];
}

const houseRules: readonly HouseRule[] = [
	{ what: 'process.exit', pattern: /\bprocess\.exit\b(?!Code)/gm, allowedIn: ['cli/main.ts'] },
	{ what: 'process.env', pattern: /\bprocess\.env\b/gm, allowedIn: ['cli/'] },
	{
		what: 'a clock of its own',
		pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bprocess\.(?:hrtime|uptime)\b/gm,
		allowedIn: ['support/clock.ts'],
	},
	{ what: 'a timer of its own', pattern: /(?<![.\w])set(?:Timeout|Interval)\s*\(/gm, allowedIn: ['support/clock.ts'] },
	{ what: 'Math.random', pattern: /\bMath\.random\b/gm, allowedIn: [] },
	{ what: 'module-level mutable state', pattern: /^(?:export\s+)?(?:let|var)\s/gm, allowedIn: [] },
	{ what: 'a default export', pattern: /^export\s+default\b/gm, allowedIn: [] },
];

interface SourceFile {
	/** Relative to src, with `/`. */
	readonly path: string;
	readonly text: string;
}

const sourceRoot = fileURLToPath(new URL('../src', import.meta.url));

function readSources(): SourceFile[] {
	const paths = readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' });
	return paths
		.filter((path) => path.endsWith('.ts'))
		.map((path) => ({ path, text: readFileSync(join(sourceRoot, path), 'utf8') }));
}

function roomOf(path: string): string {
	return path.split('/', 1)[0] ?? path;
}

/** What is wrong with the imports of `file`, one line each. */
function forbiddenImports(file: SourceFile): string[] {
	const room = roomOf(file.path);
	const allowed = importTable[room];
	if (allowed === undefined) return [`src/${file.path}: the room ${room} is not in the import table`];
	return readImports(file.text).flatMap(({ specifier, typeOnly, line }) => {
		const place = `src/${file.path}:${line}`;
		if (specifier.startsWith('node:')) return [];
		if (!specifier.startsWith('.')) {
			const name = specifier.startsWith('@') ? specifier : roomOf(specifier);
			return packageRooms[name]?.includes(room) ? [] : [`${place}: the package ${name} does not belong in ${room}`];
		}
		const target = roomOf(normalize(join(dirname(file.path), specifier)));
		if (target === room || allowed.includes('everything') || allowed.includes(target)) return [];
		if (allowed.includes(`${target} (types)`)) {
			return typeOnly ? [] : [`${place}: ${room} may import only types from ${target}`];
		}
		return [`${place}: ${room} may not import ${target} (${specifier})`];
	});
}

/** Where `file` does what only others may do, one line each. */
function brokenRules(file: SourceFile): string[] {
	return houseRules.flatMap(({ what, pattern, allowedIn }) => {
		const allowed = allowedIn.some((place) =>
			place.endsWith('/') ? file.path.startsWith(place) : file.path === place,
		);
		if (allowed) return [];
		return linesWith(file.text, pattern).map((line) => `src/${file.path}:${line}: ${what}`);
	});
}

test('every import in src is an arrow of the import table', () => {
	assert.deepEqual(readSources().flatMap(forbiddenImports), []);
});

test('no file does what only the clock, the command line or nobody may do', () => {
	assert.deepEqual(readSources().flatMap(brokenRules), []);
});

test('the product stays on one screen: send.ts has at most 120 lines', () => {
	const send = readSources().find((file) => file.path === 'send.ts');
	assert.ok(send !== undefined, 'src/send.ts is missing');
	assert.ok(send.text.trimEnd().split('\n').length <= 120, 'src/send.ts has outgrown its screen');
});

test('the table in src/README.md is the one that is held here', () => {
	const readme = readFileSync(join(sourceRoot, 'README.md'), 'utf8');
	const rows = [...readme.matchAll(/^ {4}(\S+)\s+-> (.+)$/gm)].filter((row) => !row[0].includes('.csv'));
	const shown = rows.map(([, room = '', targets = '']) => [
		room,
		targets === '(node: only)' ? [] : targets.split(', '),
	]);
	assert.deepEqual(Object.fromEntries(shown), importTable);
});

test('the checker sees an arrow that is not in the table, in every spelling', () => {
	const forbidden = [
		`import { dial } from '../smtp/dial.ts';`,
		`import type { Reply } from '../smtp/reply.ts';`,
		`import {\n\tdial,\n\ttype Reply,\n} from '../smtp/dial.ts';`,
		`import * as dial from "../smtp/dial.ts";`,
		`import '../smtp/dial.ts';`,
		`export { dial } from '../smtp/dial.ts';`,
		`export * from '../smtp/dial.ts';`,
		`const { dial } = await import('../smtp/dial.ts');`,
		`import { send } from '../send.ts';`,
		`import { main } from '../cli/main.ts';`,
		`import nodemailer from 'nodemailer';`,
		`import type { Options } from 'csv-parse/sync';`,
		`import { x } from '@somebody/package';`,
		`const fs = await import('fs');`,
	];
	for (const text of forbidden.filter((each) => !each.includes('csv-parse'))) {
		assert.equal(forbiddenImports({ path: 'recipients/x.ts', text }).length, 1, text);
	}
	for (const text of forbidden.filter((each) => each.includes('csv-parse'))) {
		assert.equal(forbiddenImports({ path: 'message/x.ts', text }).length, 1, text);
	}
	assert.deepEqual(forbiddenImports({ path: 'attic/x.ts', text: '' }), [
		'src/attic/x.ts: the room attic is not in the import table',
	]);
});

test('the checker lets types through where only types may pass', () => {
	const path = 'bounces/classify.ts';
	const typed = [`import type { Reply } from '../smtp/reply.ts';`, `import { type Reply } from '../smtp/reply.ts';`];
	for (const text of typed) assert.deepEqual(forbiddenImports({ path, text }), []);
	const valued = [
		`import { replyText } from '../smtp/reply.ts';`,
		`import { type Reply, replyText } from '../smtp/reply.ts';`,
	];
	for (const text of valued) {
		assert.deepEqual(forbiddenImports({ path, text }), [
			'src/bounces/classify.ts:1: bounces may import only types from smtp',
		]);
	}
});

test('the checker takes no comment or string for an import or a broken rule', () => {
	const text = `/** See import('../smtp/dial.ts'); process.env decides. */\n// import { dial } from '../smtp/dial.ts';\nconst hint = 'process.exit(1)';\n`;
	assert.deepEqual(forbiddenImports({ path: 'recipients/x.ts', text }), []);
	assert.deepEqual(brokenRules({ path: 'recipients/x.ts', text }), []);
});

test('the checker sees each rule broken, and where', () => {
	const broken = [
		'process.exit(1);',
		'const { HOME } = process.env;',
		'const at = Date.now();',
		'const at = new Date();',
		'const at = performance.now();',
		'setTimeout(retry, 10);',
		'setInterval(show, 10);',
		'const seed = Math.random();',
		'let count = 0;',
		'export let count = 0;',
		'export default class {}',
		// biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
		'const line = `at ${Date.now()}`;',
	];
	for (const line of broken) {
		const found = brokenRules({ path: 'delivery/pool.ts', text: `/** First line. */\n${line}\n` });
		assert.equal(found.length, 1, line);
		assert.match(found[0] ?? '', /^src\/delivery\/pool\.ts:2: /);
	}
	assert.deepEqual(brokenRules({ path: 'smtp/dial.ts', text: 'socket.setTimeout(0);\n' }), []);
	assert.deepEqual(brokenRules({ path: 'cli/main.ts', text: 'process.exitCode = 3;\nprocess.exit(1);\n' }), []);
	assert.deepEqual(
		brokenRules({ path: 'cli/help.ts', text: 'process.exitCode = 3;\nconst { CI } = process.env;\n' }),
		[],
	);
	assert.equal(brokenRules({ path: 'cli/help.ts', text: 'process.exit(1);\n' }).length, 1);
});
