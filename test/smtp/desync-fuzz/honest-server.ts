/** Which replies may answer which command (RFC 5321 §4.3.2, RFC 3030 §2), given what was said before. */
import type { Command } from './model-server.ts';

export class HonestServer {
	#hasSender = false;
	#hasRecipient = false;

	maySay(command: Command, code: number, recipient: string): boolean {
		const isYes = code >= 200 && code < 300;
		const isNo = code >= 400 && code < 600;
		switch (command) {
			case 'MAIL':
				this.#hasSender = isYes;
				this.#hasRecipient = false;
				return isYes || isNo;
			case 'RCPT':
				this.#hasRecipient = isYes;
				return isNo || (isYes && this.#hasSender);
			case 'DATA':
				return isNo || code === 354;
			case 'dot':
				return isNo || (isYes && recipient !== '');
			case 'BDAT':
			case 'LAST':
				return isNo || (isYes && this.#hasRecipient);
			case 'RSET':
				this.#hasSender = false;
				this.#hasRecipient = false;
				return isYes || isNo;
			case 'QUIT':
			case 'other':
				return isYes;
		}
	}
}
