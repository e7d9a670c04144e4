/** A row with several attempts, killed while the last one waits for its verdict: going on must not send it again. */
import type { CampaignSite } from './campaign-site.ts';
import type { ChaosServer } from './chaos-server.ts';
import { judge } from './judge.ts';

/** The row's nth dot has no verdict, and mailshot is killed. */
export async function killAtDot(
	site: CampaignSite,
	server: ChaosServer,
	dot: number,
	...flags: readonly string[]
): Promise<void> {
	const running = site.start(...flags);
	await server.dots(dot);
	running.kill('SIGKILL');
	await running.finished;
}

/** Goes on, twice: sends nothing, and the row is unknown. What is not so. */
export async function goOnAfterDots(site: CampaignSite, server: ChaosServer, dots: number): Promise<string[]> {
	const violations: string[] = [];
	await server.behave({});
	for (let again = 0; again < 2; again++) {
		const ended = await site.run();
		const truth = await server.report();
		const verdict = judge({
			logPath: site.logPath,
			keys: site.keys,
			truth,
			unknownBound: 1,
			window: 2,
			isFinished: true,
			files: 'whole',
		});
		if (ended.code !== 3) violations.push(`it ended with ${ended.code}:\n${ended.stderr}`);
		if (truth.dots.length > dots) violations.push('it was sent again');
		if (verdict.unknown !== 1) violations.push('it is not unknown');
		violations.push(...verdict.violations);
	}
	return violations;
}

/** Mark, deferred, mark, dot, crash. */
export async function crashAfterDeferral(site: CampaignSite, server: ChaosServer): Promise<string[]> {
	const verdicts = { 'user1@example.com': ['451 4.3.0 later'] };
	await server.begin({ verdicts, held: { greeting: false, quit: false, dotsFrom: 2 } });
	const first = await site.run();
	if (first.code !== 5) return [`a deferred row ended the run with ${first.code}:\n${first.stderr}`];
	await killAtDot(site, server, 2);
	return goOnAfterDots(site, server, 2);
}
