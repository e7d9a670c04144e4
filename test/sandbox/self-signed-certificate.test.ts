/** The hand-written certificate, judged by those who must accept it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { selfSignedCertificate } from '../../src/sandbox/self-signed-certificate.ts';
import { temporaryDirectory } from './sandbox-builder.ts';

const november = Date.UTC(2026, 10, 22, 9, 30, 15);

test('the certificate is valid for the names of this machine, for 397 days, and signed by its own key', () => {
	const made = selfSignedCertificate(november);
	const certificate = new X509Certificate(made.certificatePem);
	assert.equal(certificate.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
	assert.equal(certificate.checkHost('localhost'), 'localhost');
	assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
	assert.equal(certificate.checkHost('example.com'), undefined);
	assert.equal(certificate.ca, false);
	assert.equal(Date.parse(certificate.validFrom), november - 86_400_000);
	assert.equal(Date.parse(certificate.validTo), november + 396 * 86_400_000);
	assert.ok(certificate.verify(certificate.publicKey));
	assert.ok(certificate.checkPrivateKey(createPrivateKey(made.privateKeyPem)));
});

test('years from 2050 on are written as GeneralizedTime', () => {
	const certificate = new X509Certificate(selfSignedCertificate(Date.UTC(2049, 5, 1)).certificatePem);
	assert.match(certificate.validTo, /2050 GMT$/);
});

test('no two certificates are alike', () => {
	const [one, other] = [selfSignedCertificate(november), selfSignedCertificate(november)];
	assert.notEqual(
		new X509Certificate(one.certificatePem).serialNumber,
		new X509Certificate(other.certificatePem).serialNumber,
	);
	assert.notEqual(one.privateKeyPem, other.privateKeyPem);
});

test('node:tls accepts it for 127.0.0.1 and localhost when it is the CA, and not otherwise', async () => {
	// The clock of node:tls is the real one.
	const made = selfSignedCertificate(Date.now());
	const server = createServer({ key: made.privateKeyPem, cert: made.certificatePem }, (socket) => socket.end('hello'));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	for (const servername of ['localhost', '']) {
		const trusting = connect({ port, host: '127.0.0.1', ca: made.certificatePem, servername });
		await once(trusting, 'secureConnect');
		assert.ok(trusting.authorized);
		trusting.destroy();
	}
	const stranger = connect({ port, host: '127.0.0.1', ca: selfSignedCertificate(Date.now()).certificatePem });
	const [error] = await once(stranger, 'error');
	assert.ok(error instanceof Error);
	server.close();
});

test('openssl reads it and verifies it by the strict rules', (t) => {
	if (spawnSync('openssl', ['version']).status !== 0) return t.skip('needs openssl');
	const pem = selfSignedCertificate(Date.now()).certificatePem;
	const text = spawnSync('openssl', ['x509', '-noout', '-text'], { input: pem, encoding: 'utf8' });
	assert.equal(text.status, 0, text.stderr);
	assert.match(text.stdout, /Version: 3/);
	assert.match(text.stdout, /ecdsa-with-SHA256/);
	assert.match(text.stdout, /CA:FALSE/);
	const path = join(temporaryDirectory(t), 'sandbox.pem');
	writeFileSync(path, pem);
	const strict = spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', path, path], { encoding: 'utf8' });
	assert.equal(strict.status, 0, strict.stderr);
});
