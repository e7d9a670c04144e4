/** The command line as commander sees it: commands, flags, help. What a command does is loaded when it is called. */

import { Command } from 'commander';
import { sandboxAddresses } from '../sandbox/asked-behaviour.ts';
import type { RepairFlags } from './log-command.ts';
import { packageVersion } from './package-file.ts';
import type { ResolveFlags } from './resolve-command.ts';
import type { SandboxFlags } from './sandbox-command.ts';
import type { SendFlags } from './send-options.ts';
import type { Surroundings } from './surroundings.ts';
import { layoutWidth } from './text-width.ts';

/** What `mailshot` without anything says. */
export const shortHelp = `Send one templated message to every row of a CSV file.

  mailshot demo                                 see it work, delivers nothing
  mailshot send list.csv -t news.hbs --dry-run  what would go wrong
  mailshot send list.csv -t news.hbs --sandbox  rehearse it inside mailshot
  mailshot send list.csv -t news.hbs            send it (asks first)

Run \`mailshot --help\` for all commands, \`mailshot send --help\` for one.
`;

const exitCodeHelp = `
Exit codes:
  0             every wanted message was accepted (skipped rows are fine)
  1             a bug in mailshot
  2             wrong usage, --expect not met, or nobody said yes
  3             finished; some recipients bounced, failed or are unknown
  4             stopped by a safety limit; work is left
  5             recipients were deferred or are left
  65 66         the template or the list is wrong, or missing
  69            the mail server cannot be reached
  73 74         log or journal cannot be written, or are not as they were left
  75            another run holds this log
  77 78         the login was refused, or a setting is wrong
  129 130 143   stopped by a signal, cleanly
`;

const sendExamples = `
Examples:
  mailshot send list.csv -t news.hbs --dry-run
  mailshot send list.csv -t news.hbs --smtp smtp://news@smtp.acme.example
  mailshot send list.csv -t news.hbs --yes --expect 12000..13000     (cron)
  export-customers | mailshot send - -t news.hbs --limit 100
`;

const sendNotes = `
Run the same command again to go on: who is settled (accepted, bounced, unknown)
is passed over; who was deferred, failed or never reached is sent to. The
journal beside the log decides: keep the two together. A new --log starts a new
campaign, in which everybody is written to.

Ctrl-C stops it (SIGTERM and SIGHUP, too), a second one at once. SIGUSR2 prints
a status line. To outlive a closed terminal use tmux, setsid or systemd-run;
nohup does not help, because Node does not keep its ignored SIGHUP.

The server: smtp:// is port 587 with STARTTLS (required), smtps:// port 465 with
TLS from the first byte. On this machine (127.0.0.1, ::1, localhost) smtp:// is
plain unless --tls or --tls-ca says otherwise. The password comes from
MAILSHOT_SMTP_PASSWORD, from the URL in MAILSHOT_SMTP_URL, or is asked for.

Environment, where the flag is missing: MAILSHOT_SMTP_URL, MAILSHOT_SMTP_USER,
MAILSHOT_TLS, MAILSHOT_TLS_CA, MAILSHOT_FROM, MAILSHOT_SUBJECT,
MAILSHOT_CONCURRENCY, MAILSHOT_MESSAGES_PER_CONNECTION, MAILSHOT_WINDOW,
MAILSHOT_GRACE, MAILSHOT_PROGRESS.
`;

const logNotes = `
After a crash, or when a connection breaks at the last moment, nobody but the
server knows whether it took a message. Those recipients are unknown: they are
never sent to again unless you say so. Look for their Message-IDs in the log of
the mail server, and tell:

  mailshot log unknown results.jsonl --json
  mailshot log resolve results.jsonl --accepted anna@example.com bob@example.com
  mailshot log unknown results.jsonl |
    mailshot log resolve results.jsonl --not-sent -

A log that cannot be gone on with (exit 74):

  mailshot log verify results.jsonl
  mailshot log repair results.jsonl
`;

