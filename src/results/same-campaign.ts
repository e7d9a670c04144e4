/** Whether a command goes on with the campaign that a log belongs to, or would make something else of it (design.md §5). */
import { cleanText } from '../support/clean-text.ts';
import { UsageError } from '../support/errors.ts';
import { shellWord } from '../support/shell-word.ts';
import type { RunRecord } from './journal/journal-record.ts';

export type CampaignFacts = Pick<RunRecord, 'key_rule' | 'message' | 'rehearsal'>;

/** The same with what its header keeps besides, and what may change from run to run. */
export type HeaderFacts = CampaignFacts & Pick<RunRecord, 'verp'>;

/**
 * Throws UsageError for another key rule (it would double the list, so nothing overrides it), for a rehearsal's log in a real run and the other way round,
 * and for a changed message unless `mayChangeMessage`. A changed server is none of its business: people move on to another relay.
 */
export function assertSameCampaign(
	logPath: string,
	facts: { readonly earlier: CampaignFacts; readonly now: CampaignFacts; readonly mayChangeMessage: boolean },
): void {
	const { earlier, now, mayChangeMessage } = facts;
	const log = cleanText(logPath);
	const newLog = `A new log starts a new campaign, in which everybody is written to:\n  mailshot send ... --log ${shellWord(newName(logPath))}`;
	if (earlier.rehearsal !== now.rehearsal) {
		const [was, is] = earlier.rehearsal ? ['of a rehearsal', 'is sent'] : ['of a real run', 'would be a rehearsal'];
		throw new UsageError(`${log} is the log ${was}, and this ${is}: its "accepted" would mean nobody`, {
			hint: newLog,
		});
	}
	if (!isSameKey(earlier, now)) {
		throw new UsageError(
			`${log} identifies recipients by ${ruleWords(earlier.key_rule)}, and this command by ${ruleWords(now.key_rule)}: everybody would be written to again`,
			{ hint: keyHint(earlier.key_rule) },
		);
	}
	const changes = changedParts(earlier.message, now.message);
	if (changes.length === 0 || mayChangeMessage) return;
	const what = isUnknown(earlier)
		? `nobody knows any more which message ${log} was begun with, since its journal was rebuilt`
		: `the message is not the one that the last run of ${log} sent: ${changes.join('; ')}`;
	throw new UsageError(what, {
		hint: [
			isUnknown(earlier)
				? 'If it is the right one, say so:'
				: 'To send the changed message to those who are left, say so:',
			'  mailshot send ... --template-changed',
			newLog,
		].join('\n'),
	});
}

/** The journal that a repair made from a log alone does not know which column the addresses were in, nor what was sent. */
function isSameKey(earlier: CampaignFacts, now: CampaignFacts): boolean {
	if (earlier.key_rule === now.key_rule) return true;
	return isUnknown(earlier) && earlier.key_rule === 'address' && now.key_rule.startsWith('address');
}

function isUnknown({ message }: CampaignFacts): boolean {
	return Object.keys(message).length === 0;
}

/** In words: `the subject is "B", was "A"`. */
function changedParts(earlier: RunRecord['message'], now: RunRecord['message']): string[] {
	const names = [...new Set([...Object.keys(earlier), ...Object.keys(now)])];
	return names.flatMap((name) => {
		const [was = '', is = ''] = [earlier[name], now[name]];
		if (was === is) return [];
		if (name === 'From' || name === 'Subject') return [`${name} is "${shown(is)}", was "${shown(was)}"`];
		const part = partWords[name] ?? `its ${cleanText(name, 60)}`;
		if (was === '') return [`${part} is new`];
		return [is === '' ? `${part} is gone` : `${part} changed`];
	});
}

const partWords: Readonly<Record<string, string>> = {
	headers: 'another header line',
	html: 'the HTML part',
	text: 'the text part',
};

function shown(text: string): string {
	return cleanText(text, 120);
}

function ruleWords(rule: string): string {
	if (rule === 'address') return 'their address';
	const [kind, column = ''] = cleanText(rule, 100).split(':', 2);
	return kind === 'address' ? `their address in the column ${column}` : `the column ${column}`;
}

function keyHint(rule: string): string {
	const [kind = '', column = ''] = cleanText(rule, 100).split(':', 2);
	const flag = kind === 'address' ? '--email-column' : '--key';
	const fix =
		rule === 'address'
			? 'Leave --key and --email-column out, as in its first run.'
			: `Name the column that its first run named:\n  mailshot send ... ${flag} ${shellWord(column)}`;
	return `${fix}\nA new --log starts a new campaign, in which everybody is written to.`;
}

function newName(path: string): string {
	return `${path.replace(/\.jsonl$/, '')}.2.jsonl`;
}
