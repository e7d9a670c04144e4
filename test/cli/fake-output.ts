/** A stream that keeps what is written to it. */
import type { Output } from '../../src/cli/surroundings.ts';

export class FakeOutput implements Output {
	text = '';
	readonly isTTY: boolean;
	readonly columns: number;

	constructor(options: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
		this.isTTY = options.isTTY ?? false;
		this.columns = options.columns ?? 80;
	}

	write(text: string): void {
		this.text += text;
	}

	hasColors(): boolean {
		return this.isTTY;
	}
}
