/** Writes recipient lists and templates for tests and benchmarks. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface ListShape {
	readonly rows: number;
	/** Address of row `n` (from 1). */
	readonly address?: (n: number) => string;
	readonly fileName?: string;
}

const firstNames = ['Zoë', 'Bob', 'Łukasz', 'Anna', 'Müge', '太郎', 'Siân', 'José', 'Eve', 'Ngọc'];
const cities = ['Köln', 'Paris', 'Łódź', 'Oslo', 'İzmir', '東京', 'Cardiff', 'San José'];

/** A CSV of six columns (email, first_name, last_name, city, plan, credit) with UTF-8 names; addresses are `user<n>@example.com`. Returns its path. */
export function buildList(directory: string, shape: ListShape): string {
	const path = join(directory, shape.fileName ?? 'list.csv');
	const address = shape.address ?? ((n: number) => `user${n}@example.com`);
	const file = openSync(path, 'w');
	let block = 'email,first_name,last_name,city,plan,credit\n';
	for (let n = 1; n <= shape.rows; n++) {
		const firstName = firstNames[n % firstNames.length];
		const city = cities[n % cities.length];
		block += `${address(n)},${firstName},"O'Neill, ${n}",${city},${n % 3 === 0 ? 'gold' : 'basic'},${n % 97}.50\n`;
		if (block.length > 65_536) {
			writeSync(file, block);
			block = '';
		}
	}
	writeSync(file, block);
	closeSync(file);
	return path;
}

/** Writes a file that a test spells out, for example a list of three odd rows. Returns its path. */
export function writeFileIn(directory: string, fileName: string, content: string | Buffer): string {
	const path = join(directory, fileName);
	writeFileSync(path, content);
	return path;
}

const smallTemplate = `From: Acme News <news@acme.example>
To: {{first_name}} {{last_name}} <{{email}}>
Subject: {{first_name}}, your November update

<h1>Hello {{first_name}},</h1>
<p>greetings to {{city}}. You have {{credit}} on your {{plan}} plan.</p>
`;

/** A template that fits `buildList`. Returns its path. */
export function buildTemplate(directory: string, content: string = smallTemplate): string {
	return writeFileIn(directory, 'news.hbs', content);
}
