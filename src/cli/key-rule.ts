/** What the journal calls the column that identifies a recipient; the same for every run of a log. */

/** `column:customer_id`. Columns are found ignoring case, blanks, - and _, so the rule ignores them, too. */
export function columnKeyRule(column: string): string {
	return `column:${column.toLowerCase().replace(/[\s_-]+/g, '_')}`;
}
