// The second pass over a list, as far as rows are read and looked up, not rendered. Usage: node read-list.mjs LIST; counts rows.

import { eachRow, freshKeys, openForRun } from './open-list.mjs';
import { timed } from './timed.mjs';

const list = await openForRun(process.argv[2]);
const keys = freshKeys();
// As the survey left them: all keys are there, none is visited.
await eachRow(list, ({ key }) => keys.seek(key));

await timed(async () => {
	let rows = 0;
	await eachRow(list, ({ key }) => {
		if (keys.visit(key) === 0) rows++;
	});
	return rows;
});
