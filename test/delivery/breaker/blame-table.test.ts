/**
 * Whose fault it is, stage by stage, as a table (reference/reliability.md §3: row, connection, relay, local).
 *
 *     row         what becomes of this recipient when he is the only one who hears it
 *     connection  "ends": the reply speaks of the connection, the recipient goes to another one and no attempt is counted
 *     server      "stops" or "rests" after so many different recipients in a row; "slower": fewer connections, lower rate
 *     campaign    what counts against --max-bounce-rate and --max-failures
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classify } from '../../../src/bounces/classify.ts';
import { replyFromText } from '../../../src/bounces/reply-from-text.ts';
import { isSessionLimit } from '../../../src/delivery/session-limit.ts';
import type { Stage } from '../../../src/smtp/outcome.ts';
import { RefusingServer } from './refusals.ts';

const table = `
stage   | reply                                                              | row         | connection | server         | campaign
mail    | 550 5.7.1 Sender address rejected: not owned by user               | left        | -          | stops after 1  | -
mail    | 550 The from address does not match a verified Sender Identity     | left        | -          | stops after 1  | -
mail    | 550 5.1.1 <news@acme.example>: User unknown                        | deferred    | -          | stops after 3  | -
mail    | 550 zzz                                                            | deferred    | -          | stops after 3  | -
mail    | 552 5.3.4 Message size exceeds fixed limit                         | bounced     | -          | stops after 5  | failure
mail    | 451 4.3.0 Temporary failure                                        | deferred    | -          | rests after 5  | -
mail    | 452 4.4.5 Maximum number of messages per session exceeded          | untouched   | ends       | -              | -
mail    | 421 4.7.0 Too many connections                                     | untouched   | ends       | slower         | -
mail    | 421 4.3.2 Service shutting down                                    | untouched   | ends       | -              | -
rcpt    | 550 5.1.1 <{}>: User unknown                                       | suppressed  | -          | -              | dead address, failure
rcpt    | 550 5.2.1 <{}>: Mailbox disabled                                   | suppressed  | -          | -              | dead address, failure
rcpt    | 550 5.1.2 Domain not found                                         | suppressed  | -          | -              | dead address, failure
rcpt    | 550 5.1.1 <news@acme.example>: User unknown                        | suppressed  | -          | stops after 5  | dead address, failure
rcpt    | 450 4.1.1 <{}>: User unknown                                       | deferred    | -          | -              | -
rcpt    | 452 4.2.2 <{}>: Mailbox full                                       | deferred    | -          | -              | -
rcpt    | 552 5.2.2 <{}>: Mailbox full                                       | deferred    | -          | -              | -
rcpt    | 450 4.2.0 <{}>: Greylisted, try again in 300 seconds               | deferred    | -          | -              | -
rcpt    | 451 4.7.1 Greylisting in action, please come back in 00:05:00      | deferred    | -          | -              | -
rcpt    | 554 5.7.1 <{}>: Relay access denied                                | left        | -          | stops after 1  | -
rcpt    | 530 5.7.0 Authentication required                                  | left        | -          | stops after 1  | -
rcpt    | 550 5.7.1 Daily SMTP relay limit exceeded for customer             | left        | -          | stops after 1  | -
rcpt    | 550 5.4.5 Daily user sending limit exceeded                        | left        | -          | stops after 1  | -
rcpt    | 421 Domain acme.example is not allowed to send: free               | left        | ends       | stops after 1  | -
rcpt    | 451 Authentication failed: Maximum credits exceeded                | left        | -          | stops after 1  | -
rcpt    | 450 4.2.1 Peak SMTP relay limit exceeded for customer              | deferred    | -          | slower, rests after 5 | -
rcpt    | 432 4.3.2 Concurrent connections limit exceeded                    | deferred    | -          | slower, rests after 5 | -
rcpt    | 450 4.7.25 Client host rejected: cannot find your hostname         | deferred    | -          | rests after 5  | -
rcpt    | 554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org   | deferred    | -          | stops after 5  | -
rcpt    | 550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; no      | bounced     | -          | stops after 5  | failure
rcpt    | 550 User disabled                                                  | bounced     | -          | stops after 5  | failure
rcpt    | 550 5.0.0 Rejected                                                 | bounced     | -          | stops after 5  | failure
rcpt    | 550 5.1.0 Rejected                                                 | bounced     | -          | stops after 5  | failure
rcpt    | 553 zzz                                                            | bounced     | -          | stops after 5  | failure
data    | 554 5.5.1 Error: no valid recipients                               | bounced     | -          | stops after 5  | failure
data    | 451 4.3.0 Queue file write error                                   | deferred    | -          | rests after 5  | -
verdict | 550 5.1.1 No such user                                             | suppressed  | -          | -              | dead address, failure
verdict | 554 Message rejected: Email address is not verified.               | left        | -          | stops after 1  | -
verdict | 554 Message rejected: Sending paused for this account.             | left        | -          | stops after 1  | -
verdict | 554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceeded    | left        | -          | stops after 1  | -
verdict | 454 Throttling failure: Maximum sending rate exceeded.             | deferred    | -          | slower, rests after 5 | -
verdict | 454 Throttling failure: Daily message quota exceeded.              | left        | -          | stops after 1  | -
verdict | 550 5.7.26 Unauthenticated email is not accepted, DMARC policy     | left        | -          | stops after 1  | -
verdict | 550 5.7.1 This message is not RFC 5322 compliant.                  | deferred    | -          | stops after 3  | -
verdict | 550 5.7.1 Message rejected as spam                                 | deferred    | -          | stops after 5  | -
verdict | 554 5.7.1 The message contained a virus                            | deferred    | -          | stops after 5  | -
verdict | 552 5.3.4 Message too big                                          | bounced     | -          | stops after 5  | failure
verdict | 554 Transaction failed                                             | bounced     | -          | stops after 5  | failure
verdict | 550 5.7.0 Requested action not taken: too many emails per second   | deferred    | -          | slower, rests after 5 | -
verdict | 451 4.3.0 Internal server error                                    | deferred    | -          | rests after 5  | -
verdict | 421 4.7.0 Try again later, closing connection                      | untouched   | ends       | -              | -
`;

interface Blame {
	readonly row: string;
	readonly connection: string;
	readonly server: string;
	readonly campaign: string;
}

const stages: readonly Stage[] = ['mail', 'rcpt', 'data', 'verdict'];

for (const stage of stages) {
	describe(`a refusal at ${stage.toUpperCase()}`, () => {
		const rows = table
			.trim()
			.split('\n')
			.map((line) => line.split('|').map((cell) => cell.trim()))
			.filter(([at]) => at === stage);
		for (const [, reply = '', row = '', connection = '', server = '', campaign = ''] of rows) {
			test(`${reply}`, () => {
				assert.deepEqual(blameOf(stage, reply), { row, connection, server, campaign });
			});
		}
	});
}

function blameOf(stage: Stage, text: string): Blame {
	const reply = replyFromText(text);
	const refusal = classify({ reply, stage, via: 'relay', provider: '' });
	const { verdict, after } = new RefusingServer().refuseAll(100, text, stage);
	const isLimit = isSessionLimit({ kind: 'rejected', stage, reply });
	const slower = refusal.action === 'slow' && !isLimit ? 'slower' : '';
	if (isLimit || (reply.code === 421 && refusal.action !== 'stop')) {
		return { row: 'untouched', connection: 'ends', server: slower || '-', campaign: '-' };
	}
	const ends = verdict === 'none' ? '' : `${verdict === 'stop_server' ? 'stops' : 'rests'} after ${after}`;
	return {
		row: after === 1 ? 'left' : rowOf(refusal.action),
		connection: reply.code === 421 ? 'ends' : '-',
		server: [slower, ends].filter((part) => part !== '').join(', ') || '-',
		campaign: campaignOf(refusal),
	};
}

function rowOf(action: string): string {
	if (action === 'suppress') return 'suppressed';
	return action === 'drop' ? 'bounced' : 'deferred';
}

function campaignOf({ type, action }: { readonly type: string; readonly action: string }): string {
	if (action !== 'suppress' && action !== 'drop') return '-';
	return type === 'hard' ? 'dead address, failure' : 'failure';
}
