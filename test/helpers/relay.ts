/** A relay that keeps the truth: what it accepted, to be held against what the log says. */
import assert from 'node:assert/strict';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import type { SentCampaign } from './send-campaign.ts';
import { type AcceptedMail, type DialogueOptions, smtpDialogue } from './smtp-dialogue.ts';
import type { Cleanup } from './temporary-directory.ts';

export interface Relay extends ScriptedServer {
	readonly accepted: readonly AcceptedMail[];
}

/** Starts one on a free port of 127.0.0.1. */
export async function startRelay(cleanup: Cleanup, options: DialogueOptions): Promise<Relay> {
	const accepted: AcceptedMail[] = [];
	const server = await startScriptedServer(smtpDialogue({ ...options, accepted }));
	cleanup.after(() => server.stop());
	return Object.assign(server, { accepted });
}

/** The promise, held against what the server knows: nobody twice, and the log claims nothing that is not so. */
export function assertTruth(relay: Relay, sent: SentCampaign): void {
	const atTheServer = relay.accepted.map((mail) => mail.recipient);
	assert.equal(new Set(atTheServer).size, atTheServer.length, 'a recipient was sent two copies');
	const withStatus = (...statuses: readonly string[]) =>
		new Set(sent.rows.filter((row) => row.final && statuses.includes(row.status)).map((row) => row.recipient));
	for (const recipient of withStatus('accepted'))
		assert.ok(atTheServer.includes(recipient), `${recipient} never arrived`);
	const mayHaveArrived = withStatus('accepted', 'unknown');
	for (const recipient of atTheServer)
		assert.ok(mayHaveArrived.has(recipient), `${recipient} arrived, the log denies it`);
	for (const mail of relay.accepted)
		assert.ok(!mail.lines.some((line) => /[\r\n\0]/.test(line)), 'a bare CR, LF or NUL on the wire');
	sent.summary();
}
