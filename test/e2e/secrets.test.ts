/** No secret in argv, in the environment of a child, in a file that a run leaves, or in what it says (reference/reliability.md §3 fault 83, test T14). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Peer, startScriptedServer } from '../helpers/scripted-server.ts';
import { sendCampaign } from '../helpers/send-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';

const secret = 'correct-Horse/ü+battery staple';

interface Way {
	readonly flags: readonly string[];
	readonly env: Readonly<Record<string, string>>;
	readonly mechanism: 'PLAIN' | 'LOGIN' | 'XOAUTH2';
	/** The one who runs it has put it into the environment of the run itself. */
	readonly isInOwnEnvironment: boolean;
	/** All that must not be found. */
	readonly secrets: readonly string[];
}

type Prepare = (context: TestContext, directory: string) => Way | Promise<Way>;

const usual = { flags: [], env: {}, mechanism: 'PLAIN', isInOwnEnvironment: false, secrets: [secret] } as const;

/** Writes a file that only its owner may read, outside the folder of the run. */
function keep(directory: string, text: string): string {
	const path = join(directory, 'kept');
	writeFileSync(path, text, { mode: 0o600 });
	return path;
}

const ways: Readonly<Record<string, Prepare>> = {
	'the environment': () => ({ ...usual, env: { MAILSHOT_SMTP_PASSWORD: secret }, isInOwnEnvironment: true }),
	'a file': (_context, directory) => ({ ...usual, flags: ['--password-file', keep(directory, `${secret}\n`)] }),
	'a file, with AUTH LOGIN': (_context, directory) => ({
		...usual,
		mechanism: 'LOGIN',
		flags: ['--password-file', keep(directory, `${secret}\n`)],
	}),
	// What the child can see of itself is kept in the folder of the run, and looked through with all that lies there.
	'a command': (_context, directory) => ({
		...usual,
		flags: ['--password-command', `cat /proc/$$/environ /proc/$$/cmdline > seen; cat '${keep(directory, secret)}'`],
		// Left over from another run: the command is no place for it.
		env: { MAILSHOT_SMTP_PASSWORD: 'another-secret-of-ours' },
		secrets: [secret, 'another-secret-of-ours'],
		isInOwnEnvironment: true,
	}),
	'a systemd credential': (_context, directory) => {
		writeFileSync(join(directory, 'mailshot-smtp-password'), secret, { mode: 0o400 });
		return { ...usual, env: { CREDENTIALS_DIRECTORY: directory } };
	},
	'a refresh token': async (context, directory) => {
		const url = await startTokenServer(context);
		const fields = {
			token_url: url,
			client_id: 'id',
			client_secret: 'client-secret-42',
			refresh_token: 'refresh-token-42',
		};
		const secrets = ['access-token-4242', 'access-token-fresh', 'client-secret-42', 'refresh-token-42'];
		const flags = ['--oauth-refresh', keep(directory, JSON.stringify(fields))];
		return { ...usual, mechanism: 'XOAUTH2', flags, secrets };
	},
};

