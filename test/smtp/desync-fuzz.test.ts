/** However replies are disturbed: never accepted unless the server took it, never two copies, each message settled once. And a loop that is broken on purpose is found out. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Session } from '../../src/smtp/session.ts';
import { type Cleanup, temporaryDirectory } from '../helpers/temporary-directory.ts';
import type { Ways } from './desync-fuzz/run-scenario.ts';
import type { SessionClass } from './desync-fuzz/run-session.ts';
import { fuzz } from './desync-fuzz.ts';

const sessions = 200_000;
const firstSeed = 1;

test(`${sessions} disturbed sessions: accepted means taken, nobody gets two copies, every message is settled once`, async (t) => {
	const { found, excuses, ...counts } = await fuzz({
		sessions,
		seed: firstSeed,
		SessionUnderTest: Session,
		ways: 'both',
	});
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
	assert.ok(counts.flown > counts.flyingSessions / 4, 'hardly anything flew: nothing was tried');
	assert.ok(counts.unknown < counts.messages / 5, 'too much is called unknown: that is no way out');
});

interface Break {
	readonly ways: Ways;
	/** What the loop does then. */
	readonly what: string;
	readonly file:
		| 'session.ts'
		| 'conversation.ts'
		| 'transactions.ts'
		| 'dot-transactions.ts'
		| 'whole-transactions.ts'
		| 'flight.ts';
	/** Occurs once in the file. */
	readonly code: string;
	readonly instead: string;
}

