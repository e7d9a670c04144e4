/** Values of delivery and feedback reports that carry a type (RFC 3464 §2.1.2): `rfc822; a@b`, `smtp; 550 no`, `dns; mx.example.org`. */
import { addressIn } from './mail-addresses.ts';

const typePrefix = /^[ \t"(<]*([a-z][\w.-]{0,30})[ \t]*;[ \t]*/i;

/** What stands behind the type; all of it when there is no type. */
export function withoutType(value: string): string {
	return value.replace(typePrefix, '').trim();
}

/**
 * The address in an Original-Recipient or Final-Recipient, whatever stands around it; '' when there is none. RFC 6533 §3: `utf-8; \x{e4}@b` stands for
 * the letter.
 */
export function recipientIn(value: string): string {
	// QUIRK: `rfc/822;` and `RFC822/`, and no type at all.
	const bare = value.replace(
		/^[ \t]*(?:rfc[ /-]?822|smtp|utf-?8|x?400|unknown|local|lmtp|x-[\w-]+)[ \t]*[;:/][ \t]*/i,
		'',
	);
	const spelt = bare.replace(/\\x\{([\da-f]{2,6})\}/gi, (whole, hex: string) => {
		const code = Number.parseInt(hex, 16);
		return code < 0x110000 && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
	});
	const inAngles = /<([^<>\s]{1,320})>/.exec(spelt)?.[1] ?? '';
	return addressIn(inAngles) || addressIn(spelt);
}

/** RFC 3461 §4: an ORCPT is xtext, and some servers report it as it came: `+2B` is a plus, `+3D` an equals sign. */
export function fromXtext(address: string): string {
	return address.replace(/\+(2B|3D|20|40|5F)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `5.1.1` of a Status, whatever is written around it; '' for none. */
export function statusIn(value: string): string {
	return /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![.\d])/.exec(value)?.[1] ?? '';
}

/** x.0.0 says no more than the class does. */
export function saysNothing(status: string): boolean {
	return status === '' || status.endsWith('.0.0');
}
