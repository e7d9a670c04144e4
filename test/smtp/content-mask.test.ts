/** No content of a message gets into a trace, whatever it looks like. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskGroup } from '../../src/smtp/content-mask.ts';

test('a content with its dot is shown by its size, a lone dot as it is', () => {
	assert.equal(maskGroup('Subject: hi\r\n\r\nsecret\r\n.\r\nDATA\r\n', 'DATA\r\n'), '<23 octets>\r\n.\r\nDATA\r\n');
	assert.equal(maskGroup('.\r\nQUIT\r\n', 'QUIT\r\n'), '.\r\nQUIT\r\n');
	assert.equal(maskGroup('', ''), '');
});

test('chunks are shown by their size, also when a line of them looks like BDAT', () => {
	const content = 'Subject: hi\r\n\r\nBDAT 5 LAST\r\nsecret\r\n';
	const group = `RSET\r\nBDAT ${content.length} LAST\r\n${content}RSET\r\nBDAT ${content.length} LAST\r\n${content}`;
	assert.equal(
		maskGroup(group, group),
		`RSET\r\nBDAT ${content.length} LAST\r\n<${content.length} octets>\r\n`.repeat(2),
	);
});

test('commands without a chunk are shown as they are', () => {
	const commands = 'MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nBDAT 0\r\n';
	assert.equal(maskGroup(commands, commands), commands);
});