const sandboxNotes = `
Refusals are asked for by the last +tag before the @ of a recipient:
${sandboxAddresses.map(({ address, effect }) => `  ${tagOf(address).padEnd(24)}${effect}\n`).join('')}`;

/** `onExit` gets the exit code of the command that ran. Parsing throws CommanderError instead of ending the process. */
export function makeProgram(surroundings: Surroundings, onExit: (exitCode: number) => void): Command {
	const program = new Command('mailshot')
		.usage('<command> [options]')
		.exitOverride()
		.showSuggestionAfterError(true)
		.configureOutput({
			writeOut: (text) => surroundings.stdout.write(text),
			// Errors are thrown, and shown in one place and one form.
			writeErr: () => {},
			getOutHelpWidth: () => layoutWidth(surroundings.stdout),
		})
		.configureHelp({ sortOptions: false })
		.version(packageVersion(), '-V, --version', 'print the version')
		.helpOption('-h, --help', 'show help')
		.addHelpCommand(
			new Command('help').argument('[command]').description('show help for one command').helpGroup('Help:'),
		)
		.addHelpText('before', `${shortHelp.slice(0, shortHelp.lastIndexOf('\n\n'))}\n`)
		.addHelpText('after', exitCodeHelp);

	program.commandsGroup('Try:');
	program
		.command('demo')
		.description('send a sample campaign inside this program')
		.option('--no-color', 'no colours')
		.action(async (flags: { readonly color?: boolean }) => {
			const { demoCommand } = await import('./demo-command.ts');
			onExit(await demoCommand(flags, surroundings));
		});
	program
		.command('sandbox')
		.description('a local mail server that delivers nothing')
		.option('--port <number>', 'port on 127.0.0.1; 0 for any free one (default: 2525)')
		.option('--tls [mode]', 'offer TLS with a self-made certificate: starttls (default) or implicit')
		.option('--auth <user:password>', 'take mail only with this login')
		.option('--save <dir>', 'keep each message as an .eml file')
		.option('--json', 'print each message as a JSON line')
		.addHelpText('after', sandboxNotes)
		.action(async (flags: SandboxFlags) => {
			const { sandboxCommand } = await import('./sandbox-command.ts');
			onExit(await sandboxCommand(flags, surroundings));
		});

	program.commandsGroup('Send:');
	addSend(program).action(async (list: string, flags: SendFlags) => {
		const { sendCommand } = await import('./send-command.ts');
		onExit(await sendCommand(list, flags, surroundings));
	});
	addLog(program, surroundings, onExit);
	return program;
}

function addLog(program: Command, surroundings: Surroundings, onExit: (exitCode: number) => void): void {
	const log = program
		.command('log')
		.description('who is unknown; verify, repair and resolve')
		.usage('<unknown|resolve|verify|repair> <results.jsonl> [options]')
		.addHelpText('after', logNotes);
	const addCommand = (name: string) => log.command(name).argument('<file>', 'the log (its journal lies beside it)');
	addCommand('unknown')
		.description('list them, one address a line')
		.option('--json', 'JSON lines, with Message-ID, time and server to search for')
		.action(async (file: string, flags: { readonly json?: boolean }) => {
			const { unknownCommand } = await import('./log-command.ts');
			onExit(await unknownCommand(file, flags, surroundings));
		});
	addCommand('resolve')
		.description('say what became of them')
		.argument('<address...>', 'addresses, or keys; - reads standard input, one a line')
		.option('--accepted', 'the server took the message: it is never sent again')
		.option('--not-sent', 'it did not: the next run sends it')
		.option('--unsafe-fs', 'also on a network file system')
		.action(async (file: string, recipients: readonly string[], flags: ResolveFlags) => {
			const { resolveCommand } = await import('./resolve-command.ts');
			onExit(await resolveCommand({ file, recipients }, flags, surroundings));
		});
	addCommand('verify')
		.description('see what is whole; changes nothing')
		.action(async (file: string) => {
			const { verifyCommand } = await import('./log-command.ts');
			onExit(await verifyCommand(file, surroundings));
		});
	addCommand('repair')
		.description('save what is whole; keeps the old files')
		.option('--key <column>', 'as the runs had it, when no header of a run survived')
		.option('--unsafe-fs', 'also on a network file system')
		.action(async (file: string, flags: RepairFlags) => {
			const { repairCommand } = await import('./log-command.ts');
			onExit(await repairCommand(file, flags, surroundings));
		});
}