async function startTokenServer(context: TestContext): Promise<string> {
	let count = 0;
	const server = createServer((_request, response) => {
		count += 1;
		response.end(
			JSON.stringify({ access_token: count === 1 ? 'access-token-4242' : 'access-token-fresh', expires_in: 3600 }),
		);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	context.after(() => {
		server.closeAllConnections();
		server.close();
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('not a TCP address');
	return `http://127.0.0.1:${address.port}/`;
}

/** In which a secret could be found again. */
function formsOf(plain: string): string[] {
	const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
	const responses = [`\0news\0${plain}`, `user=news\x01auth=Bearer ${plain}\x01\x01`];
	return [plain, encodeURIComponent(plain), base64(plain), ...responses.map(base64)];
}

function assertHidden(secrets: readonly string[], text: string, where: string): void {
	// Also in other letters, and over the ends of lines.
	const squeezed = text.replaceAll(/\s|\\[rn]/g, '').toLowerCase();
	for (const form of secrets.flatMap(formsOf)) {
		assert.ok(!squeezed.includes(form.replaceAll(/\s/g, '').toLowerCase()), `${form} is in ${where}`);
	}
}

/** Looks through all processes but this one while the run waits for us. */
function lookThroughProcesses(
	secrets: readonly string[],
	{ port, way }: { readonly port: number; readonly way: Way },
): number {
	let runs = 0;
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
		const [commandLine, environment] = ['cmdline', 'environ'].map((name) => {
			try {
				return readFileSync(`/proc/${pid}/${name}`, 'utf8');
			} catch {
				return ''; // It has ended, or it is none of ours.
			}
		});
		assertHidden(secrets, commandLine ?? '', `the command line of ${pid}`);
		const isRun = commandLine?.includes(`127.0.0.1:${port}`) === true && commandLine.includes('mailshot.js');
		if (isRun) runs += 1;
		if (!isRun || !way.isInOwnEnvironment) assertHidden(secrets, environment ?? '', `the environment of ${pid}`);
	}
	return runs;
}

/** How a server tells what it thinks of the login `line`. */
const replies: Readonly<Record<string, (line: string) => readonly string[]>> = {
	'takes the login': () => ['235 2.7.0 welcome\r\n'],
	'takes the login and repeats it': (line) => [`235-2.7.0 welcome\r\n235 ${line}\r\n`],
	'refuses the login and repeats it': (line) => [`535 5.7.8 no: ${line}\r\n`],
	'repeats it in several lines': (line) => [`535-5.7.8 no:\r\n535-${line.slice(0, 20)}\r\n535 ${line.slice(20)}\r\n`],
	'repeats it in pieces': (line) => [...`535-5.7.8 no:\r\n535 ${line}\r\n`],
	'repeats it decoded': (line) => [
		`535 5.7.8 ${Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString('latin1')}\r\n`,
	],
	'repeats it with 421': (line) => [`421 4.7.0 later: ${line}\r\n`],
	'repeats it where it makes no sense': (line) => [`${line}\r\n`],
};

async function converse(peer: Peer, answer: (line: string) => readonly string[], mechanism: string): Promise<void> {
	let isContent = false;
	let steps = 0;
	peer.send('220 relay.acme.example ESMTP\r\n');
	for (let line = await peer.readLine(); line !== null; line = await peer.readLine()) {
		if (isContent && line !== '.') continue;
		if (isContent) peer.send('250 2.0.0 queued\r\n');
		else if (line.startsWith('EHLO')) peer.send(`250-relay.acme.example\r\n250 AUTH ${mechanism}\r\n`);
		else if (line === 'AUTH LOGIN') peer.send('334 VXNlcm5hbWU6\r\n');
		else if (mechanism === 'LOGIN' && steps < 1 && !/^(?:MAIL|RCPT|DATA|QUIT)/.test(line)) {
			steps += 1;
			peer.send('334 UGFzc3dvcmQ6\r\n');
		} else if (
			line.startsWith('AUTH') ||
			(mechanism === 'LOGIN' && steps === 1 && !/^(?:MAIL|RCPT|DATA|QUIT)/.test(line))
		) {
			for (const piece of answer(line)) peer.send(piece);
		} else if (line === 'DATA') peer.send('354 go on\r\n');
		else peer.send('250 2.0.0 ok\r\n');
		isContent = line === 'DATA';
	}
}

for (const [where, prepare] of Object.entries(ways)) {
	for (const [how, reply] of Object.entries(replies)) {
		test(`a secret from ${where} stays one when the server ${how}`, async (t) => {
			const way = await prepare(t, temporaryDirectory(t));
			let runs = 0;
			let trouble: unknown = null;
			const server = await startScriptedServer((peer) =>
				converse(
					peer,
					(line) => {
						try {
							runs += lookThroughProcesses(way.secrets, { port: server.port, way });
						} catch (error) {
							trouble = error;
						}
						return reply(line);
					},
					way.mechanism,
				),
			);
			t.after(() => server.stop());
			const output = how.includes('repeats') ? '--json' : '--verbose';
			const sent = await sendCampaign(t, {
				smtp: server.url,
				flags: ['--user', 'news', '--trace', 'trace.txt', '--max-wait', '1s', output, ...way.flags],
				env: way.env,
			});

			assert.equal(trouble, null);
			assert.ok(runs > 0, 'the run was not among the processes');
			assert.equal(
				sent.code,
				how.startsWith('takes') ? 0 : how.includes('421') || how.includes('no sense') ? 69 : 77,
				sent.stderr,
			);
			assertHidden(way.secrets, sent.stdout, 'standard output');
			assertHidden(way.secrets, sent.stderr, 'standard error');
			const files = readdirSync(sent.directory, { recursive: true, withFileTypes: true }).filter((entry) =>
				entry.isFile(),
			);
			for (const name of ['trace.txt', ...(where === 'a command' ? ['seen'] : [])]) {
				assert.ok(
					files.some((entry) => entry.name === name),
					`${name} is missing`,
				);
			}
			for (const entry of files) {
				const path = join(entry.parentPath, entry.name);
				assertHidden(way.secrets, readFileSync(path, 'utf8'), path);
			}
		});
	}
}
