/** mailshot itself as a contender: the command that a user types, in its own process. */
import { join } from 'node:path';
import { type Arena, checkLog, inFreshDirectory, root } from './arena.ts';
import { measure } from './measure.ts';
import type { Contender } from './race.ts';

export interface MailshotOptions {
	readonly flags?: readonly string[];
	/** A log without journal and marks, by a hook that does not ship. */
	readonly withoutJournal?: boolean;
	readonly name?: string;
}

/** `mailshot send`: plan, both passes over the list, full log rows. */
export function mailshot(arena: Arena, messages: number, options: MailshotOptions = {}): Contender {
	const { workload, server, connections, caFile } = arena;
	const hook = join(root, 'test/bench/without-journal/hook.mjs');
	const preload = options.withoutJournal === true ? [`NODE_OPTIONS=--import=${hook}`] : [];
	const url = `${caFile === undefined ? 'smtp' : 'smtps'}://127.0.0.1:${server.port}`;
	const trust = caFile === undefined ? [] : ['--tls-ca', caFile];
	return {
		name: options.name ?? ['mailshot send', ...(options.flags ?? [])].join(' '),
		messages,
		server,
		run: () =>
			inFreshDirectory(arena, async (cwd) => {
				const files = [workload.list(messages), '--template', workload.htmlTemplate, '--log', 'results.jsonl'];
				const to = ['--smtp', url, ...trust, '--concurrency', `${connections}`];
				const args = ['send', ...files, ...to, '--yes', '--quiet', ...(options.flags ?? [])];
				const cost = await measure('env', [...preload, join(root, 'bin/mailshot.js'), ...args], { cwd });
				checkLog(join(cwd, 'results.jsonl'), messages);
				return cost;
			}),
	};
}
