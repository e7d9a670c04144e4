/** The flags of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
	/** Names of sections, in the order in which they run. */
	readonly only: readonly string[];
	readonly rounds: number;
	readonly connections: number;
	readonly scale: number;
	readonly json: boolean;
	/** Only say which sections there are. */
	readonly list: boolean;
}

export function parseOptions(args: string[], names: readonly string[]): BenchOptions {
	const { values } = parseArgs({
		args,
		options: {
			only: { type: 'string' },
			rounds: { type: 'string', default: '5' },
			connections: { type: 'string', default: '20' },
			scale: { type: 'string', default: '1' },
			json: { type: 'boolean', default: false },
			list: { type: 'boolean', default: false },
		},
	});
	const wanted = values.only?.split(',') ?? names;
	const stranger = wanted.find((name) => !names.includes(name));
	if (stranger !== undefined) throw new Error(`--only ${stranger}: the sections are ${names.join(', ')}`);
	const scale = Number(values.scale);
	if (!(scale > 0)) throw new Error(`--scale takes a number above 0, not ${values.scale}`);
	return {
		only: names.filter((name) => wanted.includes(name)),
		rounds: positive('rounds', values.rounds),
		connections: positive('connections', values.connections),
		scale,
		json: values.json,
		list: values.list,
	};
}

function positive(name: string, text: string): number {
	const number = Number(text);
	if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
	return number;
}
