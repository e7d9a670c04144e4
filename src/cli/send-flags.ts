/** The flags of `mailshot send`, in the groups of its help, and the texts around them. */
import { type Command, Option } from 'commander';

const examples = `Examples:
  mailshot send list.csv -t news.hbs --dry-run
  mailshot send list.csv -t news.hbs --smtp smtp://news@smtp.acme.example
  mailshot send list.csv -t news.hbs --rate 14/s --rate 10000/day
  mailshot send list.csv -t news.hbs --yes --expect 12000..13000     (cron)
  mailshot send list.csv -t news.hbs \\
      --unsubscribe-url "https://acme.example/u/{{@unsubscribe_token}}"
  export-customers | mailshot send - -t news.hbs --limit 100
`;

export const settingNotes = `
Settings: most flags can be set in three more places, under the same name:
--max-wait 2h is MAILSHOT_MAX_WAIT=2h in the environment and max_wait: 2h in a
file. What stands further left here wins:

  flag > environment > --env-file > ./mailshot.yaml or --config FILE
       > ~/.config/mailshot/config.yaml > default

  # mailshot.yaml                       paths are relative to this file
  from: Acme News <news@acme.example>
  rate: [14/s, 10000/day]
  domain_rate: { gmail.com: 5/s }
  smtp:                                 one server, or several in order
    - { url: "smtp://news@smtp.acme.example", password_file: smtp.secret }
    - { url: "smtps://news@backup.example", connections: 2, rate: 5/s }

The server is MAILSHOT_SMTP_URL there (several are separated by spaces), who
signs in MAILSHOT_SMTP_USER, the password MAILSHOT_SMTP_PASSWORD. A file with a
password must be readable by you alone. Commands are not taken from a
mailshot.yaml that nobody named. \`mailshot config\` shows what holds.
`;

const notes = `
Run the same command again to go on: who is settled (accepted, bounced, unknown)
is passed over; who was deferred, failed or never reached is sent to. The
journal beside the log decides: keep the two together. A new --log starts a new
campaign, in which everybody is written to.

Ctrl-C stops it (SIGTERM and SIGHUP, too), a second one at once. SIGUSR2 prints
a status line. To outlive a closed terminal use tmux, setsid or systemd-run;
nohup does not help, because Node does not keep its ignored SIGHUP.

The server: smtp:// is port 587 with STARTTLS (required), smtps:// port 465 with
TLS from the first byte. On this machine (127.0.0.1, ::1, localhost) smtp:// is
plain unless --tls or --tls-ca says otherwise. Several servers are tried in
order: the next one takes what the one before it certainly did not. A password
in a --smtp URL is refused; without any other way to it, it is asked for.

Unsubscribe links and --verp are signed with MAILSHOT_SECRET, or a secret that
is made on first use; \`mailshot unsubscribe --help\` says how links are answered.

A rehearsal (--sandbox) heeds --rate, --domain-rate and --retry as flags only,
and tries nothing again without --retry.
${settingNotes}`;

interface Flag {
	readonly flags: string;
	readonly says: string;
	/** once: one value. several: may be given again. run: belongs to one run, so that only this flag sets it. */
	readonly kind: 'once' | 'several' | 'run' | 'run_several';
}

