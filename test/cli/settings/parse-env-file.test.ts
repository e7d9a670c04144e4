import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvFile } from '../../../src/cli/settings/parse-env-file.ts';

const values: readonly (readonly [line: string, value: string])[] = [
	['MAILSHOT_X=a', 'a'],
	['  export MAILSHOT_X = a b  ', 'a b'],
	['MAILSHOT_X=a # comment', 'a'],
	['MAILSHOT_X=a#b', 'a#b'],
	['MAILSHOT_X= # nothing', ''],
	['MAILSHOT_X=', ''],
	["MAILSHOT_X='a # $HOME \\n \"'", 'a # $HOME \\n "'],
	['MAILSHOT_X="a \\"b\\" \\\\ $HOME" # comment', 'a "b" \\ $HOME'],
	['MAILSHOT_X=a=b', 'a=b'],
	['MAILSHOT_X=$(id)`id`', '$(id)`id`'],
];

for (const [line, value] of values) {
	test(`${line} is ${JSON.stringify(value)}`, () => {
		const parsed = parseEnvFile(`# first\r\n\r\n${line}\r\n`, '.env');
		assert.deepEqual([...parsed], [['MAILSHOT_X', { value, line: 3 }]]);
	});
}

test('variables of other programs are passed over, whatever they hold', () => {
	assert.equal(parseEnvFile('AWS_KEY="never closed\nPATH=/x', '.env').size, 0);
});

test('a line that cannot be read is refused with its place, and what it holds is not repeated', () => {
	for (const line of [
		'hunter2',
		'MAILSHOT_SMTP_PASSWORD="hunter2',
		"MAILSHOT_SMTP_PASSWORD='hunter2' x",
		'MAILSHOT_X: hunter2',
	]) {
		assert.throws(
			() => parseEnvFile(`A=b\n${line}`, '.env'),
			(error) => {
				assert.match(String(error), /\.env:2 /);
				assert.doesNotMatch(`${error}${Object(error).hint}`, /hunter2/);
				return Object(error).exitCode === 78;
			},
		);
	}
	assert.throws(() => parseEnvFile('MAILSHOT_X=1\nMAILSHOT_X=2', '.env'), { message: '.env:2 sets MAILSHOT_X again' });
});