function addSend(program: Command): Command {
	const collect = (value: string, values: readonly string[] = []) => [...values, value];
	return program
		.command('send')
		.usage('<list.csv|-> --template <file> [options]')
		.description('send a campaign; shows the plan, asks first')
		.argument('<list>', 'CSV file with a header row; - reads standard input')
		.optionsGroup('What to send:')
		.option('-t, --template <file>', 'header lines, blank line, body: .hbs or .html, .txt')
		.option('--from <address>', 'instead of the From line of the template')
		.option('--subject <text>', 'instead of its Subject line')
		.option('--set <name=value>', 'a variable for the template (repeatable)', collect)
		.optionsGroup('To whom:')
		.option('--email-column <name>', 'column of the addresses (default: found by its name)')
		.option('--key <column>', 'column that identifies a recipient (default: the address)')
		.option('--delimiter <character>', 'between cells, or comma, semicolon, tab, pipe (default: found)')
		.option('--encoding <name>', 'of the list, for example windows-1252 (default: utf-8)')
		.option('--limit <n>', 'send at most n messages in this run')
		.optionsGroup('To whom again, when the log exists already:')
		.option('--only <status>', 'of those not settled, only the deferred, failed or unknown ones')
		.option(
			'--resend <status[:category]>',
			'also the settled ones: unknown, bounced, bounced:policy ... (repeatable)',
			collect,
		)
		.option('--resend-unknown', 'the same as --resend unknown: they may get it twice')
		.option('--template-changed', 'yes, what is left gets a changed message')
		.optionsGroup('Through which server:')
		.option('--smtp <url>', 'smtp://user@host:port or smtps://user@host')
		.option('--user <name>', 'who signs in, when the URL does not say')
		.option('--tls <mode>', 'auto, implicit, starttls or off (default: auto)')
		.option('--tls-ca <file>', 'certificate authorities to trust instead of the system (PEM)')
		.option('--concurrency <n>', 'connections at the same time, 1 to 200 (default: 10)')
		.option('--messages-per-connection <n>', 'then a new one is opened (default: 1000)')
		.option('--window <n>', 'messages of a connection that a crash may leave unknown, 1 to 100 (default: 2)')
		.optionsGroup('Being careful:')
		.option('--dry-run', 'render every row, report every error, send nothing')
		.option('--sandbox', 'send everything to a mail server inside mailshot')
		.option('-y, --yes', 'do not ask')
		.option('--expect <a..b>', 'stop unless the list has so many recipients (whatever --limit or the log say)')
		.option('--grace <time>', 'after Ctrl-C, for messages under way: 500ms, 20s, 2m, 1h (default: 20s)')
		.option('--unsafe-fs', 'keep the log on a network file system all the same')
		.optionsGroup('What is left of it:')
		.option(
			'--log <file>',
			'results, one JSON line a row (default: ./<list>.<template>.results.jsonl; with --sandbox ./<list>.<template>.sandbox.results.jsonl, which each rehearsal replaces)',
		)
		.option('--campaign <name>', 'name in the log (default: that of the template)')
		.option('--tag <name=value>', 'tag in the log (repeatable)', collect)
		.optionsGroup('What it says:')
		.option('--progress <interval>', 'of lines where no bar is shown: 10s, 2m, none (default: 30s)')
		.option('--json', 'progress and summary as JSON lines on standard output')
		.option('-q, --quiet', 'only what is wrong')
		.option('--verbose', 'the plan also where nobody is asked')
		.option('--no-color', 'no colours')
		.addHelpText('before', sendExamples.trimStart())
		.addHelpText('after', sendNotes);
}

/** `name+close@example.com` -> `+close@`. */
function tagOf(address: string): string {
	return address.slice(address.indexOf('+'), address.indexOf('@') + 1);
}
