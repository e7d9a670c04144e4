/** What TLS costs: the same sink in plain and behind TLS from the first byte, mailshot and nodemailer on both. */
import { makeTestCa } from '../helpers/test-ca.ts';
import { type Arena, arenaOf, inFreshDirectory } from './arena.ts';
import { mailshot } from './contenders.ts';
import { nodemailerPool } from './peers.ts';
import { type Contender, race } from './race.ts';
import { raceTable } from './race-table.ts';
import { type BenchContext, type Section, scaled } from './section.ts';
import { startCountingSink } from './servers.ts';

export async function measureTls(context: BenchContext): Promise<Section> {
	return inFreshDirectory(context, async (directory) => {
		const { caFile, good } = makeTestCa(directory);
		const plainSink = await startCountingSink('--no-chunking');
		const key = ['--tls-key', good.keyFile, '--tls-cert', good.certificateFile];
		const tlsSink = await startCountingSink('--no-chunking', ...key);
		try {
			const plain = arenaOf(context, plainSink);
			const tls: Arena = { ...arenaOf(context, tlsSink), caFile };
			const many = scaled(context, 60_000);
			const few = scaled(context, 10_000);
			const contenders: readonly Contender[] = [
				{ ...mailshot(tls, many), name: 'mailshot, TLS' },
				{ ...mailshot(plain, many), name: 'mailshot, plain' },
				{ ...nodemailerPool(tls, few), name: 'nodemailer pool, TLS' },
				{ ...nodemailerPool(plain, few), name: 'nodemailer pool, plain' },
			];
			const laps = await race(contenders, context);
			const { columns, rows, contenders: data } = raceTable(laps);
			return {
				name: 'tls',
				title: `TLS: ${context.connections} connections, chunking-sink.mjs`,
				notes: [
					'TLS from the first byte, an ECDSA P-256 certificate, what Node negotiates (TLS 1.3); PIPELINING, no CHUNKING',
					'the sink runs in Node and costs more than the C one: compare the rows with each other, not with other tables',
					'nodemailer opens a new connection after 1,000 messages, and so does mailshot',
				],
				columns,
				rows,
				data: { contenders: data },
				figures: [],
			};
		} finally {
			await Promise.all([plainSink.stop(), tlsSink.stop()]);
		}
	});
}
