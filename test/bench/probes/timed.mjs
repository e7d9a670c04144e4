// What the probes have in common: run something, print what it cost. `run` gives how many it did.
export async function timed(run) {
	const cpuBefore = process.cpuUsage();
	const startedAt = performance.now();
	const count = await run();
	const seconds = (performance.now() - startedAt) / 1000;
	const { user, system } = process.cpuUsage(cpuBefore);
	const peakBytes = process.resourceUsage().maxRSS * 1024;
	process.stdout.write(`${JSON.stringify({ count, seconds, cpuSeconds: (user + system) / 1e6, peakBytes })}\n`);
}
