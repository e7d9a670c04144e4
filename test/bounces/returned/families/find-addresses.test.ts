/** Addresses in lines that servers wrote. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBlocks } from '../../../../src/bounces/returned/families/address-blocks.ts';
import { findAddresses } from '../../../../src/bounces/returned/families/find-addresses.ts';

const lines: readonly (readonly [string, readonly string[]])[] = [
	['<jo@example.org>: host said', ['jo@example.org']],
	["'jo@example.org' on 2/2/2012", ['jo@example.org']],
	['jo@example.org... User unknown', ['jo@example.org']],
	['a@example.org, b@example.net;c@example.com', ['a@example.org', 'b@example.net', 'c@example.com']],
	['jo@example.org<mailto:jo@example.org>', ['jo@example.org', 'jo@example.org']],
	['<"jo bell"@example.org> failed', ['"jo bell"@example.org']],
	['rfc822;jo@example.org', ['jo@example.org']],
	['jo@example.jp宛のメールは', ['jo@example.jp']],
	['<jö@exämple.org>', ['jö@exämple.org']],
	['jo@[192.0.2.1] said', ['jo@[192.0.2.1]']],
	['see https://example.org/?to=jo@example.org', []],
	['jo@localhost failed', []],
	['<jo@localhost> failed', ['jo@localhost']],
	['@ @@ <@> a@ @b <@a> a@b..c', []],
	['*jo@example.org* (jo+tag=x@example.org)', ['jo@example.org', 'jo+tag=x@example.org']],
];
for (const [line, expected] of lines) {
	test(`${line} has ${expected.length} addresses`, () => {
		assert.deepEqual(
			findAddresses(line).map(({ address }) => address),
			expected,
		);
	});
}

test('a wrapped reply that goes on with another address, deeper, is no new block', () => {
	const blocks = addressBlocks([
		'<jo@example.org>: 550 5.1.1',
		'    <alias@example.org>: User unknown',
		'<ann@example.org>: 550 no',
	]);
	assert.deepEqual(
		blocks.map(({ address, lines: said }) => [address, said.length]),
		[
			['jo@example.org', 2],
			['ann@example.org', 1],
		],
	);
});

test('addresses that stand above the same reason share it', () => {
	const blocks = addressBlocks(['  jo@example.org', '  ann@example.org', '    550 no such user']);
	assert.deepEqual(blocks[0]?.lines, blocks[1]?.lines);
});
