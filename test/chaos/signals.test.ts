/** Each signal in each phase of a run, once and twice: how it ends, what is in the log, and that the same command goes on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import { cleanEnvironment, mailshotProgram, type RunningMailshot } from '../helpers/run-mailshot.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import { CampaignSite } from './campaign-site.ts';
import { startChaosServer } from './chaos-server.ts';
import { judge } from './judge.ts';
import type { ServerBehaviour } from './server-behaviour.ts';

const server = await startChaosServer({ after });
const connections = 2;

const stopping = [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const;

interface Phase {
	readonly name: string;
	readonly rows: number;
	readonly behaviour: Partial<ServerBehaviour>;
	/** Resolves when the run is in it. */
	readonly reached: () => Promise<void>;
	/** Verdicts that are due while it lasts. */
	readonly openDots: number;
	/** Everything is sent: a stop changes nothing. */
	readonly isOver: boolean;
}

const held = { greeting: false, quit: false, dotsFrom: 0 };

const phases: readonly Phase[] = [
	{
		name: 'waiting for the first connection',
		rows: 20,
		behaviour: { held: { ...held, greeting: true } },
		reached: () => server.connected(),
		openDots: 0,
		isOver: false,
	},
	{
		name: 'sending',
		rows: 150,
		behaviour: { verdictMs: [10, 10] },
		reached: () => server.dots(20),
		openDots: connections,
		isOver: false,
	},
	{
		name: 'waiting for verdicts',
		rows: 20,
		behaviour: { held: { ...held, dotsFrom: 5 } },
		reached: () => server.dots(4 + connections),
		openDots: connections,
		isOver: false,
	},
	{
		name: 'closing',
		rows: 4,
		behaviour: { held: { ...held, quit: true } },
		reached: () => server.quit(),
		openDots: 0,
		isOver: true,
	},
];

async function reach(
	t: TestContext,
	phase: Phase,
	...flags: readonly string[]
): Promise<[CampaignSite, RunningMailshot]> {
	const site = new CampaignSite({
		directory: temporaryDirectory(t),
		smtp: server.url,
		rows: phase.rows,
		flags: ['--concurrency', String(connections)],
	});
	await server.begin(phase.behaviour);
	const reached = phase.reached();
	const running = site.start(...flags);
	await Promise.race([reached, running.finished]);
	return [site, running];
}

/** The log is complete, and the same command goes on to the end. */
async function assertGoesOn(site: CampaignSite, unknownBound: number): Promise<void> {
	assertTruth(site, { truth: await server.report(), unknownBound, isFinished: false });
	await server.behave({});
	const next = await site.run();
	assert.ok(next.code === 0 || next.code === 3, next.stderr);
	assertTruth(site, { truth: await server.report(), unknownBound, isFinished: true });
}

function assertTruth(
	site: CampaignSite,
	facts: Pick<Parameters<typeof judge>[0], 'truth' | 'unknownBound' | 'isFinished'>,
): void {
	// Stopped before anything was sent, it leaves nothing.
	if (!facts.isFinished && !existsSync(site.logPath)) return assert.equal(facts.truth.dots.length, 0);
	const { violations } = judge({ logPath: site.logPath, keys: site.keys, window: 2, files: 'whole', ...facts });
	assert.deepEqual(violations, []);
}

for (const phase of phases) {
	for (const [signal, code] of stopping) {
		const expected = phase.isOver ? 0 : code;
		test(`${signal} while ${phase.name}: ends with ${expected}, no dot is left open, and the same command goes on`, async (t) => {
			const [site, running] = await reach(t, phase);
			running.kill(signal);
			await running.stderrContains('Stopping');
			server.release();
			const ended = await running.finished;
			assert.equal(ended.code, expected, ended.stderr);
			await assertGoesOn(site, 0);
		});

		test(`${signal} twice while ${phase.name}: ends with ${expected}, what was open is unknown, and the same command goes on`, async (t) => {
			const [site, running] = await reach(t, phase);
			running.kill(signal);
			// Two of a kind that come at the same moment are one to the kernel.
			await running.stderrContains('Stopping');
			running.kill(signal);
			const ended = await running.finished;
			assert.equal(ended.code, expected, ended.stderr);
			server.release();
			await assertGoesOn(site, phase.openDots);
		});
	}

	for (const signal of ['SIGPIPE', 'SIGUSR2'] as const) {
		test(`${signal} while ${phase.name}, once and again: the run goes on to its end`, async (t) => {
			const [site, running] = await reach(t, phase);
			running.kill(signal);
			running.kill(signal);
			server.release();
			const ended = await running.finished;
			assert.equal(ended.code, 0, `${ended.signal} ${ended.stderr}`);
			assertTruth(site, { truth: await server.report(), unknownBound: 0, isFinished: true });
		});
	}
}

