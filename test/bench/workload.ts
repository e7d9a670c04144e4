/** What all contenders send (reference/performance.md): six columns with UTF-8 names, 4 KB of HTML, 0.8 KB of text, about 5.8 KB on the wire. */
import { buildList, writeFileIn } from '../helpers/list-builder.ts';

export interface Workload {
	readonly htmlTemplate: string;
	readonly textTemplate: string;
	/** A list of `rows` rows; made once for each size. */
	list(rows: number): string;
}

const paragraph =
	'The autumn catalogue is out, with more than two hundred new things for house and garden, and, because so many of you asked for it, the lamp is back in all four colours.';

const cell = `\t<td style="padding: 12px 24px; font-family: Helvetica, Arial, sans-serif; font-size: 15px; line-height: 22px">\n\t\t${paragraph}\n\t</td>\n`;

/** Writes the templates to `directory` at once, and the lists when they are asked for. */
export function prepareWorkload(directory: string): Workload {
	const html = `From: Acme News <news@acme.example>
To: {{first_name}} {{last_name}} <{{email}}>
Subject: {{first_name}}, your November update from {{city}}

<!doctype html>
<html><body>
<h1>Dear {{first_name}} {{last_name}},</h1>
<p>greetings to {{city}}! You have {{credit}} on your {{plan}} plan.</p>
<table>\n${`<tr>\n${cell}</tr>\n`.repeat(12)}</table>
<p>Sent to {{email}}.</p>
</body></html>
`;
	const text = `Dear {{first_name}} {{last_name}},

greetings to {{city}}! You have {{credit}} on your {{plan}} plan.

${`${paragraph}\n\n`.repeat(4)}Sent to {{email}}.
`;
	const lists = new Map<number, string>();
	return {
		htmlTemplate: writeFileIn(directory, 'news.html', html),
		textTemplate: writeFileIn(directory, 'news.txt', text),
		list(rows) {
			const path = lists.get(rows) ?? buildList(directory, { rows, fileName: `list-${rows}.csv` });
			lists.set(rows, path);
			return path;
		},
	};
}
