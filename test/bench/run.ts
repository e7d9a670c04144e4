/** `npm run bench`: runs the sections one after the other, prints their tables and at the end all figures of design.md §8 (README.md beside this file). */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killDescendants } from './children.ts';
import { measureClassify } from './classify.ts';
import { readConditions } from './conditions.ts';
import { measureConnections } from './connections.ts';
import { measureEndToEnd } from './end-to-end.ts';
import { measureNoPipelining } from './no-pipelining.ts';
import { parseOptions } from './options.ts';
import { closingText, sectionText, withVerdicts } from './report.ts';
import { measureResume } from './resume.ts';
import { measureRows } from './rows.ts';
import type { BenchContext, Measure, Section } from './section.ts';
import { measureSegments } from './segments.ts';
import { measureSlowServer } from './slow-server.ts';
import { measureStartUp } from './start-up.ts';
import { measureTls } from './tls.ts';
import { measureWan } from './wan.ts';
import { prepareWorkload } from './workload.ts';

const sections: Readonly<Record<string, Measure>> = {
	end_to_end: measureEndToEnd,
	slow_server: measureSlowServer,
	no_pipelining: measureNoPipelining,
	tls: measureTls,
	wan: measureWan,
	rows: measureRows,
	connections: measureConnections,
	resume: measureResume,
	start_up: measureStartUp,
	classify: measureClassify,
	segments: measureSegments,
};

const options = parseOptions(process.argv.slice(2), Object.keys(sections));
if (options.list) {
	process.stdout.write(`${Object.keys(sections).join('\n')}\n`);
} else {
	await runSections();
}

async function runSections(): Promise<void> {
	if (!existsSync(fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)))) {
		throw new Error('nothing is built: npm run build');
	}
	const directory = mkdtempSync(join(tmpdir(), 'mailshot-bench-'));
	const cleanUp = () => {
		killDescendants(process.pid);
		rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
	};
	for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
		process.once(signal, () => {
			cleanUp();
			process.exit(code);
		});
	}
	try {
		const conditions = readConditions(options);
		const results: Section[] = [];
		const workload = prepareWorkload(directory);
		for (const name of options.only) {
			process.stderr.write(`\n${name}\n`);
			const context: BenchContext = {
				directory,
				workload,
				rounds: options.rounds,
				connections: options.connections,
				scale: options.scale,
				say: (text) => process.stderr.write(`${text}\n`),
			};
			// What one section could not measure is no reason to lose the others: the run takes half an hour.
			const section = await sections[name]?.(context).catch((error: unknown) => failed(name, error));
			if (section === undefined) continue;
			results.push(section);
			// Each table as soon as it is there: the whole takes half an hour.
			if (!options.json) process.stdout.write(`${sectionText(section)}\n\n`);
		}
		const figures = withVerdicts(results);
		const all = { conditions, sections: results, figures };
		process.stdout.write(options.json ? `${JSON.stringify(all)}\n` : `${closingText(figures, conditions)}\n`);
	} finally {
		cleanUp();
	}
}

function failed(name: string, error: unknown): undefined {
	process.stderr.write(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
	process.exitCode = 1;
}
