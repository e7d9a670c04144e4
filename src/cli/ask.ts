/** The question before anything is sent, and what a person has to type for it. */
import { UsageError } from '../support/errors.ts';
import type { ControllingTerminal } from './controlling-terminal.ts';
import { formatCount, formatCounted } from './format.ts';

export interface Question {
	/** Messages that would be sent. */
	readonly count: number;
	/** On the list, settled ones included: what --expect counts. */
	readonly recipients: number;
	/** `smtp.acme.example:587` */
	readonly server: string;
	/** As typed, for the hint: `mailshot send list.csv -t news.hbs`. */
	readonly command: string;
}

/** Up to so many, y is enough; above, the number has to be typed: it is hard to type by accident. */
const confirmAbove = 20;

/** Resolves when the answer was yes; UsageError (exit 2) when it was anything else. Rejects with the reason of the signal. */
export async function ask(
	question: Question,
	terminal: ControllingTerminal,
	options: { readonly signal: AbortSignal },
): Promise<void> {
	const { count, server } = question;
	const readLine = () => terminal.readLine({ hidden: false, signal: options.signal });
	if (count <= confirmAbove) {
		terminal.write(`  Send ${formatCounted(count, 'message')} through ${server}? [y/N] `);
		if (/^y(es)?$/i.test((await readLine()).trim())) return;
		throw new UsageError('the answer was no: nothing was sent');
	}
	terminal.write(`  Send ${formatCount(count)} messages through ${server}?\n`);
	terminal.write('  Type the number to start, anything else to stop: ');
	const answer = (await readLine()).trim();
	// As shown (12,313) or as a number; other separators are how people elsewhere write it.
	if (/^\d[\d.,' _]*$/.test(answer) && Number(answer.replace(/\D/g, '')) === count) return;
	throw new UsageError(
		answer === '' ? 'the answer was no: nothing was sent' : `that was not ${formatCount(count)}: nothing was sent`,
	);
}

/** What is thrown when there is nobody to ask: exit 2, with the two flags that make the run unattended. */
export function nobodyToAsk(question: Question): UsageError {
	const { count, recipients, command } = question;
	return new UsageError(`this would send ${formatCounted(count, 'message')} and nobody is here to ask.`, {
		hint: [
			'Add --yes to send without asking. For cron, also say how many you expect:',
			`  ${command} --yes --expect ${expectedRange(recipients)}`,
		].join('\n'),
	});
}

/** A range that lets a list grow a little, and stops a doubled export. */
function expectedRange(count: number): string {
	const step = 10 ** Math.max(0, String(count).length - 2);
	return `${Math.max(1, Math.floor((count * 0.95) / step) * step)}..${Math.ceil((count * 1.05) / step) * step}`;
}
