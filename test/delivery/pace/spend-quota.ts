/** A process of its own that spends from a ledger on disk as fast as it may, at a time that stands still, and prints a line for each message. */
import { writeSync } from 'node:fs';
import { FileQuotaLedger } from '../../../src/delivery/pace/quota-ledger.ts';
import { type DirectorySystem, nodeFileSystem } from '../../../src/support/file-system.ts';

const [, , directory = '', wallMs = '0', quota = '1', most = 'Infinity'] = process.argv;

/** So that processes meet between any two calls. */
function dawdle(): void {
	const until = performance.now() + Math.random();
	while (performance.now() < until);
}

const files: DirectorySystem = {
	...nodeFileSystem,
	write(descriptor, bytes, offset) {
		dawdle();
		return nodeFileSystem.write(descriptor, bytes, offset);
	},
	read(descriptor, into, position) {
		dawdle();
		return nodeFileSystem.read(descriptor, into, position);
	},
};

const ledger = new FileQuotaLedger({ directory, account: 'relay.example:587 news', files, random: Math.random });
const spending = ledger.open([{ count: Number(quota), periodMs: 86_400_000, burst: 1 }], () => Number(wallMs));
for (let sent = 0; sent < Number(most) && spending.readyAtMs(0) <= 0; sent += 1) {
	spending.spend(0);
	writeSync(1, 'sent\n');
}
spending.close();
