/** Looks into JSON that somebody else wrote: what is not there, or is something else, is empty. */
import type { JsonObject } from './event-format.ts';

export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a field; that of a number, too. '' for anything else. */
export function textOf(object: JsonObject, name: string): string {
	const value = object[name];
	return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** {} for what is no object. */
export function objectOf(object: JsonObject, name: string): JsonObject {
	const value = object[name];
	return isObject(value) ? value : {};
}

/** The objects in a list. */
export function objectsOf(object: JsonObject, name: string): readonly JsonObject[] {
	const value: unknown = object[name];
	return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The texts in a list. */
export function textsOf(object: JsonObject, name: string): readonly string[] {
	const value: unknown = object[name];
	return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The object that a text holds; null when it holds none. */
export function objectIn(text: string): JsonObject | null {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : null;
	} catch {
		// Relays also send words for people in the same place.
		return null;
	}
}
