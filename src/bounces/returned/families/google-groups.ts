/**
 * Google Groups, in about a dozen languages, without a reply code: "We're writing to let you know that the group you tried to contact (news) may not exist, or
 * you may not have permission to post messages to the group. ... Thanks, Google Groups". What all languages share are the links to the help pages.
 */
import { type NoticeFamily, reportsBeside } from './notice-family.ts';

const signs: readonly string[] = [
	'groups.google.com/support',
	'groups.google.com/',
	'support.google.com/a/',
	'support.google.com/groups',
	'google groups',
	'google 그룹',
	'google グループ',
	'google-gruppen',
	'google网上论坛',
	'google 網上論壇',
	'группы google',
	'grupos de google',
	'google gruppi',
];
const topic =
	/the group you tried to contact|groups\.google\.com|topic\.py|group(?:e|en|o|pe|pi|s)?\b|gruppo|グループ|그룹|群组|群組|论坛|論壇|групп|grup|ryhm|skupin|csoport|ομάδ|nhóm|กลุ่ม|مجموع|קבוצ|समूह/;

export const googleGroups: NoticeFamily = {
	id: 'google-groups',
	read(notice) {
		if (notice.role !== 'machine') return null;
		const { headers } = notice.mail;
		if (!/google|gmail/i.test(headers.get('from').slice(0, 500)) && headers.get('x-failed-recipients') === '')
			return null;
		if (!signs.some((sign) => notice.phrases.includes(sign)) || !topic.test(notice.phrases)) return null;
		if (notice.phrases.includes('**') || notice.phrases.includes('technical details of')) return null;
		// The greeting comes first, then the sentence that says why.
		const lines = notice.text.split('\n').map((line) => line.trim());
		const why = lines.find((line) => line.length > 60) ?? lines.find((line) => line.length > 20) ?? '';
		return reportsBeside(notice, [why], { isDelay: false });
	},
};
