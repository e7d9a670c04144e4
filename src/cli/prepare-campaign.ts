/** From a list and a template to everything that can be known before sending: message, counts, problems. */
import { tmpdir } from 'node:os';
import type { HeaderFlags } from '../message/compile-headers.ts';
import { type CompiledMessage, compileMessage } from '../message/compile-message.ts';
import { identifyMessage } from '../message/identify-message.ts';
import { loadTemplate, type TemplateSource } from '../message/load-template.ts';
import { type ListOptions, openList, type RecipientList } from '../recipients/open-list.ts';
import { spoolInput } from '../recipients/spool-input.ts';
import { SuppressionList } from '../recipients/suppression/suppression-list.ts';
import { type Survey, surveyList } from '../recipients/survey-list.ts';
import type { Status } from '../results/result.ts';
import { assertSameCampaign, type HeaderFacts } from '../results/same-campaign.ts';
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
import { findCampaignSecret } from './secrets/campaign-secret.ts';
import type { SendOptions } from './send-options.ts';
import { assertSuppressionLists } from './suppress-files.ts';
import type { Surroundings } from './surroundings.ts';
import { alignmentWarning } from './verp-alignment.ts';

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
	/** Who is not written to; null without a list. */
	readonly suppression: SuppressionList | null;
	/** How the rows that are passed over ended in earlier runs. */
	readonly earlier: Readonly<Record<Status, number>>;
	readonly facts: HeaderFacts;
	readonly selection: Selection;
	/** Of the template, and of going on with this log. */
	readonly warnings: readonly string[];
	/** The message of the first recipient; null when there is none or it cannot be rendered. */
	readonly example: (ReadableMessage & { readonly line: number; readonly envelopeFrom: string }) | null;
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
	| 'unsubscribeUrl'
	| 'unsubscribeMailto'
	| 'verp'
	| 'dsn'
	| 'campaignSecret'
	| 'emailColumn'
	| 'delimiter'
	| 'encoding'
	| 'keyColumn'
	| 'set'
	| 'campaign'
	| 'selection'
	| 'mayChangeMessage'
	| 'suppress'
>;

const shownProblems = 100;

/** Throws UsageError and RunError (65, 66, 73) for what is wrong with list and template; rejects with the reason of the signal. */
export async function prepareCampaign(
	options: CampaignOptions,
	{ env, stdin, clock, randomBytes }: Pick<Surroundings, 'env' | 'stdin' | 'clock' | 'randomBytes'>,
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
		const tokenWarnings: string[] = [];
		const message = await compileMessage(template, {
			columns: list.columns,
			emailColumn: list.emailColumn,
			...headerFlags(options),
			...(options.verp === null ? {} : { verp: options.verp }),
			dsn: options.dsn,
			secret: () => {
				const { octets, madeFile } = findCampaignSecret(options.campaignSecret, { env, randomBytes });
				if (madeFile !== '') tokenWarnings.push(secretWarning(madeFile));
				return octets;
			},
			set: options.set,
			campaign: options.campaign,
			campaignId: held.campaignId,
			clock,
			randomBytes,
		});
		if (options.verp !== null) tokenWarnings.push(...alignmentWarning(options.verp, message.from));
		const facts = campaignFacts(options, { template, list, isRehearsal: watch.isRehearsal });
		if (held.opened.kind === 'existing') {
			const { lastRun: earlier } = held.opened.reading;
			assertSameCampaign(held.path, { earlier, now: facts, mayChangeMessage: options.mayChangeMessage });
		}
		const whom = passOver(options.selection);
		const suppression = readSuppression(options, randomBytes);
		const survey = await surveyList(list, {
			maxProblems: shownProblems,
			sampleSize: 1,
			keys: held.keys,
			isPassedOver: (state) => whom[state] === 1,
			...(suppression === null ? {} : { suppressionOf: ({ address }) => suppression.reasonOf(address) }),
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
			suppression,
			earlier: earlierCounts(survey, nobody),
			facts,
			selection: options.selection,
			warnings: [...message.warnings, ...tokenWarnings, ...resendWarning(held, options.selection)],
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
	assertSuppressionLists(options.suppress);
	return template;
}

/** RunError 65 and 66. */
function readSuppression(
	{ suppress }: CampaignOptions,
	randomBytes: Surroundings['randomBytes'],
): SuppressionList | null {
	if (suppress.length === 0) return null;
	return SuppressionList.read(suppress, { seed: randomBytes(16), firstMayBeNew: true });
}

function readTemplate({ template, partials }: CampaignOptions): Promise<TemplateSource> {
	return loadTemplate(template, partials === null ? {} : { partials });
}

function campaignFacts(
	options: CampaignOptions,
	made: { readonly template: TemplateSource; readonly list: RecipientList; readonly isRehearsal: boolean },
): HeaderFacts {
	const { template, list, isRehearsal } = made;
	const keyColumn = list.columns.names[list.keyColumn];
	// A column that was found by itself may get another name in the next export; one that was named is what the person meant.
	const emailColumn = options.emailColumn === null ? null : (list.columns.names[list.emailColumn] ?? null);
	return {
		key_rule: keyColumn === undefined ? addressKeyRule(emailColumn) : columnKeyRule(keyColumn),
		message: { ...identifyMessage(template, headerFlags(options)) },
		rehearsal: isRehearsal,
		verp: options.verp ?? '',
	};
}

function headerFlags({ from, subject, unsubscribeUrl, unsubscribeMailto }: CampaignOptions): HeaderFlags {
	return {
		...(from === null ? {} : { from }),
		...(subject === null ? {} : { subject }),
		...(unsubscribeUrl === null ? {} : { unsubscribeUrl }),
		...(unsubscribeMailto === null ? {} : { unsubscribeMailto }),
	};
}

function secretWarning(file: string): string {
	return `a new secret signs the tokens, keep it: ${file}`;
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
	if (rendering.kind !== 'rendered') return null;
	const { content, envelope } = rendering.message;
	return { ...readRendered(content.toString('latin1')), line: recipient.line, envelopeFrom: envelope.from };
}
