/** What one CSV row becomes: somebody to write to, or a row that says why it is nobody. Each row becomes exactly one. */

/** A bare addr-spec with its domain as lower-case A-label, for example `zoe@xn--bcher-kva.example`. Only parseAddress makes one. */
export type Address = string & { readonly __brand: 'Address' };

export interface Recipient {
	readonly kind: 'recipient';
	/** Identity in the log: see recipientKey. */
	readonly key: string;
	/** Data row from 1, blank rows not counted. */
	readonly row: number;
	/** Line of the file on which the row begins, from 1, for an editor. */
	readonly line: number;
	readonly address: Address;
	/** The cells, in the order of the header; always as many as the header has columns. */
	readonly fields: readonly string[];
}

/** Low-cardinality reason, the log's `error_type`. */
export type MalformedReason =
	| 'csv.quoting'
	| 'csv.too_few_cells'
	| 'csv.too_many_cells'
	| 'csv.row_too_large'
	/** U+0000 somewhere in the row. */
	| 'csv.nul'
	| 'address.empty'
	| 'address.invalid'
	/** The column named by --key is empty in this row. */
	| 'key.empty';

export interface Malformed {
	readonly kind: 'malformed';
	readonly row: number;
	readonly line: number;
	/** The address cell as it stood, control characters removed, at most 320 characters; '' when there is none. */
	readonly cell: string;
	readonly reason: MalformedReason;
	/** For people, with place: `line 14 of list.csv: "bob@" has no domain`. */
	readonly message: string;
}

export type Row = Recipient | Malformed;