const breaks: readonly Break[] = [
	{
		ways: 'dots',
		what: 'tells a verdict before the replies behind it have come',
		file: 'dot-transactions.ts',
		code: 'if (this.#expected.length === 0) this.#releaseHeldVerdict();',
		instead: 'this.#releaseHeldVerdict();',
	},
	{
		ways: 'both',
		what: 'passes over replies that are out of step',
		file: 'session.ts',
		code: "if (problem !== '') this.#outOfStep(",
		instead: "if (problem === 'never') this.#outOfStep(",
	},
	{
		ways: 'dots',
		what: 'takes the last reply that is due without a look at what stands behind it',
		file: 'session.ts',
		code: 'this.#conversation.isAboutToTell && ',
		instead: 'false && ',
	},
	{
		ways: 'dots',
		what: 'believes a recipient that was taken after its sender was refused',
		file: 'dot-transactions.ts',
		code: "stage === 'rcpt' && opening.refusal !== null",
		instead: "stage === 'data'",
	},
	{
		ways: 'dots',
		what: 'takes the reply to MAIL for a verdict when the connection ends behind it',
		file: 'dot-transactions.ts',
		code: '(held.reply) === this.#mailShape',
		instead: "(held.reply) === 'never'",
	},
	{
		ways: 'dots',
		what: 'takes a no with a no behind it for a verdict when the connection ends',
		file: 'dot-transactions.ts',
		code: "if (held.kind !== 'accepted') return isInDoubt;",
		instead: "if (held.kind !== 'accepted') return false;",
	},
	{
		ways: 'whole',
		what: 'believes what it heard although it left before the rest had come',
		file: 'transactions.ts',
		code: "return cause === 'closed' || ",
		instead: "return cause === 'dropped' || cause === 'closed' || ",
	},
	{
		ways: 'dots',
		what: 'sends the content after a 250 in place of 354',
		file: 'dot-transactions.ts',
		code: 'if (code !== 354 && code < 400) return',
		instead: 'if (code === 220) return',
	},
	{
		ways: 'dots',
		what: 'calls a message unsent although its dot went out',
		file: 'dot-transactions.ts',
		code: 'if (this.#ending !== null) this.#ending.isOut = true;',
		instead: '',
	},
	{
		ways: 'dots',
		what: 'lets the final dot go out before its mark is durable, unasked',
		file: 'session.ts',
		code: 'this.#isHeldBack = !this.#owner.mayEnd(submission);',
		instead: 'this.#owner.mayEnd(submission);',
	},
	{
		ways: 'dots',
		what: 'tells an outcome twice',
		file: 'dot-transactions.ts',
		code: '\t\tconst opening = this.#opening;\n\t\tthis.#ending = null;',
		instead:
			'\t\tconst opening = this.#opening;\n\t\tif (ending?.held != null) this.#settled(ending.submission, ending.held, 0);\n\t\tthis.#ending = null;',
	},
	{
		ways: 'whole',
		what: 'lets a message fly before its mark is durable',
		file: 'conversation.ts',
		code: 'if (this.#way === this.#whole && !this.#owner.mayEnd(submission)) break;',
		instead: 'if (this.#way === this.#whole) this.#owner.mayEnd(submission);',
	},
	{
		ways: 'whole',
		what: 'writes what was put together before it was left',
		file: 'session.ts',
		code: "\t\t\tif (this.#leaveReason !== '') return this.#depart();",
		instead: '',
	},
	{
		ways: 'whole',
		what: 'tells the verdict of a message that flew before the RSET behind it was answered',
		file: 'whole-transactions.ts',
		code: "\t\treturn '';\n\t}\n\n\t#proofReply(",
		instead: "\t\treturn this.#hasLearnt ? this.#tell(flight, flight.outcome) : '';\n\t}\n\n\t#proofReply(",
	},
	{
		ways: 'whole',
		what: 'takes any yes for the reply to the RSET that proves a verdict',
		file: 'whole-transactions.ts',
		code: 'code >= 400 || replyShape(reply()) !== this.#shapes.rset',
		instead: 'code >= 400',
	},
	{
		ways: 'whole',
		what: 'calls messages behind a refused RSET unsent although more was said',
		file: 'whole-transactions.ts',
		code: "this.#isRefusingResets && why.cause === 'closed'",
		instead: 'this.#isRefusingResets',
	},
	{
		ways: 'whole',
		what: 'believes a refused RSET whatever is said behind it',
		file: 'whole-transactions.ts',
		code: "if (this.#isRefusingResets) return 'RSET was refused, and more was said';",
		instead: '',
	},
	{
		ways: 'whole',
		what: 'takes the words to RSET for a verdict',
		file: 'whole-transactions.ts',
		code: 'if (isLikeAnother && this.#hasLearnt) return',
		instead: 'if (isLikeAnother && replyShape(reply) !== this.#shapes.rset) return',
	},
	{
		ways: 'whole',
		what: 'takes the words to MAIL for a verdict',
		file: 'whole-transactions.ts',
		code: '[rset, mail, rcpt].includes(',
		instead: '[rset, rcpt].includes(',
	},
	{
		ways: 'whole',
		what: 'calls messages that flew unsent when the connection ends before the first of them was answered',
		file: 'whole-transactions.ts',
		code: 'const stage = isOut && (',
		instead: 'const stage = isOut && flight === first && (',
	},
	{
		ways: 'whole',
		what: 'calls messages behind a 421 unknown',
		file: 'whole-transactions.ts',
		code: 'this.#isClosing = true;',
		instead: '',
	},
	{
		ways: 'whole',
		what: 'sends a content with BDAT without trying whether BDAT is known',
		file: 'whole-transactions.ts',
		code: "this.#hasLearnt ? 'verdict' : 'trial'",
		instead: "'verdict'",
	},
	{
		ways: 'whole',
		what: 'believes the refusal of an envelope that flew although replies are not believed any more',
		file: 'whole-transactions.ts',
		code: 'repliesCount && known !== null ?',
		instead: '(repliesCount || refusal !== null) && known !== null ?',
	},
	{
		ways: 'whole',
		what: 'believes that a message without recipient was taken',
		file: 'whole-transactions.ts',
		code: "if (isYes) return 'a message without recipient was accepted';",
		instead: '',
	},
	{
		ways: 'whole',
		what: 'counts the octets of a chunk wrong',
		file: 'flight.ts',
		code: 'rest.length} LAST',
		instead: 'rest.length - 1} LAST',
	},
	{
		ways: 'whole',
		what: 'does not forget what a refused message left behind',
		file: 'flight.ts',
		code: "case 'proof':\n\t\t\treturn group.commands('RSET\\r\\n');",
		instead:
			"\t\t\treturn group.commands('RSET\\r\\n');\n\t\tcase 'proof':\n\t\t\treturn group.commands('NOOP\\r\\n');",
	},
];

for (const flaw of breaks) {
	test(`a loop that ${flaw.what} is found out`, async (t) => {
		const SessionUnderTest = await brokenSession(t, flaw);
		const { found, ...counts } = await fuzz({ sessions: 60_000, seed: firstSeed, SessionUnderTest, ways: flaw.ways });
		assert.ok(found !== null, `${counts.sessions} sessions, and nobody noticed`);
		// The break is a break of the promise, and no slip of this test.
		assert.doesNotMatch(found.violations.join(), /thrown: (Reference|Syntax|Type)Error/);
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
