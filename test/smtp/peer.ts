/** A scripted SMTP server on a real socket: says what the script says for each step, in the bytes the mode cuts it into. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** How replies are cut into writes. */
export type Serving = 'whole' | 'by_line' | 'byte_by_byte';

export const servings: readonly Serving[] = ['whole', 'by_line', 'byte_by_byte'];

/** What a step answers: a text to send (CRLF added), nothing, or a text (may be '') and then a close or reset. */
export type Answer =
	| string
	| null
	| { readonly say: string; readonly ending: 'close' | 'reset' }
	/** Sent as it stands. */
	| { readonly raw: string };

/** `nth` counts the step's occurrences on this connection, from 1. */
export interface Script {
	readonly ehlo?: () => Answer;
	readonly mail?: (address: string, nth: number) => Answer;
	readonly rcpt?: (address: string, nth: number) => Answer;
	readonly data?: (nth: number) => Answer;
	/** BDAT with one octet: the client tries whether it is known. Where it is not (500, 502) that octet begins the next command. */
	readonly trial?: (nth: number) => Answer;
	/** Also of a message that came with BDAT. */
	readonly verdict?: (content: string, nth: number) => Answer;
	readonly rset?: (nth: number) => Answer;
	readonly quit?: () => Answer;
}

export interface Peer {
	/** The client's end, connected. */
	readonly socket: Socket;
	/** Every command line and, for content, `<n octets>`, in the order received; `|` marks the end of what arrived together. */
	readonly heard: string[];
	/** Contents that got a 2yz verdict. */
	readonly accepted: string[];
	/** Says something that nothing asked for. */
	readonly say: (answer: Answer) => void;
	close(): void;
}

export async function startPeer(script: Script, serving: Serving = 'whole'): Promise<Peer> {
	const server = await startScriptedServer({ script: () => script, serving });
	const socket = connect({ port: server.port, host: '127.0.0.1' });
	await once(socket, 'connect');
	return {
		socket,
		heard: server.heard,
		accepted: server.accepted,
		say: server.say,
		close() {
			socket.destroy();
			server.close();
		},
	};
}

export interface ScriptedServer {
	readonly port: number;
	readonly heard: string[];
	readonly accepted: string[];
	/** Connections so far. */
	readonly connections: () => number;
	/** Says something that nothing asked for, on every connection. */
	readonly say: (answer: Answer) => void;
	/** Stops listening and breaks every connection. */
	close(): void;
}

export interface ScriptedServerOptions {
	/** Asked for each connection, numbered from 1. */
	readonly script: (connection: number) => Script;
	readonly serving?: Serving;
	/** Said to each connection at once; '' for none. A greeting other than 220 is followed by a close. */
	readonly greeting?: (connection: number) => string;
	readonly port?: number;
}

export async function startScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
	const heard: string[] = [];
	const accepted: string[] = [];
	const sockets = new Map<Socket, (answer: Answer) => void>();
	let connections = 0;
	const server = createServer({ allowHalfOpen: true }, (socket) => {
		connections += 1;
		socket.on('close', () => sockets.delete(socket));
		const greeting = options.greeting?.(connections) ?? '';
		if (greeting !== '') socket.write(`${greeting}\r\n`);
		if (greeting !== '' && !greeting.startsWith('220')) socket.end();
		const talk = { script: options.script(connections), serving: options.serving ?? 'whole', heard, accepted };
		sockets.set(socket, converse(socket, talk));
	});
	server.listen(options.port ?? 0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return {
		port: address.port,
		heard,
		accepted,
		connections: () => connections,
		say(answer) {
			for (const say of sockets.values()) say(answer);
		},
		close() {
			for (const socket of sockets.keys()) socket.destroy();
			server.close();
		},
	};
}

interface Talk {
	readonly script: Script;
	readonly serving: Serving;
	readonly heard: string[];
	readonly accepted: string[];
}

