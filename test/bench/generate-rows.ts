/** A process that makes the rows of the workload and writes them to a pipe: `node --import tsx generate-rows.ts ROWS PIPE`. It says `ready` and waits for a reader. */
import { basename, dirname } from 'node:path';
import { buildList } from '../helpers/list-builder.ts';
import { addressOfRow } from './row-feed.ts';

const [rows = '', pipe = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
buildList(dirname(pipe), { rows: Number(rows), fileName: basename(pipe), address: addressOfRow });
