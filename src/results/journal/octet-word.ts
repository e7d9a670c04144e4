/** The fixed parts of a journal's lines, as scan-record.ts compares them. */

/** What stands between the values, as it is compared: four octets at a time, the last four once more if they do not come out even. */
export class OctetWord {
	readonly length: number;
	readonly fours: Int32Array;

	/** At least four octets. */
	constructor(text: string) {
		const octets = Buffer.from(text);
		const { length } = octets;
		this.length = length;
		this.fours = Int32Array.from({ length: Math.ceil(length / 4) }, (_, index) =>
			octets.readInt32LE(Math.min(4 * index, length - 4)),
		);
	}
}

/** How a line of one type begins, up to the number of the mark. */
export class LineHead {
	readonly beginning: OctetWord;
	/** The run that is expected, and the beginning with it. */
	run = 0;
	ofRun: OctetWord;
	readonly #text: string;

	constructor(type: string) {
		this.#text = `{"type":"${type}","run":`;
		this.beginning = new OctetWord(this.#text);
		this.ofRun = this.beginning;
		this.expect(1);
	}

	expect(run: number): void {
		this.run = run;
		this.ofRun = new OctetWord(`${this.#text}${run},"mark":`);
	}
}
