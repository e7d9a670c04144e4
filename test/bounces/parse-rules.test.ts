/** Rules of users: read with their lines, refused when they are wrong or could be slow, asked before ours. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classifierOf } from '../../src/bounces/classify.ts';
import { replyFromText } from '../../src/bounces/reply-from-text.ts';
import { type ParsedRules, parseRules } from '../../src/bounces/rules/parse-rules.ts';
import { patternCost } from '../../src/bounces/rules/pattern-cost.ts';
import { replyRules } from '../../src/bounces/rules/reply-rules.ts';

const yaml = `# ours
- id: acme-gate
  pattern: 'Quarantined by ACME.{0,40}'
  category: policy
  action: hold
  sample: "554 5.7.1 Quarantined by Acme Gate (42)"
- id: left-us
  pattern: gone fishing
  category: inactive
  via: mx
  provider: fish.example
  sample: 550 He has gone fishing
`;

function meaningWith(parsed: ParsedRules, text: string, provider = '') {
	assert.equal(parsed.kind, 'parsed', JSON.stringify(parsed));
	const rules = parsed.kind === 'parsed' ? parsed.rules : [];
	const classify = classifierOf(rules, replyRules);
	return classify({ reply: replyFromText(text), stage: 'rcpt', via: 'mx', provider });
}

function problemsOf(text: string): readonly string[] {
	const parsed = parseRules(text);
	return parsed.kind === 'invalid' ? parsed.problems.map(({ line, problem }) => `${line}: ${problem}`) : [];
}

/** One rule, with what is different. */
function ruleWith(fields: Readonly<Record<string, string>>): string {
	const rule = { id: 'mine', pattern: 'zzz top', category: 'policy', sample: '550 zzz top', ...fields };
	return JSON.stringify([rule], null, '\t');
}

test('rules of the user come before ours, and the log shows whose they are', () => {
	const parsed = parseRules(yaml);

	const meaning = meaningWith(parsed, '554 5.7.1 Quarantined by Acme: user unknown');

	assert.deepEqual(meaning, { type: 'block', category: 'policy', action: 'hold', rule: 'own:acme-gate' });
	assert.equal(meaningWith(parsed, '550 User unknown').rule.startsWith('text:'), true);
});

test('a rule of the user comes before ours that are bound to a provider', () => {
	const parsed = parseRules(ruleWith({ pattern: 'internal resource', sample: '451 Internal resource' }));
	assert.equal(meaningWith(parsed, '451 Internal resource temporarily unavailable', 'mimecast').rule, 'own:mine');
});

test('a rule for a provider holds there alone', () => {
	const parsed = parseRules(yaml);
	assert.equal(meaningWith(parsed, '550 He has gone fishing', 'MX1.Fish.Example').rule, 'own:left-us');
	assert.equal(meaningWith(parsed, '550 He has gone fishing', 'mx1.fishxexample').rule, 'code:550');
});

test('JSON, a map with the list under rules, and an empty file are read, too', () => {
	assert.equal(meaningWith(parseRules(ruleWith({})), '550 ZZZ  top').rule, 'own:mine');
	assert.equal(meaningWith(parseRules(`{"rules": ${ruleWith({})}}`), '550 zzz top').rule, 'own:mine');
	assert.equal(meaningWith(parseRules(`rules:\n${yaml}`), '554 quarantined by acme').rule, 'own:acme-gate');
	for (const text of ['', '# nothing\n', '[]', 'rules:\n']) {
		assert.deepEqual(parseRules(text), { kind: 'parsed', rules: [] }, text);
	}
});

test('an action that the user chose holds for a 4xx as well, except that a 4xx never suppresses', () => {
	const parsed = parseRules(ruleWith({ category: 'inactive', action: 'suppress' }));
	assert.equal(meaningWith(parsed, '550 zzz top').action, 'suppress');
	assert.equal(meaningWith(parsed, '450 zzz top').action, 'retry');
	assert.equal(meaningWith(parseRules(ruleWith({ action: 'stop' })), '450 zzz top').action, 'stop');
});

