/** `mailshot unsubscribe` as commander sees it. */
import type { Command } from 'commander';
import type { Surroundings } from './surroundings.ts';
import type { VerifyFlags } from './unsubscribe-command.ts';

const notes = `
Unsubscribe links are yours to answer: a small program behind them has a token,
and asks whose it is.

  mailshot send list.csv -t news.hbs \\
      --unsubscribe-url "https://acme.example/u/{{@unsubscribe_token}}"

  mailshot unsubscribe verify TOKEN          (the address, a tab, the campaign)
  mailshot unsubscribe verify TOKEN --suppress unsubscribed.csv
  mailshot unsubscribe verify - --json < tokens.txt

The next send takes the same list: --suppress unsubscribed.csv. A whole endpoint
in twenty lines is samples/unsubscribe-endpoint.mjs; mail programs call it with
POST and without asking anybody (RFC 8058), so POST unsubscribes, and GET only
asks.

Tokens are signed with MAILSHOT_SECRET (32 octets at least: text, base64:...,
hex:...) or the file secret in ~/.local/state/mailshot ($XDG_STATE_HOME), which
is made on first use, except in CI. After a change put the secret before it
into MAILSHOT_SECRET_OLD (several are separated by spaces): links in mail that
was sent have to work for 30 days at least.

Exit codes: 0 every token is right; 65 one is forged or none; 73 the list cannot
be written or has a wrong line; 78 no secret.
`;

export function addUnsubscribe(program: Command, surroundings: Surroundings, onExit: (exitCode: number) => void): void {
	const unsubscribe = program
		.command('unsubscribe')
		.description('whose an unsubscribe token is')
		.usage('verify <token...> [options]')
		.addHelpText('after', notes);
	unsubscribe
		.command('verify')
		.description('print address and campaign of tokens that are right')
		.argument('<token...>', 'as they stand in the links; - reads standard input, one a line')
		.option('--json', 'one object a token: valid, address, campaign, reason')
		.option('--suppress <file>', 'add who leaves to this suppression list')
		.option('--config <file>', 'instead of ./mailshot.yaml')
		.option('--env-file <file>', 'MAILSHOT_ variables, one NAME=value a line')
		.addHelpText('after', notes)
		.action(async (tokens: readonly string[], flags: VerifyFlags) => {
			const { verifyTokensCommand } = await import('./unsubscribe-command.ts');
			onExit(await verifyTokensCommand(tokens, flags, surroundings));
		});
}
