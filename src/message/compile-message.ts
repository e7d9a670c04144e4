/**
 * A template to a function from recipient to message (RFC 5322), made once per run. What one row costs is in `render` and what it calls:
 * plain synchronous calls, strings put together, no look at the whole message (reference/performance.md §3.3).
 */
import type { Columns } from '../recipients/columns.ts';
import type { Recipient } from '../recipients/row.ts';
import { makeUnsubscribeTokens } from '../recipients/tokens/unsubscribe-token.ts';
import { makeVerp } from '../recipients/tokens/verp.ts';
import { cleanText } from '../support/clean-text.ts';
import type { Clock } from '../support/clock.ts';
import { exitCodes, RunError, UsageError } from '../support/errors.ts';
import { checkTemplate } from './check-template.ts';
import { type Body, compileBodies, type MessagePart } from './compile-bodies.ts';
import { checkHeaders, chooseHeaders, compileHeaders } from './compile-headers.ts';
import { makeCompiler } from './compile-program.ts';
import { composeSkeleton } from './compose-skeleton.ts';
import type { TemplateSource } from './load-template.ts';
import { makeMailDate } from './mail-date.ts';
import { makeMessageIds } from './message-id.ts';
import { MessageRenderer } from './render-message.ts';
import type { RenderResult } from './rendered-message.ts';
import { joinUses } from './resolve-paths.ts';
import { makeRowContext } from './row-context.ts';
import { TemplateNames } from './template-names.ts';
import { isUnknownName, type Problem, templateError } from './template-problem.ts';

export interface CompileOptions {
	readonly columns: Columns;
	/** Index of the address column: what `{{email}}` means where no column is called so. */
	readonly emailColumn: number;
	/** Instead of the template's From line; template text like it. */
	readonly from?: string;
	readonly subject?: string;
	/** Template text of the link, an https URL; with the next one it makes the List-Unsubscribe lines. */
	readonly unsubscribeUrl?: string;
	readonly unsubscribeMailto?: string;
	/** Address that envelope senders are made from; without it they are the From address. */
	readonly verp?: string;
	/** Delivery status notifications are asked for, where a server makes them (RFC 3461). */
	readonly dsn?: boolean;
	/** What signs tokens. Called once, when a token is needed; may throw RunError. */
	readonly secret?: () => Buffer;
	/** `--set` values by name. */
	readonly set: ReadonlyMap<string, string>;
	readonly campaign: string;
	/** 16 random bytes, the same for every run of the campaign: Message-IDs come from it. */
	readonly campaignId: Buffer;
	readonly clock: Clock;
	readonly randomBytes: (size: number) => Buffer;
}

export interface CompiledMessage {
	/** The message of one row, or why it cannot be one. Synchronous; about 9 us for a usual newsletter. */
	render(recipient: Recipient): RenderResult;
	/** The sender's address. */
	readonly from: string;
	/** The subject as the template has it, on one line. */
	readonly subject: string;
	readonly parts: readonly MessagePart[];
	/** Files of the partials that are in it. */
	readonly partials: readonly string[];
	readonly warnings: readonly string[];
	readonly fastPath: boolean;
	/** '' on the fast path. */
	readonly slowPathReason: string;
}

/**
 * Throws RunError 65 with every problem of the template at once, each with file:line:column; UsageError for a `--set` name that is a column.
 * Asynchronous because nodemailer's composer is.
 */
