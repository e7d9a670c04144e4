// The script that a careful person writes today instead of using mailshot: csv-parse, Handlebars and nodemailer's pool, one JSON line per recipient.
// Usage: node nodemailer-pool.mjs LIST TEMPLATE_HTML TEMPLATE_TEXT PORT CONNECTIONS LOG
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { parse } from 'csv-parse';
import Handlebars from 'handlebars';
import nodemailer from 'nodemailer';

const [listPath, htmlPath, textPath, port, connections, logPath] = process.argv.slice(2);
const maxConnections = Number(connections);

// The same file as mailshot reads: header lines, a blank line, the body.
const source = readFileSync(htmlPath, 'utf8');
const bodyStart = source.indexOf('\n\n');
const headers = new Map(
	source
		.slice(0, bodyStart)
		.split('\n')
		.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
);
const fast = { strict: true, knownHelpersOnly: true };
const renderSubject = Handlebars.compile(headers.get('Subject'), { ...fast, noEscape: true });
const renderHtml = Handlebars.compile(source.slice(bodyStart + 2), fast);
const renderText = Handlebars.compile(readFileSync(textPath, 'utf8'), { ...fast, noEscape: true });

const transport = nodemailer.createTransport({
	host: '127.0.0.1',
	port: Number(port),
	pool: true,
	maxConnections,
	maxMessages: 1000,
});
const log = createWriteStream(logPath, { flags: 'wx', mode: 0o600 });

// Two per connection keep every connection busy and the memory flat.
let underWay = 0;
let wake = () => {};

async function send(row, number) {
	const started = performance.now();
	let result;
	try {
		const sent = await transport.sendMail({
			from: headers.get('From'),
			to: { name: `${row.first_name} ${row.last_name}`, address: row.email },
			subject: renderSubject(row),
			html: renderHtml(row),
			text: renderText(row),
			textEncoding: 'quoted-printable',
		});
		result = {
			status: 'accepted',
			message_id: sent.messageId,
			smtp_response: sent.response,
			size_bytes: sent.messageSize,
		};
	} catch (error) {
		const status = error.responseCode >= 500 ? 'bounced' : 'failed';
		result = {
			status,
			smtp_code: error.responseCode ?? 0,
			smtp_response: error.response ?? '',
			error_message: error.message,
		};
	}
	const line = {
		timestamp: new Date().toISOString(),
		recipient: row.email,
		row: number,
		...result,
		smtp_ms: performance.now() - started,
	};
	if (!log.write(`${JSON.stringify(line)}\n`)) await once(log, 'drain');
	underWay--;
	wake();
}

let number = 0;
for await (const row of createReadStream(listPath).pipe(parse({ columns: true, bom: true }))) {
	while (underWay >= 2 * maxConnections) {
		await new Promise((resolve) => {
			wake = resolve;
		});
	}
	underWay++;
	void send(row, ++number);
}
while (underWay > 0) {
	await new Promise((resolve) => {
		wake = resolve;
	});
}
transport.close();
log.end();
await once(log, 'close');
