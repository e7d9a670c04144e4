/** Who is believed to ask for no more mail, and who only uses a word that sounds like it: a wish suppresses its sender. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeUnsubscribeTokens } from '../../../src/recipients/tokens/unsubscribe-token.ts';
import { address, someSecret } from '../../recipients/tokens/some-secrets.ts';
import { read, textMail, verdict } from './mails.ts';

interface Mail {
	readonly to?: string;
	readonly subject: string;
	readonly body?: string;
}

async function kindOf({ to = 'news@sender.example', subject, body = '' }: Mail): Promise<string> {
	return (await read(textMail(`From: Bob <bob@example.org>\nTo: ${to}\nSubject: ${subject}`, body))).kind;
}

async function expectKind(kind: string, mails: readonly Mail[]): Promise<void> {
	for (const mail of mails) assert.equal(await kindOf(mail), kind, JSON.stringify(mail));
}

describe('a word of other trades', () => {
	test('is no request when nothing says that it means a mailing', async () => {
		const subjects = [
			'Peru',
			'Peru tilaus',
			'Wypis ze szpitala',
			'Wypis',
			'Afmelding vergadering dinsdag',
			'Opzegging huur per 1 maart',
			'Remove mailing',
			'Baja',
			'Baja de la empresa',
			'Baja por enfermedad',
			'Odjava',
			'Odjava iz hotela',
			'Stop',
			'Stop mailing',
			'Abmeldung',
			'Abmeldung vom Schwimmkurs',
			'Newsletter löschen',
			'Désinscription du cours de piano',
			'Cancellazione volo',
			'Rezygnacja z pracy',
			'Удалите меня из чата',
			'登録解除',
			'Remove me from the group chat',
			'Opt out of the meeting',
			'Stop the list',
			'Cancel the newsletter',
			'Delete my email',
			'Supprimer la liste',
			'Dar de baja correo',
			'Cancellazione mailing list',
			'Fjern nyhedsbrev',
			'Wypis z listy',
			'Отписка',
			'メール停止',
			'unsubscribe button',
			'Unsubscribe feature is slow',
		];
		await expectKind(
			'none',
			subjects.map((subject) => ({ subject })),
		);
	});

	test('is no request when the mail says something else', async () => {
		await expectKind('none', [
			{ subject: 'Abmeldung', body: 'hiermit melde ich mein Fahrzeug mit dem Kennzeichen B-XY 123 ab' },
			{ subject: 'Abmelden', body: 'Ich möchte meinen Sohn für morgen abmelden.' },
			{ subject: 'Re: Order 4711', body: 'Stop\n\nThe address is wrong.' },
			{ subject: 'Re: Order 4711', body: 'Stop' },
			{ subject: 'Re: Chat', body: 'Remove me' },
		]);
	});

	test('is a request where the address says what is asked', async () => {
		const places = [
			'unsubscribe@x.example',
			'News <unsub+4f2a@x.example>',
			'optout@x.example',
			'opt-out@x.example',
			'list-unsubscribe@x.example',
			'abmelden@x.example',
			'desabonnement@x.example',
			'leave@x.example',
			'news-leave@x.example',
			'leave-4711-77x@x.example',
		];
		for (const to of places) {
			await expectKind(
				'unsubscribe',
				['Stop', 'remove', 'peru', 'Baja', 'Odjava', 'Abmeldung', 'opzegging', '4f2a'].map((subject) => ({
					to,
					subject,
				})),
			);
		}
		await expectKind('unsubscribe', [{ to: 'unsubscribe@x.example', subject: 'Re: News', body: 'stop' }]);
	});

	test('in an address is none when people work there', async () => {
		const places = ['annual-leave', 'sick-leave', 'leave-request', 'parental.leave', 'cleave', 'unsubscribed-films'];
		for (const place of places) {
			await expectKind('none', [
				{ to: `${place}@x.example`, subject: 'Friday', body: 'May I stay at home?' },
				{ to: `${place}@x.example`, subject: 'Stop' },
			]);
		}
		await expectKind('none', [{ to: '"unsubscribe" <hr@x.example>', subject: 'Friday' }]);
	});
});

describe('a wish', () => {
	test('is found in the languages that people write', async () => {
		const subjects = [
			'Please unsubscribe me from this list',
			'I want to unsubscribe from your newsletter, thanks!',
			'Unsubscribe from all emails',
			'Take me off your mailing list',
			'Stop sending me these emails',
			'Opt-out of all mailings',
			'Bitte vom Newsletter abmelden',
			'Newsletter abbestellen',
			'Abmeldung Newsletter',
			'Bitte löschen Sie mich aus Ihrem Verteiler',
			'Bitte mich aus dem Verteiler nehmen',
			'Hiermit melde ich mich vom Newsletter ab',
			'Désabonnement',
			'Merci de me désabonner de votre newsletter',
			'Désinscription de la newsletter',
			'Baja de la lista',
			'Quiero darme de baja del boletín',
			'Darse de baja de la lista',
			'Cancelar suscripción',
			'Descadastrar da lista',
			'Remover da lista de emails',
			'Cancellami dalla newsletter',
			'Disiscrizione dalla newsletter',
			'Uitschrijven nieuwsbrief',
			'Afmelden voor de nieuwsbrief',
			'Nieuwsbrief opzeggen',
			'Avregistrera mig från nyhetsbrevet',
			'Avprenumerera',
			'Meld meg av nyhetsbrevet',
			'Afmeld nyhedsbrev',
			'Peruuta uutiskirje',
			'Wypisz mnie z newslettera',
			'Rezygnacja z newslettera',
			'Odhlášení z odběru novinek',
			'Leiratkozás',
			'Dezabonare',
			'Odjava od newslettera',
			'Διαγραφή από τη λίστα',
			'Отписаться',
			'Отпишите меня от рассылки',
			'Удалите меня из рассылки',
			'Відписатися від розсилки',
			'Abonelikten çıkmak istiyorum',
			'退订',
			'取消訂閱',
			'配信停止',
			'メルマガの配信停止をお願いします',
			'수신거부',
			'구독 취소',
			'إلغاء الاشتراك',
			'הסירו אותי מרשימת התפוצה',
		];
		await expectKind('unsubscribe', [
			...subjects.map((subject) => ({ subject })),
			...subjects.map((body) => ({
				subject: 'Re: News in November',
				body: `${body}\n\nOn Monday News wrote:\n> Hello`,
			})),
		]);
	});

	test('in one word that newsletters tell people to answer counts when the mail says nothing else', async () => {
		await expectKind('unsubscribe', [
			{ subject: 'Abmelden' },
			{ subject: 'Abmelden', body: 'Bitte abmelden' },
			{ subject: 'Remove me' },
			{ subject: 'Uitschrijven' },
		]);
	});

	test('of a hundred thousand words is read in time', async () => {
		for (const word of ['please ', 'bitte ', 'from the ', '1-', 'unsubscribe ']) {
			assert.notEqual(await kindOf({ subject: word.repeat(100_000), body: word.repeat(100_000) }), 'bounce');
		}
	});
});

describe('a subject with a token of ours', () => {
	const token = makeUnsubscribeTokens(someSecret, { campaign: 'november' })(address('anna@example.com'));
	const long = makeUnsubscribeTokens(someSecret, { campaign: 'n'.repeat(900) })(address('anna@example.com'));

	test('is a request, whatever else the mail says', async () => {
		const words = 'I have written to you about this before and nobody answered me. '.repeat(20);
		await expectKind('unsubscribe', [
			{ subject: token },
			{ subject: `Unsubscribe ${token}`, body: words },
			{ subject: `unsubscribe:${long}`, body: words },
			{ subject: `${'What I think of your mails: '.repeat(20)}${token}` },
			{
				subject: `Re: unsubscribe ${token}`,
				body: 'Your message could not be delivered:\n\nbob@example.org: 550 5.1.1 User unknown',
			},
		]);
		const mail = await read(textMail(`From: Bob <bob@example.org>\nSubject: ${token}`, words));
		assert.equal(verdict(mail), 'unsubscribe bob@example.org');
	});

	test('is none when it only has the form of one', async () => {
		await expectKind('none', [{ subject: 'Invoice 1-2026-11-22-for-november-and-december.pdf' }]);
	});
});