export async function compileMessage(source: TemplateSource, options: CompileOptions): Promise<CompiledMessage> {
	const { campaign, campaignId, clock, columns, emailColumn, randomBytes } = options;
	if (campaign.includes('\0')) throw new UsageError('the campaign name has a NUL in it');
	const names = new TemplateNames(columns, options.set, { emailColumn });
	const problems: Problem[] = [];
	const headers = checkHeaders(chooseHeaders(source, options), problems, names);
	const { partials } = source;
	const [html, text] = (['html', 'text'] as const).map((kind) => {
		const body = source[kind];
		const checked = body === null ? null : checkTemplate(body, problems, { names, part: { kind, partials } });
		return body === null || checked === null ? null : { body, checked };
	});
	if (problems.length > 0) throw templateError(problems, problems.some(isUnknownName) ? columnsHint(columns) : '');

	const headerUses = joinUses(headers.map(({ checked }) => checked.uses));
	const bodyUses = joinUses([html, text].flatMap((part) => (part ? [part.checked.uses] : [])));
	const uses = joinUses([headerUses, bodyUses]);
	const needsUnsubscribe = uses.runData.has('unsubscribe_url');
	if (needsUnsubscribe && !headers.some(({ header }) => header.name === 'List-Unsubscribe')) {
		throw new RunError(
			exitCodes.badInput,
			`${cleanText(source.path)}: {{@unsubscribe_url}} needs a List-Unsubscribe header to take it from`,
			{
				hint: [
					'--unsubscribe-url "https://acme.example/u/{{@unsubscribe_token}}", or in the template:',
					'List-Unsubscribe: <https://acme.example/u/{{token}}>',
				].join('\n'),
			},
		);
	}
	const warnings = [...source.warnings];
	for (const tag of html?.checked.uses.unescaped ?? []) {
		warnings.push(`${tag} puts a value into the HTML as it is: whoever filled that cell can change the page`);
	}
	const compile = makeCompiler(uses.helpers);
	const compiledHeaders = compileHeaders(headers, compile, { names, needsUnsubscribe });
	const bodies = await compileBodies({ html: html ?? null, text: text ?? null, compile, warnings });
	if (bodies.length === 0)
		throw new RunError(exitCodes.badInput, `${cleanText(source.path)}: the message would be empty`);
	const lines = compiledHeaders.lines;
	const skeleton = await composeSkeleton({
		headers: [...lines.map(({ field }) => field.name), 'Date', 'Message-ID'],
		hasHtml: hasPart(bodies, 'html'),
		hasText: hasPart(bodies, 'text'),
		randomBytes,
	});
	const needsToken = uses.runData.has('unsubscribe_token');
	const secret = needsToken || options.verp !== undefined ? secretOf(options) : null;
	const renderer = new MessageRenderer({
		lines,
		unsubscribeToken: secret === null || !needsToken ? null : makeUnsubscribeTokens(secret, { campaign }),
		verp: secret === null || options.verp === undefined ? null : makeVerp(secret, options.verp),
		asksForDsn: options.dsn === true,
		unsubscribe: compiledHeaders.unsubscribe,
		from: compiledHeaders.from,
		bodies,
		skeleton,
		context: makeRowContext(names, { uses, headerUses }),
		campaign,
		clock,
		mailDate: makeMailDate(clock),
		messageId: makeMessageIds(campaignId, compiledHeaders.fromDomain),
	});
	const parts = bodies.map(({ part }) => part);
	const slowPathReason = parts.map(({ slowReason }) => slowReason).find((reason) => reason !== '') ?? '';
	return {
		render: (recipient) => renderer.render(recipient),
		from: compiledHeaders.from,
		subject: (headers.find(({ header }) => header.name === 'Subject')?.header.text ?? '').replace(/\s*\n\s*/g, ' '),
		parts,
		partials: partials.used.map(({ place }) => place.file),
		warnings,
		fastPath: slowPathReason === '',
		slowPathReason,
	};
}

function secretOf({ secret }: CompileOptions): Buffer {
	if (secret === undefined) throw new Error('tokens are needed, and nobody said where the secret is');
	return secret();
}

function hasPart(bodies: readonly Body[], kind: MessagePart['kind']): boolean {
	return bodies.some(({ part }) => part.kind === kind);
}

// A list may have 2,000 columns.
function columnsHint(columns: Columns): string {
	const shown = columns.names
		.slice(0, 20)
		.map((name) => cleanText(name, 60))
		.join(', ');
	return `columns: ${shown}${columns.names.length > 20 ? `, and ${columns.names.length - 20} more` : ''}`;
}