/** Gives a function that says something out of turn. */
function converse(socket: Socket, { script, serving, heard, accepted }: Talk): (answer: Answer) => void {
	const counts = { mail: 0, rcpt: 0, data: 0, trial: 0, verdict: 0, rset: 0 };
	const send = sender(socket, serving);
	let buffered = '';
	let inContent = false;
	let isTrial = false;
	let chunkLeft = 0;
	let gathered = '';
	let hasSender = false;
	let hasRecipient = false;
	socket.setNoDelay(true);
	socket.on('error', () => {});
	const answer = (given: Answer | undefined, fallback: string) => {
		const said = given === undefined ? fallback : given;
		if (said === null) return;
		if (typeof said === 'string') send(`${said}\r\n`, null);
		else if ('raw' in said) send(said.raw, null);
		else send(said.say === '' ? '' : `${said.say}\r\n`, said.ending);
	};
	const judge = (content: string) => {
		heard.push(`<${content.length} octets>`);
		const given = script.verdict?.(content, ++counts.verdict);
		const said = given === undefined ? '250 2.0.0 Ok: queued as 1A' : given;
		if (textOf(said).startsWith('2')) accepted.push(content);
		answer(said, '');
	};
	const chunk = (content: string) => {
		if (hasRecipient) return judge(content);
		heard.push(`<${content.length} octets>`);
		answer('503 5.5.1 no valid recipients', '');
	};
	const step = (line: string) => {
		heard.push(line);
		const verb = line.slice(0, 4).toUpperCase();
		const address = /<(.*)>/.exec(line)?.[1] ?? '';
		if (verb === 'EHLO') answer(script.ehlo?.(), '250-peer.example\r\n250-PIPELINING\r\n250 SIZE');
		else if (verb === 'MAIL') {
			const given = unlessGiven(script.mail?.(address, ++counts.mail), '250 2.1.0 Ok');
			hasSender = given === null || (typeof given === 'string' && given.startsWith('2'));
			answer(given, '');
		} else if (verb === 'RCPT') {
			const given = unlessGiven(
				script.rcpt?.(address, ++counts.rcpt),
				hasSender ? '250 2.1.5 Ok' : '503 5.5.1 need MAIL',
			);
			hasRecipient = given === null || (typeof given === 'string' && given.startsWith('2'));
			answer(given, '');
		} else if (verb === 'RSET') {
			hasSender = false;
			hasRecipient = false;
			gathered = '';
			answer(script.rset?.(++counts.rset), '250 2.0.0 Ok');
		} else if (verb === 'QUIT') answer(script.quit?.() ?? { say: '221 2.0.0 Bye', ending: 'close' }, '');
		else if (verb === 'DATA') {
			const fallback = hasRecipient ? '354 go ahead' : '554 5.5.1 no valid recipients';
			const given = unlessGiven(script.data?.(++counts.data), fallback);
			hasRecipient = false;
			inContent = typeof given === 'string' && given.startsWith('354');
			answer(given, '');
		} else if (line === 'BDAT 1') isTrial = true;
		else if (verb === 'BDAT' && line.endsWith(' LAST')) chunkLeft = Number(line.split(' ')[1]);
		else answer('500 5.5.2 what?', '');
	};
	socket.on('data', (bytes) => {
		buffered += bytes.toString('latin1');
		for (;;) {
			if (inContent) {
				const end = buffered.startsWith('.\r\n') ? 0 : buffered.indexOf('\r\n.\r\n') + 2;
				if (end === 1) break;
				const content = buffered.slice(0, end).replaceAll('\r\n..', '\r\n.');
				buffered = buffered.slice(end + 3);
				inContent = false;
				judge(content);
				continue;
			}
			if (isTrial) {
				if (buffered === '') break;
				isTrial = false;
				const given = unlessGiven(script.trial?.(++counts.trial), '250 2.0.0 Ok: 1 bytes');
				gathered = buffered.slice(0, 1);
				if (!/^50[02]/.test(textOf(given))) buffered = buffered.slice(1);
				answer(given, '');
				continue;
			}
			if (chunkLeft > 0) {
				if (buffered.length < chunkLeft) break;
				const content = gathered + buffered.slice(0, chunkLeft);
				buffered = buffered.slice(chunkLeft);
				chunkLeft = 0;
				gathered = '';
				chunk(content);
				continue;
			}
			const end = buffered.indexOf('\r\n');
			if (end === -1) break;
			const line = buffered.slice(0, end);
			buffered = buffered.slice(end + 2);
			step(line);
		}
		heard.push('|');
	});
	return (said) => answer(said, '');
}

function textOf(answer: Answer): string {
	if (answer === null || typeof answer === 'string') return answer ?? '';
	return 'raw' in answer ? answer.raw : answer.say;
}

/** null is an answer too: silence. */
function unlessGiven(given: Answer | undefined, fallback: string): Answer {
	return given === undefined ? fallback : given;
}

/** Sends in order; cut up, each piece waits for the turn of the event loop after the one before. */
function sender(socket: Socket, serving: Serving): (text: string, ending: 'close' | 'reset' | null) => void {
	const queue: { readonly piece: string; readonly ending: 'close' | 'reset' | null }[] = [];
	let isRunning = false;
	const pump = () => {
		const next = queue.shift();
		if (next === undefined) {
			isRunning = false;
			return;
		}
		if (next.piece !== '' && !socket.destroyed) socket.write(next.piece, 'latin1');
		if (next.ending === 'close') socket.end();
		if (next.ending === 'reset') socket.resetAndDestroy();
		setImmediate(pump);
	};
	return (text, ending) => {
		const pieces = serving === 'whole' ? [text] : serving === 'by_line' ? (text.match(/[^\n]*\n/g) ?? []) : [...text];
		for (const piece of pieces) queue.push({ piece, ending: null });
		queue.push({ piece: '', ending });
		if (isRunning) return;
		isRunning = true;
		pump();
	};
}
