/** How `mailshot explain` is called: arguments, flags, help. */
import type { Command } from 'commander';

const notes = `
A reply is what a server said, as a log or a bounce shows it. Without --stage it
is taken as the answer to RCPT TO, unless the text says "in reply to ...".

  mailshot explain "550 5.1.1 User unknown"
  mailshot explain --provider gmail "421-4.7.28 Our system has detected ..."
  mailshot explain --via relay "554 5.7.1 Relay access denied"
  grep -o "said: .*" mail.log | mailshot explain - --json

Standard input is read line by line: a plain reply, or a JSON object with reply
and, where known, via, stage, provider, code, enhanced_code; its other fields
are passed through. A row of a results log will do. A line that cannot be read
is answered with an error, and the next one follows.

Rules of your own come before ours (YAML or JSON; a list):

  - id: acme-gate              # shown as own:acme-gate
    pattern: 'quarantined by acme.{0,40}'
    category: policy           # what --json calls bounce_category
    action: hold               # optional: suppress retry slow hold stop drop
    sample: '554 5.7.1 Quarantined by Acme Gate (42)'

Optional too: type (hard soft block unknown), via (relay mx), provider. The
pattern sees small letters, one blank between words, no codes, no local parts.
`;

export function addExplain(program: Command): Command {
	return program
		.command('explain')
		.description('what a refusal means, and what to do')
		.argument('<reply...>', 'what the server said; - reads standard input, one a line')
		.option('--via <side>', 'who said it: relay (your server) or mx (default: mx)')
		.option('--stage <stage>', 'in answer to what: greeting, mail, rcpt, verdict ... (default: rcpt)')
		.option('--provider <name>', 'whose server it is: gmail, outlook ...')
		.option('--bounce-rules <file>', 'rules of your own, asked first')
		.option('--json', 'one JSON object a reply')
		.option('--no-color', 'no colours')
		.addHelpText('after', notes);
}
