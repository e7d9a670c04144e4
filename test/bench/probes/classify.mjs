// Classifies the replies of a fixture again and again. Usage: node classify.mjs FIXTURE COUNT
import { readFileSync } from 'node:fs';
import { classify } from '../../../dist/bounces/classify.js';
import { replyFromText } from '../../../dist/bounces/reply-from-text.js';
import { timed } from './timed.mjs';

const [fixture, count] = process.argv.slice(2);
const rows = JSON.parse(readFileSync(fixture, 'utf8'));
const refused = rows.map(({ reply, stage, via, provider }) => ({ reply: replyFromText(reply), stage, via, provider }));

function classifyAll(times) {
	let done = 0;
	for (let time = 0; time < times; time++) {
		for (const each of refused) if (classify(each).category !== '') done++;
	}
	return done;
}

classifyAll(100);
await timed(() => classifyAll(Math.ceil(Number(count) / refused.length)));