describe('a rule is refused with its line', () => {
	for (const [what, fields, expected] of [
		['an unknown category', { category: 'nonsense' }, /^5: category "nonsense" is none of invalid_recipient/],
		['an unknown type', { type: 'hrad' }, /type "hrad" is none of hard/],
		['an unknown action', { action: 'ignore' }, /action "ignore" is none of suppress/],
		['an unknown side', { via: 'both' }, /via "both" is none of relay, mx/],
		['a field that there is not', { patern: 'x' }, /a rule has no "patern"/],
		['no sample', { sample: '' }, /the rule has no sample/],
		['an odd id', { id: 'My Rule' }, /the id "My Rule"/],
		['suppressing what is not dead', { action: 'suppress' }, /action suppress needs type hard/],
		['a pattern that is none', { pattern: 'zzz (top' }, /no regular expression/],
		['a sample that it does not decide', { sample: '550 something' }, /the sample of "mine" is decided by code:550/],
		['a pattern that fits everything', { pattern: 'z{0,9}' }, /fits every text/],
		['a nested quantifier', { pattern: '(z+)+ top' }, /without bound/],
		['a gap without bound', { pattern: 'zzz.*top' }, /without bound/],
		['a repeated group with a repeat in it', { pattern: '(?:z{1,9} ){1,9}top' }, /repeats a group/],
		['a repeated choice', { pattern: '(?:zz|z){1,30} top' }, /repeats a group/],
		['a back reference', { pattern: '(z)\\1\\1 top' }, /refers back/],
		['a back reference by name', { pattern: '(?<a>z)\\k<a>z top' }, /refers back/],
		['too many gaps', { pattern: 'z.{0,60}z.{0,60}z.{0,60} top' }, /too many ways/],
	] as const) {
		test(what, () => {
			const problems = problemsOf(ruleWith(fields));
			assert.equal(problems.length >= 1, true);
			assert.match(problems[0] ?? '', expected);
			assert.match(problems[0] ?? '', /^\d+: /);
		});
	}

	test('every rule that is wrong is told, in the order of the lines', () => {
		const text = '- id: a\n  pattern: x\n  category: wrong\n  sample: 550 x\n- id: b\n- just text\n';
		assert.deepEqual(
			problemsOf(text).map((problem) => problem.split(':')[0]),
			['3', '5', '5', '5', '6'],
		);
	});

	test('an id that is there already', () => {
		assert.match(problemsOf(`${yaml}${yaml}`)[0] ?? '', /^14: the id "acme-gate" is taken by the rule in line 2/);
	});

	test('a file that is no list of maps', () => {
		for (const text of ['just text', 'rules: text', '{"a": 1}', '- [a, b]', '- id: [a]']) {
			assert.equal(parseRules(text).kind, 'invalid', text);
		}
	});
});

test('hostile files are answered, not obeyed', () => {
	for (const text of [
		'['.repeat(100_000),
		'{'.repeat(100_000),
		'- '.repeat(50_000),
		'- &a {id: *a}',
		'a: &a [*a]',
		'x'.repeat(2_000_000),
		'\u0000\u001b[2J',
		'- id: a\n\tpattern: b',
		'---\n- id: a\n---\n- id: b\n',
		'"unclosed',
		'? [a]\n: b',
	]) {
		assert.equal(parseRules(text).kind, 'invalid', text.slice(0, 40));
	}
});

test('the cost of a pattern is the number of ways to try it at one place', () => {
	for (const [pattern, tries] of [
		[/abc/, 1],
		[/ab?c/, 2],
		[/a.{0,9}c/, 10],
		[/a.{0,9}b[x-z]{2,3}c/, 20],
		[/(?:a|b.{0,4})c/, 6],
		[/(?:abc){0,2}/, 3],
		[/(?!never)a\{2\}/, 1],
	] as const) {
		assert.deepEqual(patternCost(pattern), { kind: 'known', tries }, pattern.source);
	}
});
