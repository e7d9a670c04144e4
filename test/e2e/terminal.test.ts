/** At a terminal: the plan, the question and its answers, the bar, and Ctrl-C. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startInTerminal, type Terminal } from '../helpers/in-terminal.ts';
import { buildList, buildTemplate } from '../helpers/list-builder.ts';
import { readLog } from '../helpers/read-log.ts';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.ts';
import { type AcceptedMail, smtpDialogue } from '../helpers/smtp-dialogue.ts';
import { type Cleanup, temporaryDirectory } from '../helpers/temporary-directory.ts';

interface Desk {
	readonly terminal: Terminal;
	readonly server: ScriptedServer;
	readonly accepted: readonly AcceptedMail[];
	readonly logPath: string;
}

async function sendAtTerminal(
	cleanup: Cleanup,
	rows: number,
	options: { readonly env?: Record<string, string> } = {},
): Promise<Desk> {
	const accepted: AcceptedMail[] = [];
	const server = await startScriptedServer(smtpDialogue({ accepted }));
	cleanup.after(() => server.stop());
	const cwd = temporaryDirectory(cleanup);
	buildList(cwd, { rows });
	buildTemplate(cwd);
	const args = ['send', 'list.csv', '-t', 'news.hbs', '--smtp', server.url, '--log', 'results.jsonl'];
	const terminal = startInTerminal(args, { cwd, ...(options.env === undefined ? {} : { env: options.env }) });
	return { terminal, server, accepted, logPath: join(cwd, 'results.jsonl') };
}

test('the plan says how many, to which host and with which subject; the typed number starts the run', async (t) => {
	const { terminal, server, accepted, logPath } = await sendAtTerminal(t, 30);
	await terminal.shows(/type/i);
	const plan = terminal.screen();
	for (const part of ['30', `127.0.0.1:${server.port}`, 'your November update', 'results.jsonl']) {
		assert.ok(plan.includes(part), `${part} is not in the plan:\n${plan}`);
	}
	assert.equal(server.connectionCount, 0, 'connected before the answer');
	terminal.type('30\r');
	assert.equal(await terminal.finished, 0, terminal.screen());
	assert.equal(accepted.length, 30);
	assert.equal(readLog(logPath).length, 30);
	assert.match(terminal.screen(), /accepted/);
});

for (const answer of ['y', '29', '']) {
	test(`above twenty messages the answer "${answer}" is no: exit 2, nothing sent`, async (t) => {
		const { terminal, server, logPath } = await sendAtTerminal(t, 30);
		await terminal.shows(/type/i);
		terminal.type(`${answer}\r`);
		assert.equal(await terminal.finished, 2, terminal.screen());
		assert.equal(server.connectionCount, 0);
		assert.ok(!existsSync(logPath), 'a log was left behind');
	});
}

test('up to twenty messages a plain y is enough', async (t) => {
	const { terminal, accepted } = await sendAtTerminal(t, 20);
	await terminal.shows(/y\/n/i);
	terminal.type('y\r');
	assert.equal(await terminal.finished, 0, terminal.screen());
	assert.equal(accepted.length, 20);
});

test('Ctrl-C at the question ends with 130 and nothing sent', async (t) => {
	const { terminal, server, logPath } = await sendAtTerminal(t, 30);
	await terminal.shows(/type/i);
	terminal.type('\u0003');
	assert.equal(await terminal.finished, 130, terminal.screen());
	assert.equal(server.connectionCount, 0);
	assert.ok(!existsSync(logPath));
});

test('NO_COLOR leaves no colour on the screen', async (t) => {
	const { terminal } = await sendAtTerminal(t, 3, { env: { NO_COLOR: '1' } });
	await terminal.shows(/y\/n/i);
	terminal.type('y\r');
	assert.equal(await terminal.finished, 0, terminal.screen());
	assert.doesNotMatch(terminal.screen(), /\u001b\[(?:3[0-7]|9[0-7]|38|[14])(?:;\d+)*m/);
});
