/** `mailshot suppress` as commander sees it. What a command does is loaded when it is called. */
import { type Command, Option } from 'commander';
import type { ChangeFlags } from './suppress-change.ts';
import type { ImportFlags } from './suppress-import.ts';
import type { LookFlags } from './suppress-look.ts';
import type { Surroundings } from './surroundings.ts';

const notes = `
A suppression list says who is not written to any more: a text file, one entry
a line, which you may edit, keep in git and share between campaigns. Only the
first field is needed, so a plain list of addresses is one:

  # address|@domain|sha256:<hex>,reason,date,source
  bob@example.com,hard,2026-11-22T17:05:12Z,november-news
  @example.org          every address at example.org, not at its subdomains
  @.example.org         every address at its subdomains, not at itself
  sha256:5ff860bf11...  an address that does not stand here in plain text:
                        printf %s bob@example.com | sha256sum

Upper and lower case are the same; +tags and dots count. Reasons are hard,
complaint, unsubscribe, manual (when none is given) and soft, or your own words.

  mailshot send list.csv -t news.hbs --suppress suppress.csv

leaves these people out, however often a CSV brings them back. When the run ends
it adds those who bounced for good (hard), unless the server said the same to
five in a row, which is rather about you; and those whose mailbox was full five
times in three campaigns over thirty days (soft), which is counted in
suppress.csv.soft.jsonl beside the list. Who is removed is not brought back by
bounces from before: a comment with a hash remembers it.

Which list: --list, or what send takes (--suppress, MAILSHOT_SUPPRESS,
"suppress:" in mailshot.yaml). Of several lists the first one is written to.

  mailshot suppress add bob@example.com @example.org --list suppress.csv
  mailshot suppress why bob@example.com
  mailshot suppress import unsubscribed_segment_export.csv --from mailchimp
  mailshot suppress export --format hashed > for-our-agency.csv

Exit codes: 0; 3 when why finds somebody who is not suppressed, remove leaves
somebody suppressed by another entry, or import left lines out; 65 when a line
of a list is no entry (all of them are shown); 66 when there is no such list;
73 when it cannot be written; 75 while another mailshot rewrites it.
`;

export function addSuppress(program: Command, surroundings: Surroundings, onExit: (exitCode: number) => void): void {
	const suppress = program
		.command('suppress')
		.description('who is not written to any more')
		.usage('<add|remove|why|list|import|export> [options]')
		.addHelpText('after', notes);
	const addCommand = (name: string) =>
		suppress
			.command(name)
			.option('--list <file>', 'suppression list (repeatable; default: the setting suppress)', several)
			// As send calls it: who types that here means the same.
			.addOption(new Option('--suppress <file>').argParser(several).hideHelp())
			.option('--config <file>', 'instead of ./mailshot.yaml')
			.option('--env-file <file>', 'MAILSHOT_ variables, one NAME=value a line')
			.option('--json', 'as JSON');
	const who = 'addresses, @domains or sha256: hashes; - reads standard input, one a line';
	addCommand('add')
		.description('add somebody')
		.argument('<address...>', who)
		.option('--reason <word>', 'unsubscribe, complaint, hard ... (default: manual)')
		.option('--source <words>', 'where you know it from')
		.option('--hashed', 'write hashes instead of addresses')
		.action(async (who: readonly string[], flags: ChangeFlags) => {
			const { addCommand: run } = await import('./suppress-change.ts');
			onExit(await run(who, flags, surroundings));
		});
	addCommand('remove')
		.description('take somebody off, from all lists')
		.argument('<address...>', who)
		.action(async (who: readonly string[], flags: ChangeFlags) => {
			const { removeCommand } = await import('./suppress-change.ts');
			onExit(await removeCommand(who, flags, surroundings));
		});
	addCommand('why')
		.description('which entry suppresses somebody, with its file and line')
		.argument('<address...>', who)
		.action(async (who: readonly string[], flags: LookFlags) => {
			const { whyCommand } = await import('./suppress-look.ts');
			onExit(await whyCommand(who, flags, surroundings));
		});
	addCommand('list')
		.description('all entries')
		.option('--reason <word>', 'only these')
		.action(async (flags: LookFlags) => {
			const { listCommand } = await import('./suppress-look.ts');
			onExit(await listCommand(flags, surroundings));
		});
	addCommand('import')
		.description('add what another service has suppressed')
		.argument('<file...>', 'what it exported')
		.option('--from <service>', 'mailchimp, sendgrid, ses, postmark, plain, log or auto (default: auto)')
		.option('--reason <word>', 'for all of them, whatever the file says')
		.option('--source <words>', 'where it comes from (default: the service)')
		.option('--hashed', 'write hashes instead of addresses')
		.action(async (paths: readonly string[], flags: ImportFlags) => {
			const { importCommand } = await import('./suppress-import.ts');
			onExit(await importCommand(paths, flags, surroundings));
		});
	addCommand('export')
		.description('all entries, for another program')
		.option('--format <name>', 'plain, csv, sendgrid or hashed (default: csv)')
		.option('--reason <word>', 'only these')
		.action(async (flags: LookFlags) => {
			const { exportCommand } = await import('./suppress-look.ts');
			onExit(await exportCommand(flags, surroundings));
		});
}

function several(value: string, values: readonly string[] = []): readonly string[] {
	return [...values, value];
}
