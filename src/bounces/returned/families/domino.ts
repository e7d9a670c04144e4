/**
 * IBM/HCL Notes and Domino, in the languages of its servers.
 *
 *     Your message
 *       Subject: News
 *     was not delivered to:
 *       jo@example.org
 *     because:
 *       User jo (jo@example.org) not listed in Domino Directory
 *
 * Older ones: "------- Failure Reasons --------", the reason, the address below it, "------- Returned Message --------".
 */
import { shapedFamily } from './shaped-family.ts';

export const domino = shapedFamily({
	id: 'domino',
	signs: [
		['was not delivered to:', 'because:'],
		['was not delivered to:', 'your message'],
		['has not yet been delivered to:', 'because:'],
		['not listed in domino directory'],
		['not listed in public name & address book'],
		['failure reasons --'],
		['failure reasons:', 'returned message'],
		['delivery failure report', 'your document:'],
		['your document:', 'was not delivered'],
		['wurde nicht zugestellt an:'],
		['konnte nicht zugestellt werden an:'],
		['nicht im domino-verzeichnis'],
		["n'a pas été remis à"],
		["n'a pas été délivré à"],
		["n'a pas été distribué à"],
		['no se ha entregado a:'],
		['no se entregó a:'],
		['no fue entregado a:'],
		['non è stato recapitato a:'],
		['non è stato consegnato a:'],
		['is niet afgeleverd bij:'],
		['is niet bezorgd bij:'],
		['não foi entregue a:'],
		['não foi entregue para:'],
		['次の宛先に配信されませんでした'],
		['次の宛先に配布されませんでした'],
		['配布されませんでした'],
		['ドミノ ディレクトリ'],
		['domino ディレクトリ'],
	],
	from: [
		'was not delivered to:',
		'has not yet been delivered to:',
		'failure reasons --------',
		'failure reasons --',
		'wurde nicht zugestellt an:',
		'konnte nicht zugestellt werden an:',
		"n'a pas été remis à",
		"n'a pas été délivré à",
		"n'a pas été distribué à",
		'no se ha entregado a:',
		'no se entregó a:',
		'no fue entregado a:',
		'non è stato recapitato a:',
		'non è stato consegnato a:',
		'is niet afgeleverd bij:',
		'is niet bezorgd bij:',
		'não foi entregue a:',
		'não foi entregue para:',
		'配信されませんでした',
		'配布されませんでした',
	],
});
