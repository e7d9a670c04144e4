/** The flags of `mailshot bounces`, and the texts around them. */
import type { Command } from 'commander';

const examples = `Examples:
  mailshot bounces ~/Maildir
  mailshot bounces /var/mail/bounces old/*.mbox.gz
  mailshot bounces returned/ --json > returned.jsonl
  mailshot bounces ses-events.jsonl.gz --format ses
  cat mail.eml | mailshot bounces -
  mailshot bounces ~/Maildir --log news.results.jsonl --suppress suppressed.csv
`;

const notes = `
A source is a Maildir, a folder (with all folders below it) of mails, an mbox, a
single mail, or - for standard input; each may be packed with gz. What a file
is, its content tells, not its name. Events of relays (JSON: one object a line,
a list, or what SNS, SQS and Firehose make of them) are read as bounces and
complaints, unless --format says mail.

--json prints one object for each recipient that a mail or an event speaks of,
and nothing for ordinary mail:

  file                   path, path#12 (of an mbox) or path:14 (line of events)
  kind                   bounce, delay, delivered, complaint, unsubscribe,
                         auth-report or auto-reply
  recipient reply        who, and what was said
  enhanced_code          5.1.1
  bounce_type            hard (the address is dead), soft (for now), block
                         (it is about you, not the address) or unknown
  bounce_category        invalid_recipient, mailbox_full, reputation ...
  bounce_action          suppress, retry, slow, hold, stop or drop
  bounce_rule            what decided that
  message_id             of the message that came back
  matched                whether the log knows it; false without --log
  undo                   true for a complaint that is taken back

  mailshot bounces returned/ --json |
    jq -r 'select(.bounce_action == "suppress") | .recipient'

--log FILE finds out what was sent: by the signed envelope sender of --verp, by
the envelope id of --dsn, by Message-ID, by what the relay called the message,
and, where envelope senders were not signed, by recipient and time. What is new
becomes a row of that log (source dsn or arf); reading the same mail again adds
nothing. --suppress LIST adds whoever is dead, complained or asked to be left
alone, and only when the mail belongs to a message of the log or carries a token
that is ours: anybody can write a mail that looks like a bounce. A wish to be
left alone counts from the address it comes from, too.

Mails stay where they are. Exit codes: 0 when everything was read, 65 when
something could not be (standard error says what; the rest is read all the
same), 66 when a source or the log does not exist, 73 to 75 as for send.
`;

/** Without an action. */
export function addBounces(program: Command): Command {
	return program
		.command('bounces')
		.description('read mail that came back: who, why, and what to do')
		.argument('<source...>', 'Maildir, folder, mbox, .eml, .gz, events of a relay, or -')
		.option('--json', 'JSON lines, one for each recipient')
		.option('--format <name>', 'auto, mail, ses or sendgrid (default: auto)')
		.option('--log <file>', 'match with the log of a campaign, and write into it what is new')
		.option(
			'--suppress <list>',
			'with --log: whoever is dead, complained or left is added to this list; may be repeated, the first is written',
			(list: string, lists: readonly string[] = []) => [...lists, list],
		)
		.option('--config <file>', 'instead of ./mailshot.yaml')
		.option('--env-file <file>', 'MAILSHOT_ variables, one NAME=value a line')
		.option('--bounce-rules <file>', 'rules of your own for what a refusal means, asked first')
		.option('-q, --quiet', 'only what is wrong')
		.option('--no-color', 'no colours')
		.addHelpText('before', examples)
		.addHelpText('after', notes);
}
