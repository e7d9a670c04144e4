/** The process: the one place that reads process.env and ends the process, and the one catch for all that goes wrong. */
import { packageVersion } from './package-file.ts';

// A reader that goes away (`| head`) mutes a stream, and the campaign goes on. EIO: the terminal was closed.
for (const stream of [process.stdout, process.stderr]) {
	stream.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
	});
}

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
	// Scripts ask for the version to see whether mailshot is there: that is answered before anything is loaded.
	if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
		process.stdout.write(`${packageVersion()}\n`);
		return 0;
	}
	const { runProgram } = await import('./run-program.ts');
	return runProgram(args, process);
}
