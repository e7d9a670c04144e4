/**
 * Preloaded into the mailer (`node --import`): notes what is durable, as far as the mailer was told. Each completed fsync or fdatasync becomes a line in
 * the file that MAILSHOT_TEST_SYNCS names, with the size that the file had when the sync began; so does each cut (ftruncate). MAILSHOT_TEST_SYNC_MS makes
 * the disk slow.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const { fdatasync, fdatasyncSync, fsync, fsyncSync, ftruncateSync } = fs;
const delayMs = Number(process.env.MAILSHOT_TEST_SYNC_MS ?? 0);
const out = fs.openSync(process.env.MAILSHOT_TEST_SYNCS, 'a', 0o600);

function look(descriptor) {
	const stats = fs.fstatSync(descriptor, { bigint: true });
	const inode = String(stats.ino);
	if (!stats.isDirectory()) return { type: 'file', inode, size: Number(stats.size) };
	const directory = fs.readlinkSync(`/proc/self/fd/${descriptor}`);
	return { type: 'directory', directory, names: fs.readdirSync(directory).map((name) => basename(name)) };
}

function note(seen) {
	fs.writeSync(out, `${JSON.stringify(seen)}\n`);
}

function recordedSync(sync) {
	return (descriptor) => {
		const seen = look(descriptor);
		sync(descriptor);
		note(seen);
	};
}

function recorded(sync) {
	return (descriptor, done) => {
		const seen = look(descriptor);
		const start = () =>
			sync(descriptor, (error) => {
				if (error === null) note(seen);
				done(error);
			});
		if (delayMs === 0) start();
		else setTimeout(start, delayMs);
	};
}

fs.fdatasync = recorded(fdatasync);
fs.fsync = recorded(fsync);
fs.fdatasyncSync = recordedSync(fdatasyncSync);
fs.fsyncSync = recordedSync(fsyncSync);
fs.ftruncateSync = (descriptor, length = 0) => {
	const { inode } = look(descriptor);
	ftruncateSync(descriptor, length);
	note({ type: 'cut', inode, size: length });
};
syncBuiltinESMExports();
