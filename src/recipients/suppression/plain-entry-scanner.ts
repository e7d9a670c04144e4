/**
 * Reads the common line of a suppression list from its octets, without a string being made: an ASCII address of the common form or a hash, and fields without quotes.
 * A million of them are to be read in less than a second.
 */

const localOctet = 1;
const domainOctet = 2;

const kinds = new Uint8Array(256);
const lowered = Uint8Array.from({ length: 256 }, (_, octet) => (octet >= 65 && octet <= 90 ? octet + 32 : octet));
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_!#$%&'*+/=?^`{|}~-") {
	kinds[character.charCodeAt(0)] = localOctet | (/[\da-z-]/i.test(character) ? domainOctet : 0);
}

const comma = 44;
const hyphen = 45;
const dot = 46;
const at = 64;
const nine = 57;
const quote = 34;
const numberSign = 35;
// As parse-address.ts has them.
const maxLocal = 64;
const maxLabel = 63;
const maxAddress = 254;

const hashPrefix = Buffer.from('sha256:');
const hashedOctets = hashPrefix.length + 64;
/** 1 for what stands in a hash, upper case too. */
const hexadecimal = Uint8Array.from({ length: 256 }, (_, octet) =>
	/[\da-f]/i.test(String.fromCharCode(octet)) ? 1 : 0,
);

export class PlainEntryScanner {
	/** The address or hash of the last line in lower case, from 0 to before `keyLength`. */
	readonly key = new Uint8Array(maxAddress + 1);
	keyLength = 0;
	/** The last line has a hash and no address. */
	isHash = false;
	/** The second field of the last line; both 0 when it has none. */
	reasonStart = 0;
	reasonEnd = 0;

	/** False: the line has to be read the careful way, be it right or wrong. What this takes, parseAddress takes, with the same key. */
	scan(octets: Uint8Array, start: number, end: number): boolean {
		this.reasonStart = 0;
		this.reasonEnd = 0;
		if (octets[start] === numberSign) return false;
		this.isHash = this.#scanHash(octets, start, end);
		const after = this.isHash ? start + hashedOctets : this.#scanAddress(octets, start, end);
		if (after === -1) return false;
		return after === end || this.#scanFields(octets, after + 1, end);
	}

	#scanHash(octets: Uint8Array, start: number, end: number): boolean {
		const { key } = this;
		const after = start + hashedOctets;
		if (end < after || (end > after && octets[after] !== comma)) return false;
		for (let at = 0; at < hashPrefix.length; at++) {
			if (octets[start + at] !== hashPrefix[at]) return false;
			key[at] = octets[start + at] ?? 0;
		}
		for (let at = hashPrefix.length; at < hashedOctets; at++) {
			const octet = octets[start + at] ?? 0;
			if (hexadecimal[octet] === 0) return false;
			key[at] = lowered[octet] ?? 0;
		}
		this.keyLength = hashedOctets;
		return true;
	}

	/** Where it ends: at a comma or the end of the line; -1 when it is not of the common form. */
	#scanAddress(octets: Uint8Array, start: number, end: number): number {
		const { key } = this;
		const last = Math.min(end, start + maxAddress + 1);
		let position = start;
		let before = dot;
		for (; position < last; position++) {
			const octet = octets[position] ?? 0;
			if (octet === at) break;
			if (octet === dot ? before === dot : ((kinds[octet] ?? 0) & localOctet) === 0) return -1;
			key[position - start] = lowered[octet] ?? 0;
			before = octet;
		}
		const local = position - start;
		if (local === 0 || local > maxLocal || before === dot || position >= last) return -1;
		key[local] = at;
		before = dot;
		let label = 0;
		for (position++; position < last; position++) {
			const octet = octets[position] ?? 0;
			if (octet === comma) break;
			if (octet === dot) {
				if (before === dot || before === hyphen) return -1;
				label = 0;
			} else {
				// Two hyphens may begin an A-label, which has to be looked at.
				if (((kinds[octet] ?? 0) & domainOctet) === 0 || (octet === hyphen && (before === dot || before === hyphen)))
					return -1;
				if (++label > maxLabel) return -1;
			}
			key[position - start] = lowered[octet] ?? 0;
			before = octet;
		}
		// A digit at the end may be that of an IP address.
		if (before === dot || before <= nine || position - start > maxAddress) return -1;
		if (position < end && octets[position] !== comma) return -1;
		this.keyLength = position - start;
		return position;
	}

	#scanFields(octets: Uint8Array, start: number, end: number): boolean {
		let reasonEnd = -1;
		for (let position = start; position < end; position++) {
			const octet = octets[position] ?? 0;
			if (octet < 32 || octet > 126 || octet === quote) return false;
			if (octet === comma && reasonEnd === -1) reasonEnd = position;
		}
		this.reasonStart = start;
		this.reasonEnd = reasonEnd === -1 ? end : reasonEnd;
		return true;
	}
}
