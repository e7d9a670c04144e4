/** However replies are disturbed: never accepted unless the server took it, never two copies, each message settled once. And a loop that is broken on purpose is found out. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Session } from '../../src/smtp/session.ts';
import { type Cleanup, temporaryDirectory } from '../helpers/temporary-directory.ts';
import type { SessionClass } from './desync-fuzz/run-session.ts';
import { fuzz } from './desync-fuzz.ts';

const sessions = 200_000;
const firstSeed = 1;

test(`${sessions} disturbed sessions: accepted means taken, nobody gets two copies, every message is settled once`, async (t) => {
	const { found, excuses, ...counts } = await fuzz({ sessions, seed: firstSeed, SessionUnderTest: Session });
	t.diagnostic(`${counts.sessions} sessions from seed ${firstSeed}: ${JSON.stringify(counts)}`);
	t.diagnostic(`what no client can see: ${JSON.stringify(excuses)}`);
	assert.equal(
		found,
		null,
		`node --import tsx test/smtp/desync-fuzz/main.ts --only ${found?.seed}\n${found?.violations.join('\n')}\n${found?.story}`,
	);
	// The excuses are narrow: most of what happens can be seen.
	const excused = Object.values(excuses).reduce((sum, count) => sum + count, 0);
	assert.ok(excused < counts.mishaps / 50, `${excused} excuses for ${counts.mishaps} mishaps`);
	assert.ok(counts.accepted > counts.messages / 2, 'hardly anything is accepted: nothing was tried');
});

interface Break {
	/** What the loop does then. */
	readonly what: string;
	readonly file: 'session.ts' | 'conversation.ts';
	/** Occurs once in the file. */
	readonly code: string;
	readonly instead: string;
}

const breaks: readonly Break[] = [
	{
		what: 'tells a verdict before the replies behind it have come',
		file: 'conversation.ts',
		code: 'if (this.#expected.length === 0) this.#releaseHeldVerdict();',
		instead: 'this.#releaseHeldVerdict();',
	},
	{
		what: 'passes over replies that are out of step',
		file: 'session.ts',
		code: "if (problem !== '') this.#outOfStep(",
		instead: "if (problem === 'never') this.#outOfStep(",
	},
	{
		what: 'takes the last reply that is due without a look at what stands behind it',
		file: 'session.ts',
		code: 'this.#conversation.isAboutToTell && ',
		instead: 'false && ',
	},
	{
		what: 'believes a recipient that was taken after its sender was refused',
		file: 'conversation.ts',
		code: "stage === 'rcpt' && opening.refusal !== null",
		instead: "stage === 'data'",
	},
	{
		what: 'takes the reply to MAIL for a verdict when the connection ends behind it',
		file: 'conversation.ts',
		code: '|| replyText(held.reply) === this.#mailReplyText',
		instead: '',
	},
	{
		what: 'takes a no with a no behind it for a verdict when the connection ends',
		file: 'conversation.ts',
		code: "if (held.kind !== 'accepted') return isInDoubt;",
		instead: "if (held.kind !== 'accepted') return false;",
	},
	{
		what: 'believes what it heard although it left before the rest had come',
		file: 'conversation.ts',
		code: "return cause === 'closed' || ",
		instead: "return cause === 'dropped' || cause === 'closed' || ",
	},
	{
		what: 'sends the content after a 250 in place of 354',
		file: 'conversation.ts',
		code: 'if (code !== 354 && code < 400) return',
		instead: 'if (code === 220) return',
	},
	{
		what: 'calls a message unsent although its dot went out',
		file: 'conversation.ts',
		code: 'if (this.#ending !== null) this.#ending.isOut = true;',
		instead: '',
	},
	{
		what: 'lets the final dot go out before its mark is durable, unasked',
		file: 'session.ts',
		code: 'this.#isHeldBack = !this.#owner.mayEnd(submission);',
		instead: 'this.#owner.mayEnd(submission);',
	},
	{
		what: 'tells an outcome twice',
		file: 'conversation.ts',
		code: '\t\tconst opening = this.#opening;\n\t\tthis.#ending = null;',
		instead:
			'\t\tconst opening = this.#opening;\n\t\tif (ending?.held != null) this.#owner.settled(ending.submission, ending.held, 0);\n\t\tthis.#ending = null;',
	},
];

for (const flaw of breaks) {
	test(`a loop that ${flaw.what} is found out`, async (t) => {
		const SessionUnderTest = await brokenSession(t, flaw);
		const { found, ...counts } = await fuzz({ sessions: 60_000, seed: firstSeed, SessionUnderTest });
		assert.ok(found !== null, `${counts.sessions} sessions, and nobody noticed`);
		t.diagnostic(`found out in session ${counts.sessions} by seed ${found.seed}: ${found.violations[0]}`);
	});
}

/** Session of a copy of src/smtp with one line changed. */
async function brokenSession(cleanup: Cleanup, { file, code, instead }: Break): Promise<SessionClass> {
	const source = fileURLToPath(new URL('../../src', import.meta.url));
	const copy = temporaryDirectory(cleanup);
	writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
	for (const room of ['smtp', 'support']) {
		mkdirSync(join(copy, room));
		cpSync(join(source, room), join(copy, room), { recursive: true });
	}
	const path = join(copy, 'smtp', file);
	const text = readFileSync(path, 'utf8');
	assert.equal(text.split(code).length, 2, `${code} is not once in ${file}: bring this test up to date with it`);
	writeFileSync(
		path,
		text.replace(code, () => instead),
	);
	const module: { readonly Session: SessionClass } = await import(pathToFileURL(join(copy, 'smtp/session.ts')).href);
	return module.Session;
}
