/** A certificate authority for tests, made with openssl: server certificates that are good, and bad in one way each. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ServerCertificate {
	readonly certificateFile: string;
	readonly keyFile: string;
	/** PEM. */
	readonly certificate: string;
	readonly key: string;
}

export interface TestCa {
	/** What a client would give as --tls-ca. */
	readonly caFile: string;
	/** PEM. */
	readonly caCertificate: string;
	/** For 127.0.0.1 and localhost. */
	readonly good: ServerCertificate;
	/** Signed by the CA, for another host. */
	readonly wrongName: ServerCertificate;
	/** Signed by the CA, ran out in 2020. */
	readonly expired: ServerCertificate;
	/** Signed by the CA, from 2048 on. */
	readonly notYetValid: ServerCertificate;
	/** For 127.0.0.1, signed by nobody but itself. */
	readonly selfSigned: ServerCertificate;
}

const ours = 'IP:127.0.0.1,DNS:localhost';

/** Makes the CA and its certificates as files in `directory`. */
export function makeTestCa(directory: string): TestCa {
	const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
	writeFileSync(join(directory, 'ca.conf'), caConfiguration);
	writeFileSync(join(directory, 'index.txt'), '');
	const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	const selfSign = (name: string, ...extensions: readonly string[]) => {
		const subject = ['-subj', `/CN=mailshot test ${name}`];
		openssl('req', '-x509', ...ecKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject, ...extensions);
	};
	const sign = (name: string, names: string, [from, until]: readonly [string, string]) => {
		openssl('req', ...ecKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=mailshot test ${name}`);
		writeFileSync(join(directory, 'names.conf'), `subjectAltName=${names}\n`);
		const dates = ['-startdate', from, '-enddate', until];
		const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', 'names.conf'];
		openssl('ca', '-batch', '-notext', '-config', 'ca.conf', ...dates, ...files);
	};
	selfSign('ca', '-days', '3650');
	selfSign('self-signed', '-days', '3650', '-addext', `subjectAltName=${ours}`);
	sign('good', ours, ['20200101000000Z', '20491231000000Z']);
	sign('wrong-name', 'DNS:another.example', ['20200101000000Z', '20491231000000Z']);
	sign('expired', ours, ['20200101000000Z', '20200201000000Z']);
	sign('not-yet-valid', ours, ['20480101000000Z', '20491231000000Z']);
	return {
		caFile: join(directory, 'ca.pem'),
		caCertificate: readFileSync(join(directory, 'ca.pem'), 'utf8'),
		good: readCertificate(directory, 'good'),
		wrongName: readCertificate(directory, 'wrong-name'),
		expired: readCertificate(directory, 'expired'),
		notYetValid: readCertificate(directory, 'not-yet-valid'),
		selfSigned: readCertificate(directory, 'self-signed'),
	};
}

function readCertificate(directory: string, name: string): ServerCertificate {
	const certificateFile = join(directory, `${name}.pem`);
	const keyFile = join(directory, `${name}.key`);
	return {
		certificateFile,
		keyFile,
		certificate: readFileSync(certificateFile, 'utf8'),
		key: readFileSync(keyFile, 'utf8'),
	};
}

// `openssl x509 -days` cannot make a certificate that has run out already; `openssl ca` can, and wants this.
const caConfiguration = `[ca]
default_ca = test
[test]
certificate = ca.pem
private_key = ca.key
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;
