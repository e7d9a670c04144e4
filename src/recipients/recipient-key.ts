/** Who a row is, across runs: what makes it a duplicate, and what the log finds it by (design.md §5). */
import type { Address } from './row.ts';

/** The whole address in lower case, NFC, domain as A-label. Two mailboxes that differ in case only are unheard of; two spellings of one are common. */
export function recipientKey(address: Address): string {
	return address.toLowerCase().normalize('NFC');
}

/** The value of the column that `--key` names: trimmed, NFC, case kept. '' means the row has none and cannot be sent. */
export function columnKey(cell: string): string {
	return cell.trim().normalize('NFC');
}
