/** The words with which servers say that they are still trying, in the languages they say it in. */
import type { Notice } from './notice.ts';

const delayPhrases: readonly string[] = [
	'not yet been delivered',
	'not been delivered yet',
	'has been delayed',
	'is delayed',
	'was delayed',
	'been delayed',
	'temporarily delayed',
	'delivery delayed',
	'delivery incomplete',
	'message delayed',
	'warning message only',
	'this is a warning',
	'is a warning only',
	'warning: message still undelivered',
	'do not need to resend',
	"don't need to resend",
	'not necessary to resend',
	'will continue to be made',
	'will be continued to be made',
	'will continue trying',
	'will continue to try',
	'will keep trying',
	'will be retried',
	'will retry',
	'will try again',
	'will be tried again',
	'still trying',
	'still being retried',
	'continue to attempt',
	'continue attempting',
	'delivery attempts will continue',
	'no action is required on your part',
	'no action is required by you',
	'could not be delivered for more than',
	'could not yet be delivered',
	'has not yet been',
	'temporary problem delivering',
	'there was a temporary problem',
	'hat sich verz\u00f6gert',
	'wird verz\u00f6gert',
	'wurde verz\u00f6gert',
	'konnte noch nicht',
	'noch nicht zugestellt',
	'weiterhin versuch',
	'weitere zustellversuche',
	'erneut zuzustellen',
	'a \u00e9t\u00e9 retard\u00e9',
	'est retard\u00e9',
	"n'a pas encore \u00e9t\u00e9",
	'tentative de remise se poursuivra',
	'se ha retrasado',
	'todav\u00eda no se ha',
	'a\u00fan no se ha',
	'seguir\u00e1 intentando',
	'\u00e8 stato ritardato',
	'\u00e8 in ritardo',
	'non \u00e8 stato ancora',
	'non \u00e8 ancora stato',
	'foi atrasad',
	'ainda n\u00e3o foi',
	'is vertraagd',
	'nog niet bezorgd',
	'nog niet afgeleverd',
	'har f\u00f6rdr\u00f6jts',
	'er forsinket',
	'zosta\u0142o op\u00f3\u017anione',
	'задержана',
	'задержано',
	'отложена',
	'ещё не доставлено',
	'еще не доставлено',
	'будут продолжены',
	'配信が遅れ',
	'配送が遅れ',
	'遅延してい',
	'遅延が発生',
	'再送を試み',
	'まだ配信されて',
	'引き続き配信',
	'延迟',
	'继续尝试',
	'延遲',
	'繼續嘗試',
	'지연되었',
	'지연되고',
];

/** Both may stand in one notice: what is given up is told in the past tense, and then nothing is tried any more. */
const givenUpPhrases: readonly string[] = [
	'permanent error',
	'permanent failure',
	'permanent fatal error',
	'failed permanently',
	'given up',
	'giving up',
	'gave up',
	'no further attempts',
	'will not be retried',
	'not be tried again',
	'not continue trying',
	'retry timeout exceeded',
	'no longer be attempted',
	'could not be delivered within',
	'retry time limit',
	'undeliverable mail',
	'is being returned',
];

/** `phrases` in lower case with single spaces. */
export function speaksOfDelay(phrases: string): boolean {
	return (
		delayPhrases.some((phrase) => phrases.includes(phrase)) &&
		!givenUpPhrases.some((phrase) => phrases.includes(phrase))
	);
}

const delaySubject =
	/^(?:\W{0,5}warning: (?:could not send|message|mail)|delayed|delivery delayed|delay(?:ed)? (?:mail|message|delivery))|\((?:delay|delayed|verz(?:ö|oe)gerung|retard|retraso|ritardo|atraso|vertraging|遅延|延迟|延遲|지연|задержка)\)|still being retried|(?:mail|message|delivery)(?: \S{1,40}){0,3} delayed|delayed \d{1,4} hours|delivery (?:incomplete|delay)|verzögert/i;

/** Its text says so, or its subject where the text gives nothing up. */
export function isDelayNotice({ mail, phrases }: Notice): boolean {
	if (speaksOfDelay(phrases)) return true;
	return (
		delaySubject.test(mail.headers.get('subject').slice(0, 300)) &&
		!givenUpPhrases.some((phrase) => phrases.includes(phrase))
	);
}
