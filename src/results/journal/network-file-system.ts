/** Keeps a log off file systems of which several machines, or a program in between, hold parts: the journal's promises need more. */
import { dirname } from 'node:path';
import { cleanText } from '../../support/clean-text.ts';
import { exitCodes, RunError } from '../../support/errors.ts';
import { errorCode, type FileSystem } from '../../support/file-system.ts';
import { shellWord } from '../../support/shell-word.ts';
import { isNameFree, moveBoth } from '../way-out.ts';

/** statfs(2) magics: linux/magic.h, and the vendors' own for what is outside the kernel. */
const names: ReadonlyMap<number, string> = new Map([
	[0x0000_6969, 'NFS'],
	[0x0000_517b, 'SMB'],
	[0xff53_4d42, 'CIFS'],
	[0xfe53_4d42, 'SMB2'],
	[0x0000_564c, 'NCP'],
	[0x6573_5546, 'FUSE'],
	[0x0102_1997, '9p'],
	[0x5346_414f, 'AFS'],
	[0x6b41_4653, 'AFS'],
	[0x00c3_6400, 'Ceph'],
	[0x0116_1970, 'GFS2'],
	[0x7461_636f, 'OCFS2'],
	[0x0bd0_0bd0, 'Lustre'],
	[0x4750_4653, 'GPFS'],
	[0x7375_7245, 'Coda'],
	[0x1983_0326, 'BeeGFS'],
	[0x2003_0528, 'OrangeFS'],
	[0xaad7_aaea, 'PanFS'],
	[0x6163_6673, 'ACFS'],
	[0xbeef_dead, 'StorNext'],
	[0x0131_11a8, 'IBRIX'],
	[0x786f_4256, 'a VirtualBox shared folder'],
	[0xbacb_acbc, 'a VMware shared folder'],
	[0x7c7c_6673, 'a Parallels shared folder'],
]);

export interface LocalFileSystemOptions {
	/** Magics are Linux's; elsewhere all is allowed. */
	readonly platform?: NodeJS.Platform;
}

/** RunError 73 when the log's folder is on a file system that is known to be shared; unknown ones are allowed. Writes nothing. */
export function assertLocalFileSystem(
	logPath: string,
	files: FileSystem,
	{ platform = process.platform }: LocalFileSystemOptions = {},
): void {
	if (platform !== 'linux') return;
	const folder = dirname(logPath);
	const name = names.get(magicOf(folder, files));
	if (name === undefined) return;
	throw new RunError(
		exitCodes.cannotWriteLog,
		`the folder of the log, ${cleanText(folder)}, is on ${name}: appends and locks of several machines are not safe there`,
		{
			hint: [
				'Two runs could send to the same recipients, and a crash could lose what was sent.',
				...(isNameFree(logPath, files)
					? ['Choose a folder on a disk of this machine:', `  --log ${shellWord('/var/tmp/results.jsonl')}`]
					: [moveBoth(logPath).replace(/^Or move/, 'Move')]),
				'If only one machine ever writes there, and you take the risk of a crash:',
				'  --unsafe-fs',
			].join('\n'),
		},
	);
}

/** Unsigned: on 32-bit kernels the field is a signed word. */
function magicOf(folder: string, files: FileSystem): number {
	try {
		return files.statfs(folder) >>> 0;
	} catch (error) {
		// A folder that is missing or closed to us is named when the log is opened; a kernel without statfs knows no magic.
		if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENOSYS', 'EPERM', 'ELOOP', 'ENAMETOOLONG'].includes(errorCode(error)))
			return 0;
		throw error;
	}
}
