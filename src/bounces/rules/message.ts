/** The message itself or the way we speak: size, form, protocol (reference/bounces.md §1, `message`). */
import { oneOf } from './one-of.ts';
import type { ReplyRule } from './reply-rule.ts';
import { foreign } from './vocabulary.ts';

export const messageRules: readonly ReplyRule[] = [
	{
		id: 'line-too-long',
		pattern: oneOf(
			/\blines? (?:\S{1,12} ){0,2}?too long|line (?:length|limit)(?: \S{1,12}){0,3} (?:is |was )?(?:exceed|too|998|1000)|(?:allowed|maximum) line length/,
			/\blines? longer than/,
		),
		category: 'message',
		action: 'stop',
		actionOn4xx: 'stop',
		sample: '550 maximum allowed line length is 998 octets, got 1200',
		source: 'Exim',
	},
	{
		id: 'too-large',
		pattern: oneOf(
			/(?:message|mail|e-?mail|size|data|content|attachment|file|header|body)s? (?:\S{1,20} ){0,4}?(?:too (?:large|big|long)|(?:size )?exceeds? (?:\S{1,20} ){0,5}?(?:size|limit|maximum|length|databytes|bytes))/,
			/(?:message )?size (?:limit )?exceed/,
			/exceed\w* (?:\S{1,20} ){0,4}?(?:message size|maximum size|size limit|maximum message)/,
			/recipsizelimit|too large (?:message|mail)|message too (?:big|large|long)/,
			foreign.messageTooLarge,
			/(?:inbound|maximum|allowed) (?:message )?size|size limit|size (?:is )?too (?:big|large)|larger than the (?:current )?(?:system |server |maximum |allowed )/,
			/(?:taille|tamano|tamanho|dimensione|grosse|rozmiar|velikost|boyutu|grootte) (?:\S{1,12} ){0,4}(?:depass|exced|superat|superior|ultrapass|uberschr|przekrocz|prekroc|asildi|asiyor|overschr)/,
			/слишком больш|(?:邮件|郵件|附件)(?:大小)?(?:过大|過大|太大|超)|サイズ.{0,10}(?:超|制限|大き)|(?:크기|용량).{0,10}(?:제한|초과)/,
		),
		category: 'message',
		sample: '552 5.3.4 Message size exceeds fixed maximum message size (10485760)',
		source: 'reference',
	},
	{
		id: 'smtputf8',
		pattern: oneOf(
			/smtputf8|utf-?8 (?:address|is not|not)|internationali[sz]ed (?:e-?mail|address)|8bitmime/,
			/8-bit|non-?ascii/,
		),
		category: 'message',
		sample: '553 5.6.7 The recipient requires SMTPUTF8 but the server does not support it',
		source: 'reference',
	},
	{
		id: 'malformed',
		pattern: oneOf(
			/rfc ?-?(?:2)?822|rfc ?5322/,
			/(?:missing|invalid|malformed|bad|illegal|no|duplicate|contains invalid|lacks?) (?:\S{1,20} ){0,4}?headers?\b/,
			/headers? (?:\S{1,20} ){0,2}?(?:missing|invalid|malformed|syntax|not valid)/,
			/(?:invalid|malformed|bad|illegal|unknown) (?:\S{1,20} ){0,3}in (?:the )?(?:\S{1,20} ){0,2}headers?\b/,
			/message-id (?:header )?(?:\S{1,20} ){0,3}?(?:invalid|malformed|missing|domain)/,
			/smtplf|transaction failed: (?:expected|invalid|missing|local address|unexpected)|bare <?(?:lf|cr|line ?feed|newline|carriage)|mime (?:error|syntax|structure|parse)/,
			/(?:missing|invalid|no) (?:date|message-id|from) |malformed (?:message|mime|mail)/,
			/improper(?:ly)? (?:formed|formatted|mime)|not (?:properly|correctly) (?:formed|formatted)|(?:message|mime) format (?:is )?(?:invalid|wrong|error)|invalid message format/,
		),
		category: 'message',
		action: 'stop',
		actionOn4xx: 'stop',
		sample: '550 5.6.0 Message lacks a valid Date: missing or invalid header',
		source: 'RFC 5322 checkers',
	},
	{
		id: 'protocol',
		pattern: oneOf(
			/(?:command|parameter|argument|option)s? (?:\S{1,20} ){0,2}?(?:not (?:implemented|recogni[sz]ed|allowed|supported|known)|unrecogni[sz]ed|unknown|unsupported|out of sequence|rejected: improper)/,
			/(?:unrecogni[sz]ed|unknown|unimplemented|unsupported|invalid|bad|improper) (?:smtp )?(?:command|parameter|argument|option|sequence)/,
			/bad sequence|syntax error(?!.{0,30}(?:address|mailbox|recipient))/,
			/improper (?:use of )?(?:smtp )?(?:command )?pipelining|protocol error/,
			/need (?:mail|rcpt|data|helo|ehlo)\b|(?:ehlo|helo|hello) first|(?:sender|recipients?) (?:already|not yet) (?:specified|given)|nested mail|bad syntax/,
			/body type not supported|conversion (?:required|not|failed|with loss|prohibited)|(?:corrupt(?:ed)?|invalid) (?:message|mime) content|corrupt(?:ed)? message/,
		),
		category: 'message',
		sample: '502 5.5.1 Command not implemented',
		source: 'RFC 5321',
	},
];
