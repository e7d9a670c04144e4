/** JSON of single values, fast: a log line is put together by hand, because JSON.stringify of the object costs five times as much. */

// What JSON.stringify would escape; lone surrogates are among the last range and become U+FFFD.
const needsCare = /["\\\u0000-\u001f\ud800-\udfff]/;
const loneSurrogate = /\p{Surrogate}/gu;

/** As JSON.stringify, except that half a surrogate pair becomes U+FFFD: DuckDB refuses a whole file for one such escape. */
export function jsonString(text: string): string {
	return needsCare.test(text) ? JSON.stringify(text.replace(loneSurrogate, '\ufffd')) : `"${text}"`;
}

/**
 * Milliseconds to the microsecond, always with three decimals: a column that begins with whole numbers would be typed as integer by DuckDB.
 * What is no duration (negative, NaN, infinite) is 0.
 */
export function jsonMilliseconds(value: number): string {
	const microseconds = Math.round(value * 1000);
	if (!(microseconds > 0 && microseconds <= Number.MAX_SAFE_INTEGER)) return '0.000';
	const whole = Math.floor(microseconds / 1000);
	const rest = microseconds - whole * 1000;
	return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

/** What jsonMilliseconds says, as a number. */
export function roundedMilliseconds(value: number): number {
	return Number(jsonMilliseconds(value));
}
