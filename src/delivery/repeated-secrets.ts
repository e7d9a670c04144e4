/** Keeps a password or an access token out of log and journal when a server says it again after the login, in the reply to a command of a message. */
import type { Outcome } from '../smtp/outcome.ts';
import type { Reply } from '../smtp/reply.ts';
import { SecretMask } from '../smtp/secret-mask.ts';
import type { Login } from '../smtp/server-settings.ts';

// A shorter one is in every other reply by chance.
const leastLength = 6;

export class RepeatedSecrets {
	readonly #forms: string[] = [];
	readonly #mask = new SecretMask();

	constructor(auth: Login | null) {
		if (auth?.kind === 'password') this.add(auth.password, `\0${auth.user}\0${auth.password}`);
	}

	/** `login`: the secret as it goes over the wire, before base64. */
	add(secret: string, login: string): void {
		if (secret.length < leastLength || this.#forms.includes(secret)) return;
		const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
		for (const form of [secret, base64(secret), base64(login)]) {
			this.#forms.push(form);
			this.#mask.addForm(form);
		}
	}

	/** The same outcome, unless its reply says a secret. On the way of each message: three short searches for a secret, and none without one. */
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
