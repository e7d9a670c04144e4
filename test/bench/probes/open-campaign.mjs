// Reads journal and log as a run does that goes on with them: who is settled, what is torn, whether the log is what the journal vouches for. Usage: node open-campaign.mjs LOG; counts records.
import { randomBytes } from 'node:crypto';
import { KeyTable } from '../../../dist/recipients/key-table.js';
import { openCampaign } from '../../../dist/results/open-campaign.js';
import { timed } from './timed.mjs';

const [log] = process.argv.slice(2);
const tables = { keys: new KeyTable(randomBytes(16)), locals: new KeyTable(randomBytes(16)) };

await timed(async () => (await openCampaign(log, tables)).reading.records);
