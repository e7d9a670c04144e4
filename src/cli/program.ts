/** The command line as commander sees it: commands, flags, help. What a command does is loaded when it is called. */

import { Command } from 'commander';
import { sandboxAddresses } from '../sandbox/asked-behaviour.ts';
import type { BouncesFlags } from './bounces-command.ts';
import { addBounces } from './bounces-flags.ts';
import type { ExplainFlags } from './explain-command.ts';
import { addExplain } from './explain-usage.ts';
import type { RepairFlags } from './log-command.ts';
import { packageVersion } from './package-file.ts';
import type { ProbeFlags } from './probe-command.ts';
import type { ResolveFlags } from './resolve-command.ts';
import type { SandboxFlags } from './sandbox-command.ts';
import { addHiddenSettingFlags, addSend, settingNotes } from './send-flags.ts';
import type { SendFlags } from './send-options.ts';
import type { SettingFlags } from './settings/open-settings.ts';
import { addSuppress } from './suppress-program.ts';
import type { Surroundings } from './surroundings.ts';
import { layoutWidth } from './text-width.ts';
import { addUnsubscribe } from './unsubscribe-usage.ts';

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
	addSuppress(program, surroundings, onExit);
	addBounces(program).action(async (sources: readonly string[], flags: BouncesFlags) => {
		const { bouncesCommand } = await import('./bounces-command.ts');
		onExit(await bouncesCommand(sources, flags, surroundings));
	});
	addUnsubscribe(program, surroundings, onExit);

	program.commandsGroup('Look:');
	program
		.command('probe')
		.description('what a mail server offers; sends nothing')
		.argument('<server>', 'smtp:// or smtps:// URL, host, or provider (ses:eu-west-1)')
		.option('--user <name>', 'sign in as; without it nobody signs in')
		.option('--password-file <file>', 'the password is in this file')
		.option('--password-command <command>', 'this command prints the password')
		.option('--oauth-token-command <command>', 'this command prints an OAuth 2 access token')
		.option('--oauth-refresh <file>', 'how to get an OAuth 2 access token (JSON)')
		.option('--tls <mode>', 'auto, implicit, starttls or off (default: auto)')
		.option('--tls-ca <file>', 'certificate authorities to trust instead of the system (PEM)')
		.option('--tls-fingerprint <sha256>', 'trust the certificate with this fingerprint alone')
		.option('--trace <file>', 'write down the dialogue, without secrets')
		.option('--json', 'as JSON')
		.option('--no-color', 'no colours')
		.action(async (target: string, flags: ProbeFlags) => {
			const { probeCommand } = await import('./probe-command.ts');
			onExit(await probeCommand(target, flags, surroundings));
		});
	addExplain(program).action(async (replies: readonly string[], flags: ExplainFlags) => {
		const { explainCommand } = await import('./explain-command.ts');
		onExit(await explainCommand(replies, flags, surroundings));
	});
	addConfig(program).action(async (flags: SettingFlags & { readonly json?: boolean }) => {
		const { configCommand } = await import('./config-command.ts');
		onExit(await configCommand(flags, surroundings));
	});
	return program;
}

function addConfig(program: Command): Command {
	const config = program
		.command('config')
		.usage('[options]')
		.description('every setting, and where it came from')
		.option('--json', 'as JSON')
		.addHelpText('after', settingNotes);
	return addHiddenSettingFlags(config);
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

/** `name+close@example.com` -> `+close@`. */
function tagOf(address: string): string {
	return address.slice(address.indexOf('+'), address.indexOf('@') + 1);
}
