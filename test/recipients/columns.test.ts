import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Columns } from '../../src/recipients/columns.ts';

test('a column is found whatever its case, spaces, hyphens and underscores', () => {
	const columns = new Columns(['E-Mail Address', 'first_name', 'Prénom']);
	for (const name of ['email_address', 'emailAddress', 'EMAIL ADDRESS', 'E-Mail Address'])
		assert.equal(columns.find(name), 0);
	assert.equal(columns.find('FirstName'), 1);
	assert.equal(columns.find('Pre\u0301nom'), 2);
	assert.equal(columns.find('prenom'), -1);
});

test('names that objects are born with are names like any other', () => {
	const columns = new Columns(['email', '__proto__', 'constructor']);
	assert.equal(columns.find('__proto__'), 1);
	assert.equal(columns.find('constructor'), 2);
	assert.equal(columns.find('toString'), -1);
	assert.equal(new Columns(['email']).find('__proto__'), -1);
});

test('a mistyped name finds the column that was meant', () => {
	const columns = new Columns(['Email', 'First Name', 'City']);
	assert.equal(columns.nearest('frist_name'), 'First Name');
	assert.equal(columns.nearest('quantity'), null);
});

test('two names that fold together are told apart by their positions', () => {
	assert.deepEqual(Columns.clash(['email', 'First Name', 'city', 'first_name']), [1, 3]);
	assert.equal(Columns.clash(['email', 'name']), null);
});
