/** What the plan says about how people leave and where bounces go, as the first recipient gets it. */
import { cleanText } from '../support/clean-text.ts';
import type { SendOptions } from './send-options.ts';

export interface WaysBack {
	/** List-Unsubscribe of the first message, unfolded. */
	readonly listUnsubscribe: string;
	/** Its envelope sender. */
	readonly envelopeFrom: string;
}

export interface PlanLine {
	readonly label: string;
	readonly value: string;
}

/** None when nothing of it was asked for. Tokens are shortened: they are long, and whoever reads one over a shoulder could use it. */
export function waysBackLines(
	{ listUnsubscribe, envelopeFrom }: WaysBack,
	asked: Pick<SendOptions, 'unsubscribeUrl' | 'unsubscribeMailto' | 'verp'>,
): readonly PlanLine[] {
	const lines: PlanLine[] = [];
	if (asked.unsubscribeUrl !== null || asked.unsubscribeMailto !== null) {
		const [first = '', ...others] = [...listUnsubscribe.matchAll(/<([^>]*)>/g)].map(([, url = '']) => url);
		const isOneClick = /^https:/i.test(first);
		const also = others.length > 0 ? ', or by mail' : '';
		lines.push({
			label: 'Leaving',
			value: `${shorten(withoutSubject(first))}${isOneClick ? ` (one click${also})` : ''}`,
		});
	}
	if (asked.verp !== null) lines.push({ label: 'Bounces', value: `to ${shorten(envelopeFrom)}` });
	return lines;
}

function withoutSubject(url: string): string {
	return url.startsWith('mailto:') ? `mail to ${decodeURIComponent(url.slice(7).split('?', 1)[0] ?? '')}` : url;
}

function shorten(text: string): string {
	return cleanText(text, 500)
		.replace(/(?<![\w.-])(1[\w-]{5})[\w-]{17,}\.[\w-]+/, '$1…')
		.replace(/(\+[\da-f]{6})[\da-f]{34}@/, '$1…@');
}
