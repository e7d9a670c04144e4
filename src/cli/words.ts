/** Plain words for what the log says in codes. */
import { describeCategory } from '../bounces/describe-category.ts';
import type { BounceCategory } from '../bounces/refusal.ts';

const errorTypes: Readonly<Record<string, string>> = {
	'csv.quoting': 'broken quotes',
	'csv.too_few_cells': 'too few cells',
	'csv.too_many_cells': 'too many cells',
	'csv.row_too_large': 'row too large',
	'csv.nul': 'NUL character',
	'address.empty': 'no address',
	'address.invalid': 'bad address',
	'key.empty': 'no key',
	'template.header_line_break': 'line break',
	'template.header_value': 'bad header value',
	'template.render': 'not rendered',
	'template.too_large': 'too large',
	'smtp.no_smtputf8': 'needs SMTPUTF8',
	'smtp.size_exceeded': 'too large',
};

/** At most 18 characters; an error type that has no words yet stands for itself. */
export function errorTypeWords(errorType: string): string {
	return errorTypes[errorType] ?? errorType;
}

export function categoryWords(category: BounceCategory): string {
	return describeCategory(category);
}

const delimiters: Readonly<Record<string, string>> = {
	',': 'comma',
	';': 'semicolon',
	'\t': 'tab',
	'|': 'pipe',
	' ': 'space',
};

export function delimiterWord(delimiter: string): string {
	return delimiters[delimiter] ?? delimiter;
}
