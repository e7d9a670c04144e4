// The first pass over a list: parses, checks, finds duplicates, counts domains. Usage: node survey-list.mjs LIST; counts rows.
import { surveyList } from '../../../dist/recipients/survey-list.js';
import { freshKeys, openForRun } from './open-list.mjs';
import { timed } from './timed.mjs';

const list = await openForRun(process.argv[2]);
const keys = freshKeys();

await timed(async () => (await surveyList(list, { maxProblems: 100, sampleSize: 1, keys })).rows);
