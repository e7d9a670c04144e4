// Reads a journal as a run does that goes on with it. Usage: node read-journal.mjs LOG; counts records.
import { randomBytes } from 'node:crypto';
import { KeyTable } from '../../../dist/recipients/key-table.js';
import { journalPath } from '../../../dist/results/journal/journal-record.js';
import { readJournal } from '../../../dist/results/journal/read-journal.js';
import { nodeFileSystem } from '../../../dist/support/file-system.js';
import { timed } from './timed.mjs';

const [log] = process.argv.slice(2);
const tables = { keys: new KeyTable(randomBytes(16)), locals: new KeyTable(randomBytes(16)) };

await timed(async () => (await readJournal(journalPath(log), { ...tables, files: nodeFileSystem })).records);
