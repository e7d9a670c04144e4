/** `--only`, `--resend` and `--resend-unknown`: who is sent to when the log knows some of the list already. */
import type { BounceCategory } from '../bounces/refusal.ts';
import { categories } from '../results/journal/key-state.ts';
import type { Resend, Selection } from '../results/selection.ts';
import { UsageError } from '../support/errors.ts';
import { nearest } from '../support/nearest.ts';
import { parseChoice } from './flag-values.ts';

interface SelectionFlags {
	readonly only?: string;
	readonly resend?: readonly string[];
	readonly resendUnknown?: boolean;
}

const settled = ['accepted', 'bounced', 'unknown'] as const;
const narrowed = ['deferred', 'failed', 'unknown'] as const;

/** UsageError for what names nobody. */
export function parseSelection({ only: onlyText, resend: texts = [], resendUnknown }: SelectionFlags): Selection {
	const resend = texts.map(parseResend);
	if (resendUnknown === true) resend.push({ status: 'unknown', category: '' });
	const only = onlyText === undefined ? null : parseChoice({ text: onlyText, origin: '--only' }, narrowed);
	if (only === 'unknown' && !resend.some(({ status }) => status === 'unknown')) {
		throw new UsageError(
			'--only unknown would send nothing: who is unknown may have got it, so nobody is sent to unasked',
			{
				hint: 'To send to them all the same, at the risk that they get it twice:\n  mailshot send ... --resend-unknown --only unknown',
			},
		);
	}
	if (only !== null && only !== 'unknown' && resend.length > 0) {
		throw new UsageError(`--resend names settled rows, and --only ${only} leaves them out`, {
			hint: 'Use one of the two.',
		});
	}
	return { resend, only };
}

function parseResend(text: string): Resend {
	const colon = text.indexOf(':');
	const [status, category] = colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
	if (status === 'deferred' || status === 'failed') {
		throw new UsageError(`--resend ${status}: they are sent to anyway by the next run`, {
			hint: `To send to nobody else:\n  mailshot send ... --only ${status}`,
		});
	}
	const known = parseChoice({ text: status, origin: '--resend' }, settled);
	if (category === '') {
		if (colon === -1) return { status: known, category: '' };
		throw new UsageError(`--resend "${text}" has no category behind the colon`, { hint: `--resend ${known}` });
	}
	if (known !== 'bounced') {
		throw new UsageError(`--resend "${text}": only who bounced has a category`, { hint: `--resend ${known}` });
	}
	return { status: known, category: parseCategory(category) };
}

function parseCategory(text: string): BounceCategory {
	const category = categories.find((candidate) => candidate === text);
	if (category !== undefined) return category;
	const meant = nearest(text, categories);
	throw new UsageError(`--resend: ${JSON.stringify(text)} is no bounce category`, {
		hint: meant === null ? `One of ${categories.join(', ')}` : `--resend bounced:${meant}`,
	});
}