for (const [signal, code] of stopping) {
	test(`${signal} while verdicts never come: after --grace the dots are unknown, and the same command goes on`, async (t) => {
		const phase = phases.find(({ name }) => name === 'waiting for verdicts');
		assert.ok(phase !== undefined);
		const [site, running] = await reach(t, phase, '--grace', '1s');
		running.kill(signal);
		const ended = await running.finished;
		assert.equal(ended.code, code, ended.stderr);
		server.release();
		await assertGoesOn(site, connections);
	});
}

for (const [signal, code] of [...stopping, ['SIGPIPE', null], ['SIGUSR2', null]] as const) {
	for (const times of [1, 2]) {
		const how = code === null ? 'goes on reading' : `ends with ${code} and leaves nothing`;
		test(`${signal} ${times === 1 ? 'once' : 'twice'} while the list is read from a pipe: ${how}`, async (t) => {
			const site = new CampaignSite({ directory: temporaryDirectory(t), smtp: server.url, rows: 1 });
			await server.begin();
			const cwd = temporaryDirectory(t);
			const args = ['send', '-', '--template', site.templatePath, '--log', site.logPath, '--smtp', server.url, '--yes'];
			const child = spawn(process.execPath, [mailshotProgram, ...args], {
				cwd,
				env: cleanEnvironment(cwd),
				detached: true,
				stdio: ['pipe', 'ignore', 'pipe'],
			});
			let stderr = '';
			child.stderr.on('data', (chunk: Buffer) => {
				stderr += chunk.toString();
			});
			child.stdin.on('error', () => {});
			const over = once(child, 'close');
			// More than a pipe holds: once it is written, somebody reads.
			child.stdin.write('email,first_name,city\n');
			const rows = Array.from({ length: 100 }, (_, index) => `user${index}@example.com,N,${'long '.repeat(6_000)}\n`);
			await new Promise((resolve) => child.stdin.write(rows.join(''), resolve));
			for (let count = 0; count < times; count++) child.kill(signal);
			if (code === null) child.stdin.end();
			const [ended, by] = await over;
			// The second one may meet a process that is on its way out and no longer listens: a shell sees the same code.
			const seen = ended ?? (times === 2 && by === signal ? 128 + constants.signals[signal] : null);
			assert.equal(seen, code ?? 0, `${by} ${stderr}`);
			const { dots } = await server.report();
			assert.equal(dots.length, code === null ? 100 : 0);
			if (code !== null) assert.ok(!existsSync(site.logPath));
		});
	}
}

test('standard output that goes away mutes the progress, and the run goes on', async (t) => {
	const site = new CampaignSite({ directory: temporaryDirectory(t), smtp: server.url, rows: 100 });
	await server.begin({ verdictMs: [10, 10] });
	const args = ['send', 'list.csv', '--template', 'news.hbs', '--log', 'results.jsonl', '--smtp', server.url, '--yes'];
	const child = spawn(process.execPath, [mailshotProgram, ...args, '--json', '--progress', '1s'], {
		cwd: site.directory,
		env: cleanEnvironment(site.directory),
		detached: true,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const over = once(child, 'close');
	await server.dots(10);
	child.stdout.destroy();
	child.kill('SIGUSR2');
	child.kill('SIGUSR2');
	assert.deepEqual(await over, [0, null]);
	assertTruth(site, { truth: await server.report(), unknownBound: 0, isFinished: true });
});

test('SIGUSR2 says how far it is', async (t) => {
	const phase = phases.find(({ name }) => name === 'waiting for verdicts');
	assert.ok(phase !== undefined);
	const [, running] = await reach(t, phase);
	running.kill('SIGUSR2');
	await running.stderrContains('4/20');
	server.release();
	assert.equal((await running.finished).code, 0);
});
