/** The log of a campaign on disk, as runs leave it that were sent to nobody. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { KeyTable } from '../../src/recipients/key-table.ts';
import { CampaignLog } from '../../src/results/campaign-log.ts';
import type { RunRecord } from '../../src/results/journal/journal-record.ts';
import { openCampaign } from '../../src/results/open-campaign.ts';
import { temporaryDirectory } from '../helpers/temporary-directory.ts';
import {
	attempt,
	makeAccepted,
	makeBounced,
	makeDeferred,
	makeRecipient,
	makeUnknown,
	TestClock,
} from '../results/make-result.ts';

export type Ending = 'accepted' | 'bounced' | 'deferred' | 'unknown' | 'open';

export interface PastRecipient {
	readonly address: string;
	readonly key?: string;
	readonly ending: Ending;
}

const run: Omit<RunRecord, 'type' | 'v' | 'run'> = {
	run_id: '01KAMN4Q2V8D6T2YB7N5KXWCRA',
	campaign_id: '000102030405060708090a0b0c0d0e0f',
	campaign: 'november-news',
	tags: { team: 'a' },
	tool: 'mailshot 0.1.0',
	started_at: '2026-11-22T09:00:00.000Z',
	pid: 4711,
	pid_started: '',
	boot_id: '',
	host: 'mailhost',
	key_rule: 'address',
	message: { From: 'Acme <news@acme.example>', Subject: 'Hello' },
	rehearsal: false,
	server_address: 'smtp.acme.example',
	server_port: 587,
	connections: 4,
	window: 10,
	resend: '',
	verp: '',
};

export function newCampaign(context: TestContext): string {
	return join(temporaryDirectory(context), 'results.jsonl');
}

/** One run over `recipients`; it ends by a crash when the mark of one of them stays open. */
export async function addRun(logPath: string, recipients: readonly PastRecipient[]): Promise<void> {
	const clock = new TestClock();
	const [keys, locals] = [new KeyTable(Buffer.alloc(16, 1)), new KeyTable(Buffer.alloc(16, 2))];
	const opened = await openCampaign(logPath, { keys, locals });
	const log = await CampaignLog.begin({ logPath, opened, keys, locals, run, clock });
	const durable = new Promise<void>((resolve) => log.onDurable(resolve));
	const past = recipients.map(({ address, key = address.toLowerCase(), ending }, index) => {
		const recipient = makeRecipient({ address, key, row: index + 1, line: index + 2 });
		const { message } = makeAccepted({ recipient });
		return { recipient, ending, mark: log.mark(message, { number: 1, connection: 3 }) };
	});
	log.hurry();
	if (past.length > 0) await durable;
	for (const { recipient, ending, mark } of past) {
		const result = { recipient, attempt: { ...attempt, mark: mark.id } };
		if (ending === 'accepted') log.record(makeAccepted(result));
		if (ending === 'bounced') log.record(makeBounced(result));
		if (ending === 'deferred') log.record(makeDeferred(result));
		if (ending === 'unknown') log.record(makeUnknown(result));
	}
	if (past.some(({ ending }) => ending === 'open')) await new Promise((resolve) => setImmediate(resolve));
	else await log.close();
}
