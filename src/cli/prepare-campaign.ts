/** From a list and a template to everything that can be known before sending: message, counts, problems. */
import { tmpdir } from 'node:os';
import { type CompiledMessage, compileMessage } from '../message/compile-message.ts';
import { identifyMessage } from '../message/identify-message.ts';
import { loadTemplate, type TemplateSource } from '../message/load-template.ts';
import { type ListOptions, openList, type RecipientList } from '../recipients/open-list.ts';
import { spoolInput } from '../recipients/spool-input.ts';
import { type Survey, surveyList } from '../recipients/survey-list.ts';
import type { Status } from '../results/result.ts';
import { assertSameCampaign, type CampaignFacts } from '../results/same-campaign.ts';
import {
	describeResend,
	earlierCounts,
	nobody,
	type PassOver,
	passOver,
	type Selection,
} from '../results/selection.ts';
import { UsageError } from '../support/errors.ts';
import type { HeldLog } from './hold-log.ts';
import { addressKeyRule, columnKeyRule } from './key-rule.ts';
import { type ReadableMessage, readRendered } from './read-rendered.ts';
import type { SendOptions } from './send-options.ts';
import type { Surroundings } from './surroundings.ts';

export interface Campaign {
	readonly list: RecipientList;
	/** File that the rows are read from: the list, or where standard input was kept. */
	readonly listPath: string;
	readonly message: CompiledMessage;
	readonly survey: Survey;
	/** The log it belongs to, locked and read. */
	readonly held: HeldLog;
	/** Whose rows are not sent to, by what the journal knows. */
	readonly passOver: PassOver;
	/** How the rows that are passed over ended in earlier runs. */
	readonly earlier: Readonly<Record<Status, number>>;
	readonly facts: CampaignFacts;
	readonly selection: Selection;
	/** Of the template, and of going on with this log. */
	readonly warnings: readonly string[];
	/** The message of the first recipient; null when there is none or it cannot be rendered. */
	readonly example: (ReadableMessage & { readonly line: number }) | null;
	/** Deletes what standard input was kept in. */
	release(): void;
}

type CampaignOptions = Pick<
	SendOptions,
	| 'list'
	| 'template'
	| 'partials'
	| 'from'
	| 'subject'
	| 'emailColumn'
	| 'delimiter'
	| 'encoding'
	| 'keyColumn'
	| 'set'
	| 'campaign'
	| 'selection'
	| 'mayChangeMessage'
>;

const shownProblems = 100;

/** Throws UsageError and RunError (65, 66, 73) for what is wrong with list and template; rejects with the reason of the signal. */
export async function prepareCampaign(
	options: CampaignOptions,
	{ stdin, clock, randomBytes }: Pick<Surroundings, 'stdin' | 'clock' | 'randomBytes'>,
	watch: {
		readonly held: HeldLog;
		readonly isRehearsal: boolean;
		readonly signal: AbortSignal;
		readonly onRows: (rows: number) => void;
		/** When it is read already. */
		readonly template?: TemplateSource;
	},
): Promise<Campaign> {
	const template = watch.template ?? (await readTemplate(options));
	const { held } = watch;
	const kept = options.list.isStdin ? await keepInput(stdin, watch.signal) : null;
	const listPath = kept?.path ?? options.list.path;
	const release = () => kept?.remove();
	try {
		const list = await openList(listOptions(options, listPath));
		const message = await compileMessage(template, {
			columns: list.columns,
			emailColumn: list.emailColumn,
			...(options.from === null ? {} : { from: options.from }),
			...(options.subject === null ? {} : { subject: options.subject }),
			set: options.set,
			campaign: options.campaign,
			campaignId: held.campaignId,
			clock,
			randomBytes,
		});
		const facts = campaignFacts(options, { template, list, isRehearsal: watch.isRehearsal });
		if (held.opened.kind === 'existing') {
			const { lastRun: earlier } = held.opened.reading;
			assertSameCampaign(held.path, { earlier, now: facts, mayChangeMessage: options.mayChangeMessage });
		}
		const whom = passOver(options.selection);
		const survey = await surveyList(list, {
			maxProblems: shownProblems,
			sampleSize: 1,
			keys: held.keys,
			isPassedOver: (state) => whom[state] === 1,
			onProgress: watch.onRows,
			signal: watch.signal,
		});
		return {
			list,
			listPath,
			message,
			survey,
			held,
			passOver: whom,
			earlier: earlierCounts(survey, nobody),
			facts,
			selection: options.selection,
			warnings: [...message.warnings, ...resendWarning(held, options.selection)],
			example: renderExample(message, survey),
			release,
		};
	} catch (error) {
		release();
		throw error;
	}
}

/** Finds out, before a server is asked for or a password, that there are a template and a list. RunError 65 and 66. */
export async function openInputs(options: CampaignOptions): Promise<TemplateSource> {
	const template = await readTemplate(options);
	if (!options.list.isStdin) await openList(listOptions(options, options.list.path));
	return template;
}

function readTemplate({ template, partials }: CampaignOptions): Promise<TemplateSource> {
	return loadTemplate(template, partials === null ? {} : { partials });
}

function campaignFacts(
	options: CampaignOptions,
	made: { readonly template: TemplateSource; readonly list: RecipientList; readonly isRehearsal: boolean },
): CampaignFacts {
	const { template, list, isRehearsal } = made;
	const { from, subject } = options;
	const keyColumn = list.columns.names[list.keyColumn];
	// A column that was found by itself may get another name in the next export; one that was named is what the person meant.
	const emailColumn = options.emailColumn === null ? null : (list.columns.names[list.emailColumn] ?? null);
	const flags = { ...(from === null ? {} : { from }), ...(subject === null ? {} : { subject }) };
	return {
		key_rule: keyColumn === undefined ? addressKeyRule(emailColumn) : columnKeyRule(keyColumn),
		message: { ...identifyMessage(template, flags) },
		rehearsal: isRehearsal,
	};
}

async function keepInput(stdin: Surroundings['stdin'], signal: AbortSignal) {
	if (stdin.isTTY === true) {
		throw new UsageError('the list is to come from standard input, and that is this terminal', {
			hint: 'Pipe it in, or name a file:\n  cat list.csv | mailshot send - --template news.hbs',
		});
	}
	return spoolInput(stdin, tmpdir(), { signal });
}

function listOptions(options: CampaignOptions, path: string): ListOptions {
	const { delimiter, encoding, emailColumn, keyColumn } = options;
	return {
		path,
		displayName: options.list.displayName,
		...(delimiter === null ? {} : { delimiter }),
		...(encoding === null ? {} : { encoding }),
		...(emailColumn === null ? {} : { emailColumn }),
		...(keyColumn === null ? {} : { keyColumn }),
	};
}

/** The same words a second time do not go on with the first: whoever is settled by then is named again. */
function resendWarning({ opened }: HeldLog, selection: Selection): string[] {
	const resend = describeResend(selection);
	if (resend === '' || opened.kind === 'new' || opened.reading.lastRun.resend !== resend) return [];
	return [`the last run was given --resend ${resend}, too: whoever it reached is written to once more`];
}

function renderExample(message: CompiledMessage, { sample: [recipient] }: Survey): Campaign['example'] {
	if (recipient === undefined) return null;
	const rendering = message.render(recipient);
	return rendering.kind === 'rendered'
		? { ...readRendered(rendering.message.content.toString('latin1')), line: recipient.line }
		: null;
}
