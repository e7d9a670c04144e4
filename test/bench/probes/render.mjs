// Renders the rows of a list again and again, to the octets that go to the socket. Usage: node render.mjs LIST TEMPLATE COUNT fast|full; counts messages.
import { randomBytes } from 'node:crypto';
import { compileMessage } from '../../../dist/message/compile-message.js';
import { loadTemplate } from '../../../dist/message/load-template.js';
import { systemClock } from '../../../dist/support/clock.js';
import { eachRow, openForRun } from './open-list.mjs';
import { timed } from './timed.mjs';

const [path, template, count, way] = process.argv.slice(2);
const list = await openForRun(path);
const recipients = [];
await eachRow(list, (row) => recipients.push(row));
const message = await compileMessage(await loadTemplate(template), {
	columns: list.columns,
	emailColumn: list.emailColumn,
	set: new Map(),
	campaign: 'bench',
	campaignId: randomBytes(16),
	clock: systemClock,
	randomBytes,
});
if (message.fastPath !== (way === 'fast')) throw new Error(`not the ${way} way: ${message.slowPathReason}`);
const octets = Buffer.allocUnsafe(1024 * 1024);

function renderSome(times) {
	for (let time = 0; time < times; time++) {
		const rendering = message.render(recipients[time % recipients.length]);
		if (rendering.kind !== 'rendered') throw new Error(rendering.message);
		// The session copies it once, to stand before the commands of the next.
		octets.set(rendering.message.content);
	}
	return times;
}

renderSome(Math.min(10_000, Number(count)));
await timed(() => renderSome(Number(count)));
