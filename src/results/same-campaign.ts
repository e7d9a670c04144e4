/** Whether a command goes on with the campaign that a log belongs to, or would make something else of it (design.md §5). */
import { cleanText } from '../support/clean-text.ts';
import { UsageError } from '../support/errors.ts';
import { shellWord } from '../support/shell-word.ts';
import type { RunRecord } from './journal/journal-record.ts';

export type CampaignFacts = Pick<RunRecord, 'key_rule' | 'message' | 'rehearsal'>;

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
	if (earlier.key_rule !== now.key_rule) {
		throw new UsageError(
			`${log} identifies recipients by ${ruleWords(earlier.key_rule)}, and this command by ${ruleWords(now.key_rule)}: everybody would be written to again`,
			{ hint: keyHint(earlier.key_rule) },
		);
	}
	const changes = changedParts(earlier.message, now.message);
	if (changes.length === 0 || mayChangeMessage) return;
	throw new UsageError(`the message is not the one that ${log} was begun with: ${changes.join('; ')}`, {
		hint: [
			'To send what is left of the campaign the changed message, say so:',
			'  mailshot send ... --template-changed',
			newLog,
		].join('\n'),
	});
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
	return rule === 'address' ? 'their address' : `the column ${cleanText(rule.slice('column:'.length), 80)}`;
}

function keyHint(rule: string): string {
	const fix =
		rule === 'address'
			? 'Leave --key out, as in its first run.'
			: `mailshot send ... --key ${shellWord(cleanText(rule.slice('column:'.length), 80))}`;
	return `${fix}\nA new --log starts a new campaign.`;
}

function newName(path: string): string {
	return `${path.replace(/\.jsonl$/, '')}.2.jsonl`;
}
