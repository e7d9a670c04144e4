/** The process: the one place that reads process.env and ends the process, and the one catch for all that goes wrong. */
import { packageVersion } from './package-file.ts';
import { drained, surviveErrors } from './steady-output.ts';

const streams = [process.stdout, process.stderr];
for (const stream of streams) surviveErrors(stream);
// It asks for a status line; where nobody listens yet it would end the process, which is the worst answer.
process.on('SIGUSR2', () => {});
const exitCode = await main(process.argv.slice(2));
// process.exit drops what a pipe has not taken yet.
await Promise.all(streams.map(drained));
process.exit(exitCode);

async function main(args: readonly string[]): Promise<number> {
	// Scripts ask for the version to see whether mailshot is there: that is answered before anything is loaded.
	if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
		process.stdout.write(`${packageVersion()}\n`);
		return 0;
	}
	const { runProgram } = await import('./run-program.ts');
	return runProgram(args, process);
}
