// Answers the links of: mailshot send ... --unsubscribe-url "https://acme.example/u/{{@unsubscribe_token}}"
// Needs MAILSHOT_SECRET as the campaign had it. Put it behind the web server that speaks https for acme.example.
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';

const { MAILSHOT = 'mailshot', PORT = '8025', LIST = 'unsubscribed.csv' } = process.env;
const page = '<!doctype html><title>Unsubscribe</title><form method="post"><button>Unsubscribe me</button></form>';

const server = createServer((request, response) => {
	const answer = (status, text) => response.writeHead(status, { 'content-type': 'text/html' }).end(text);
	const token = /^\/u\/(1[\w.-]{24,2000})$/.exec(request.url ?? '')?.[1];
	if (token === undefined) return answer(404, 'There is nothing here.');
	// Programs that look at links for viruses follow them all: a GET only asks.
	if (request.method !== 'POST') return answer(200, page);
	// What is posted (List-Unsubscribe=One-Click, or nothing from the form) says no more than the link does.
	request.resume();
	execFile(MAILSHOT, ['unsubscribe', 'verify', '--suppress', LIST, token], (error) => {
		// 65: forged. Anything else is our trouble, and the mail program may try again.
		if (error !== null) return answer(error.code === 65 ? 400 : 503, 'That did not work.');
		answer(200, 'You will get no more mail from us.');
	});
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/u/TOKEN`));
