/** A process that takes the lock of a log when its standard input says so, tells how that went, and holds it until its input ends. */
import { once } from 'node:events';
import { LogLock } from '../../../src/results/journal/log-lock.ts';
import { readProcessIdentity } from '../../../src/results/journal/process-identity.ts';
import { systemClock } from '../../../src/support/clock.ts';

const [logPath = '', sockets = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
try {
	const identity = readProcessIdentity();
	const lock = await LogLock.acquire(logPath, {
		identity,
		clock: systemClock,
		hasAbstractSockets: sockets === 'sockets',
	});
	process.stdout.write('held\n');
	await once(process.stdin, 'end');
	lock.release();
} catch (error) {
	const { exitCode, message } = Object(error);
	process.stdout.write(`${exitCode} ${message}\n`);
	process.stdin.destroy();
}
