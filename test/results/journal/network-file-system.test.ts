import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLocalFileSystem } from '../../../src/results/journal/network-file-system.ts';
import { type FileSystem, nodeFileSystem } from '../../../src/support/file-system.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { systemError } from '../faulty-file-system.ts';

function filesOn(statfs: (path: string) => number): FileSystem {
	return { ...nodeFileSystem, statfs };
}

for (const [magic, name] of [
	[0x6969, 'NFS'],
	[0xfe534d42, 'SMB2'],
	[-0x1acb2be, 'SMB2'],
	[0xff534d42, 'CIFS'],
	[0x65735546, 'FUSE'],
	[0x01021997, '9p'],
	[0x00c36400, 'Ceph'],
	[0x47504653, 'GPFS'],
] as const) {
	test(`a log on ${name} (${magic}) is refused with 73, its name, and the flag`, () => {
		const asked: string[] = [];
		const files = filesOn((path) => {
			asked.push(path);
			return magic;
		});
		assert.throws(
			() => assertLocalFileSystem('/mnt/share/r.jsonl', files, { platform: 'linux' }),
			(error) => {
				const { exitCode, message, hint } = Object(error);
				assert.equal(exitCode, 73);
				assert.ok(message.includes(`/mnt/share, is on ${name}: `), message);
				assert.match(hint, /^ {2}--unsafe-fs$/m);
				return true;
			},
		);
		assert.deepEqual(asked, ['/mnt/share']);
	});
}

test('ext4, and a file system that nobody has heard of, are allowed', () => {
	for (const magic of [0xef53, 0x12345678])
		assertLocalFileSystem(
			'r.jsonl',
			filesOn(() => magic),
			{ platform: 'linux' },
		);
});

test('elsewhere than on Linux the number means nothing', () => {
	assertLocalFileSystem(
		'r.jsonl',
		filesOn(() => 0x6969),
		{ platform: 'darwin' },
	);
});

test('a folder that does not exist is left to those who open the log', (t) => {
	assertLocalFileSystem(`${temporaryDirectory(t)}/missing/r.jsonl`, nodeFileSystem);
	const broken = filesOn(() => {
		throw systemError('EIO', 'i/o error');
	});
	assert.throws(() => assertLocalFileSystem('r.jsonl', broken, { platform: 'linux' }), { code: 'EIO' });
});
