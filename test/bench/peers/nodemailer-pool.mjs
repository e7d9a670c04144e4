// The script that a careful person writes today instead of using mailshot: csv-parse, Handlebars and nodemailer's pool, one JSON line per recipient.
// Usage: node nodemailer-pool.mjs LIST TEMPLATE_HTML TEMPLATE_TEXT PORT LOG [--connections 20] [--tls-ca FILE]
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse';
import Handlebars from 'handlebars';
import nodemailer from 'nodemailer';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { connections: { type: 'string', default: '20' }, 'tls-ca': { type: 'string' } },
});
const [listPath, htmlPath, textPath, port, logPath] = positionals;
const maxConnections = Number(values.connections);
const caFile = values['tls-ca'];

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
	secure: caFile !== undefined,
	...(caFile === undefined ? {} : { tls: { ca: readFileSync(caFile) } }),
	pool: true,
	maxConnections,
	maxMessages: 1000,
});
const log = createWriteStream(logPath, { flags: 'wx', mode: 0o600 });
const runId = crypto.randomUUID();

// Two per connection keep every connection busy and the memory flat.
let underWay = 0;
let wake = () => {};

async function send(row, number) {
	const queuedAt = performance.now();
	let renderMs = 0;
	let started = queuedAt;
	let result;
	try {
		const message = {
			from: headers.get('From'),
			to: { name: `${row.first_name} ${row.last_name}`, address: row.email },
			subject: renderSubject(row),
			html: renderHtml(row),
			text: renderText(row),
			textEncoding: 'quoted-printable',
		};
		started = performance.now();
		renderMs = started - queuedAt;
		const sent = await transport.sendMail(message);
		result = { status: 'accepted', messageId: sent.messageId, response: sent.response, sizeBytes: sent.messageSize };
	} catch (error) {
		const code = error.responseCode ?? 0;
		const status = code >= 500 ? 'bounced' : code >= 400 ? 'deferred' : 'failed';
		result = { status, response: error.response ?? '', stage: error.command ?? '', error };
	}
	const times = { renderMs, smtpMs: performance.now() - started };
	if (!log.write(`${JSON.stringify(logRow(row, number, result, times))}\n`)) await once(log, 'drain');
	underWay--;
	wake();
}

// The columns of mailshot's log. What nodemailer does not tell stays empty: which connection it was and how long the message waited for it.
function logRow(row, number, result, { renderMs, smtpMs }) {
	const { status, response = '', error } = result;
	const [, code = '0', enhancedCode = ''] = /^(\d{3})[ -]?(\d\.\d{1,3}\.\d{1,3})?/.exec(response) ?? [];
	return {
		v: 1,
		timestamp: new Date().toISOString(),
		source: 'smtp',
		status,
		final: true,
		attempt: 1,
		recipient: row.email,
		recipient_domain: row.email.slice(row.email.lastIndexOf('@') + 1),
		key: row.email.toLowerCase(),
		row: number,
		line: number + 1,
		message_id: result.messageId ?? '',
		smtp_code: Number(code),
		enhanced_code: enhancedCode,
		smtp_stage: result.stage ?? 'verdict',
		smtp_response: response,
		remote_id: /queued as (\S+)/.exec(response)?.[1] ?? '',
		bounce_type: '',
		bounce_category: '',
		bounce_action: '',
		bounce_rule: '',
		skip_reason: '',
		error_type: error?.code ?? '',
		error_message: error?.message ?? '',
		server_address: '127.0.0.1',
		server_port: Number(port),
		connection: 0,
		size_bytes: result.sizeBytes ?? 0,
		queue_ms: 0,
		render_ms: renderMs,
		smtp_ms: smtpMs,
		run_id: runId,
		campaign: 'news',
		tags: {},
	};
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
