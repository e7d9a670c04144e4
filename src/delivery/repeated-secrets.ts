/** Keeps a password out of log and journal when a server says it again after the login, in the reply to a command of a message. */
import type { Outcome } from '../smtp/outcome.ts';
import type { Reply } from '../smtp/reply.ts';
import { SecretMask } from '../smtp/secret-mask.ts';
import type { Login } from '../smtp/server-settings.ts';

// A shorter one is in every other reply by chance.
const leastLength = 6;

export class RepeatedSecrets {
	readonly #forms: readonly string[];
	readonly #mask = new SecretMask();

	/** OAuth tokens are of the login alone, and last an hour: dial() hides them. */
	constructor(auth: Login | null) {
		const password = auth?.kind === 'password' ? auth.password : '';
		const login = auth?.kind === 'password' ? `\0${auth.user}\0${password}` : '';
		const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
		this.#forms = password.length < leastLength ? [] : [password, base64(password), base64(login)];
		for (const form of this.#forms) this.#mask.addForm(form);
	}

	/** The same outcome, unless its reply says a secret. On the way of each message: three short searches, and none without a password. */
	outOf(outcome: Outcome): Outcome {
		if (this.#forms.length === 0) return outcome;
		const reply = outcome.kind === 'broken' ? outcome.why.reply : outcome.reply;
		if (reply === null || !this.#isIn(reply)) return outcome;
		const masked = this.#mask.maskReply(reply);
		if (outcome.kind !== 'broken') return { ...outcome, reply: masked };
		const message = this.#mask.mask(outcome.why.message);
		return { ...outcome, why: { ...outcome.why, message, reply: masked } };
	}

	#isIn({ lines }: Reply): boolean {
		return lines.some((line) => this.#forms.some((form) => line.includes(form)));
	}
}
