/** What the journal calls the column that identifies a recipient; the same for every run of a log. */

/** `address`, or `address:work` when --email-column named the column. */
export function addressKeyRule(emailColumn: string | null): string {
	return emailColumn === null ? 'address' : `address:${folded(emailColumn)}`;
}

/** `column:customer_id`. Columns are found ignoring case, blanks, - and _, so the rule ignores them, too. */
export function columnKeyRule(column: string): string {
	return `column:${folded(column)}`;
}

function folded(column: string): string {
	return column.toLowerCase().replace(/[\s_-]+/g, '_');
}