const groups: readonly (readonly [title: string, flags: readonly Flag[]])[] = [
	[
		'What to send:',
		[
			run('-t, --template <file>', 'header lines, blank line, body: .hbs or .html, .txt'),
			run('--partials <folder>', 'of {{> name}} (default: partials/ beside the template, if it is there)'),
			once('--from <address>', 'instead of the From line of the template'),
			once('--subject <text>', 'instead of its Subject line'),
			runSeveral('--set <name=value>', 'a variable for the template (repeatable)'),
		],
	],
	[
		'To whom:',
		[
			run('--email-column <name>', 'column of the addresses (default: found by its name)'),
			run('--key <column>', 'column that identifies a recipient (default: the address)'),
			run('--delimiter <character>', 'between cells, or comma, semicolon, tab, pipe (default: found)'),
			run('--encoding <name>', 'of the list, for example windows-1252 (default: utf-8)'),
			several(
				'--suppress <file>',
				'never to who is on this list (repeatable); hard bounces are added to the first one',
			),
			run('--limit <n>', 'send at most n messages in this run'),
		],
	],
	[
		'How people leave, and where bounces go:',
		[
			once(
				'--unsubscribe-url <url>',
				'link with {{@unsubscribe_token}} in it: one click in mail programs, {{@unsubscribe_url}} for the body',
			),
			once('--unsubscribe-mailto <address>', 'people may also write to this address'),
			once('--verp <address>', 'bounces come to it, with a signed token in it (default: to the From address)'),
			once('--bounce-rules <file>', 'rules of your own for what a refusal means, asked before those of mailshot'),
			run('--dsn', 'ask for bounces that name message and recipient, where the server offers DSN (RFC 3461)'),
		],
	],
	[
		'To whom again, when the log exists already:',
		[
			run('--only <status>', 'of those not settled, only the deferred, failed or unknown ones'),
			runSeveral(
				'--resend <status[:category]>',
				'also the settled ones: unknown, bounced, bounced:policy ... (repeatable)',
			),
			run('--resend-unknown', 'the same as --resend unknown: they may get it twice'),
			run('--template-changed', 'yes, what is left gets a changed message'),
		],
	],
	[
		'Through which server:',
		[
			several('--smtp <url>', 'smtp://user@host:port or smtps://user@host (repeatable: tried in order)'),
			once('--provider <name>', 'whose limits hold, and whose server it is without --smtp: ses, gmail ...'),
			once('--concurrency <n>', 'connections at the same time, 1 to 200 (default: 10)'),
			once('--messages-per-connection <n>', 'then a new one is opened (default: 1000)'),
			once(
				'--window <n>',
				'messages of a connection that a crash may leave unknown, 1 to 100; above 2 as many are in flight where the server offers CHUNKING (default: 2)',
			),
		],
	],
	[
		'Signing in:',
		[
			once('--user <name>', 'who signs in, when the URL does not say'),
			once('--password-file <file>', 'the password is in this file, which only you can read'),
			once('--password-command <command>', 'this command prints the password'),
			once('--oauth-token-command <command>', 'this command prints an OAuth 2 access token'),
			once('--oauth-refresh <file>', 'how to get an OAuth 2 access token (JSON)'),
			once('--tls <mode>', 'auto, implicit, starttls or off (default: auto)'),
			once('--tls-ca <file>', 'certificate authorities to trust instead of the system (PEM)'),
			once('--tls-fingerprint <sha256>', 'trust the certificate with this fingerprint alone'),
		],
	],
	[
		'How fast:',
		[
			several('--rate <n/time>', '14/s, 600/min, 10000/day (repeatable: all of them hold)'),
			several('--domain-rate <domain=n/time>', 'the same to one domain: gmail.com=5/s (repeatable)'),
			once('--retry <times>', 'when a refusal was for now: 1m,5m*2,30m or none (default: 1m,5m,15m)'),
			once('--max-wait <time>', 'for servers that are away, or a quota (default: 1h)'),
		],
	],
	[
		'When to stop:',
		[
			once('--max-bounce-rate <n%>', 'of the last 200 messages, or none (default: 20%)'),
			once('--max-failures <n>', 'bounced, failed or unknown ones in this run (default: none)'),
			once('--max-runtime <time>', '30m, 2h, 1d (default: none)'),
			once('--deadline <time>', '18:00 (the next one), 2026-11-23T06:00 (default: none)'),
			once('--grace <time>', 'after Ctrl-C, for messages under way: 500ms, 20s, 2m, 1h (default: 20s)'),
		],
	],
	[
		'Being careful:',
		[
			run('--dry-run', 'render every row, report every error, send nothing'),
			run('--sandbox', 'send everything to a mail server inside mailshot'),
			run('-y, --yes', 'do not ask'),
			run('--expect <a..b>', 'stop unless the list has so many recipients (whatever --limit or the log say)'),
			run('--unsafe-fs', 'keep the log on a network file system all the same'),
		],
	],
	[
		'What is left of it:',
		[
			run(
				'--log <file>',
				'results, one JSON line a row (default: ./<list>.<template>.results.jsonl; with --sandbox ./<list>.<template>.sandbox.results.jsonl, which each rehearsal replaces)',
			),
			run('--campaign <name>', 'name in the log (default: that of the template)'),
			runSeveral('--tag <name=value>', 'tag in the log (repeatable)'),
			once('--trace <file>', 'the dialogue with the servers, without secrets'),
		],
	],
	[
		'What it says:',
		[
			once('--progress <interval>', 'of lines where no bar is shown: 10s, 2m, none (default: 30s)'),
			run('--json', 'progress and summary as JSON lines on standard output'),
			run('-q, --quiet', 'only what is wrong'),
			run('--verbose', 'the plan also where nobody is asked, with how each part is made'),
			run('--no-color', 'no colours'),
		],
	],
	[
		'Where settings are:',
		[
			once('--config <file>', 'instead of ./mailshot.yaml'),
			once('--env-file <file>', 'MAILSHOT_ variables, one NAME=value a line'),
		],
	],
];

export function addSend(program: Command): Command {
	const send = program
		.command('send')
		.usage('<list.csv|-> --template <file> [options]')
		.description('send a campaign; shows the plan, asks first')
		.argument('<list>', 'CSV file with a header row; - reads standard input');
	for (const [title, flags] of groups) {
		send.optionsGroup(title);
		for (const flag of flags) send.addOption(optionOf(flag));
	}
	return send.addHelpText('before', examples).addHelpText('after', notes);
}

/** For `mailshot config`, which says what a `send` with the same flags would hold to; only those that name files are shown. */
export function addHiddenSettingFlags(command: Command): Command {
	for (const flag of groups.flatMap(([, flags]) => flags)) {
		if (flag.kind !== 'once' && flag.kind !== 'several') continue;
		const option = optionOf(flag);
		command.addOption(/--(?:config|env-file) /.test(flag.flags) ? option : option.hideHelp());
	}
	return command;
}

function optionOf({ flags, says, kind }: Flag): Option {
	const option = new Option(flags, says);
	if (kind === 'once' || kind === 'run') return option;
	return option.argParser((value: string, values: readonly string[] = []) => [...values, value]);
}

function once(flags: string, says: string): Flag {
	return { flags, says, kind: 'once' };
}

function several(flags: string, says: string): Flag {
	return { flags, says, kind: 'several' };
}

function run(flags: string, says: string): Flag {
	return { flags, says, kind: 'run' };
}

function runSeveral(flags: string, says: string): Flag {
	return { flags, says, kind: 'run_several' };
}
