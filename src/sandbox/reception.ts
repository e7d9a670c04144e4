/** Decides what the sandbox answers to a login, a recipient and a message, and tells about it (RFC 5321 §3.3, §4.2). */
import type {
	SMTPServerAuthentication,
	SMTPServerDataStream,
	SMTPServerEnvelope,
	SMTPServerSession,
} from 'smtp-server';
import { cleanText } from '../support/clean-text.ts';
import type { Clock } from '../support/clock.ts';
import { type AskedBehaviour, askedBehaviour, type SandboxReply } from './asked-behaviour.ts';
import type { IncomingFile, MailDirectory } from './mail-directory.ts';
import type { MessageDigest } from './message-digest.ts';
import { readMessage } from './read-message.ts';
import type { SandboxEvent, SandboxStage } from './sandbox-event.ts';

export interface SandboxLogin {
	readonly user: string;
	readonly password: string;
}

export interface ReceptionOptions {
	readonly auth: SandboxLogin | null;
	readonly directory: MailDirectory | null;
	readonly clock: Clock;
	readonly onEvent: (event: SandboxEvent) => void;
}

/** `close`: end the connection without a reply. `gone`: the client left, nobody hears an answer. */
export type Answer =
	| { readonly kind: 'yes'; readonly text: string }
	| { readonly kind: 'no'; readonly reply: SandboxReply }
	| { readonly kind: 'close' }
	| { readonly kind: 'gone' };

const yes: Answer = { kind: 'yes', text: '' };
/** `+defer` remembers so many addresses; the oldest are forgotten, so that a rehearsal of any length keeps its memory. */
const maxDeferred = 100_000;

const replies = {
	loginNeeded: { code: 530, text: '5.7.0 Authentication required' },
	loginWrong: { code: 535, text: '5.7.8 Authentication credentials invalid' },
	utf8Needed: { code: 553, text: '5.6.7 A non-ASCII address needs SMTPUTF8' },
	tooBig: { code: 552, text: '5.3.4 Message exceeds the announced size' },
	notSaved: { code: 452, text: '4.3.1 The message could not be saved' },
	shuttingDown: { code: 421, text: '4.3.2 The sandbox is shutting down' },
} as const satisfies Record<string, SandboxReply>;

export class Reception {
	readonly counts = { accepted: 0, refused: 0 };
	readonly #options: ReceptionOptions;
	readonly #deferredOnce = new Set<string>();
	readonly #cancelWaits = new Set<() => void>();
	readonly #deciding = new Set<SMTPServerSession>();
	#isClosing = false;

	constructor(options: ReceptionOptions) {
		this.#options = options;
	}

	login(given: SMTPServerAuthentication): Answer {
		const { auth } = this.#options;
		if (auth !== null && given.username === auth.user && given.password === auth.password) return yes;
		return this.#no(replies.loginWrong, 'auth', '');
	}

	mailFrom(session: SMTPServerSession): Answer {
		if (this.#options.auth === null || session.user === true) return yes;
		return this.#no(replies.loginNeeded, 'mail', '');
	}

	recipient(address: string, envelope: SMTPServerEnvelope): Answer {
		// RFC 6531 §3.5. Only the local part: smtp-server hands out the domain in Unicode, whatever was sent.
		if (envelope.smtpUtf8 !== true && /[^\u0000-\u007f]/.test(address.slice(0, address.lastIndexOf('@')))) {
			return this.#no(replies.utf8Needed, 'rcpt', address);
		}
		const asked = askedBehaviour(address);
		if (asked.kind === 'close' && asked.at === 'rcpt') {
			this.#tell({ kind: 'closed', to: cleanText(address), stage: 'rcpt', by: 'sandbox' });
			return { kind: 'close' };
		}
		if (asked.kind !== 'refuse' || asked.at !== 'rcpt' || (asked.once && !this.#isFirstTime(address))) return yes;
		return this.#no(asked.reply, 'rcpt', address);
	}

	/** Takes the message as a stream; keeps nothing of it but the file of `--save`. Never rejects. */
	async message(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<Answer> {
		const { envelope } = session;
		const to = envelope.rcptTo.map((recipient) => recipient.address).join(', ');
		const asked = envelope.rcptTo.map((recipient) => askedBehaviour(recipient.address)).find(isAboutVerdict);
		const saves = asked?.kind !== 'refuse';
		const file = (saves && this.#options.directory?.receive(`${session.id}-${session.transaction}`)) || null;
		const digest = await readMessage(stream, file);
		if (digest === null) {
			await file?.discard();
			if (!this.#isClosing) this.#tell({ kind: 'closed', to: cleanText(to), stage: 'content', by: 'client' });
			return { kind: 'gone' };
		}
		this.#deciding.add(session);
		const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
		const answer = await this.#decide(digest, file, { asked, from, to, isTooBig: stream.sizeExceeded });
		if (answer.kind === 'no') await file?.discard();
		this.#deciding.delete(session);
		return answer;
	}

	/** The whole message is here and the answer is on its way. */
	isDeciding(session: SMTPServerSession): boolean {
		return this.#deciding.has(session);
	}

	/** From here on whoever waits (`+slow`) is answered at once, with 421. */
	close(): void {
		this.#isClosing = true;
		for (const cancel of this.#cancelWaits) cancel();
	}

	async #decide(
		digest: MessageDigest,
		file: IncomingFile | null,
		about: {
			readonly asked: AskedBehaviour | undefined;
			readonly from: string;
			readonly to: string;
			readonly isTooBig: boolean;
		},
	): Promise<Answer> {
		const { asked, from, to } = about;
		if (about.isTooBig) return this.#no(replies.tooBig, 'verdict', to);
		if (asked?.kind === 'refuse') return this.#no(asked.reply, 'verdict', to);
		if (asked?.kind === 'slow') {
			await this.#wait(asked.delayMs);
			if (this.#isClosing) return this.#no(replies.shuttingDown, 'verdict', to);
		}
		let number = this.counts.accepted + 1;
		let path = '';
		if (file !== null && this.#options.directory !== null) {
			try {
				await file.close();
				({ number, path } = await this.#options.directory.keep(file, to));
			} catch {
				// Which error it was is the disk's affair; RFC 5321 §4.2.3 has one reply for it.
				return this.#no(replies.notSaved, 'verdict', to);
			}
		}
		this.counts.accepted += 1;
		this.#tell({
			kind: 'message',
			number,
			from: cleanText(from),
			to: cleanText(to),
			subject: digest.subject,
			sizeBytes: digest.sizeBytes,
			messageId: digest.messageId,
			path,
		});
		if (asked?.kind === 'close') {
			this.#tell({ kind: 'closed', to: cleanText(to), stage: 'verdict', by: 'sandbox' });
			return { kind: 'close' };
		}
		return { kind: 'yes', text: `2.0.0 Ok: queued as ${String(number).padStart(6, '0')}` };
	}

	#no(reply: SandboxReply, stage: SandboxStage, to: string): Answer {
		if (stage !== 'auth') this.counts.refused += 1;
		this.#tell({ kind: 'refused', to: cleanText(to), reply: `${reply.code} ${cleanText(reply.text)}`, stage });
		return { kind: 'no', reply };
	}

	#tell(event: SandboxEvent): void {
		this.#options.onEvent(event);
	}

	#isFirstTime(address: string): boolean {
		const key = address.toLowerCase();
		if (this.#deferredOnce.has(key)) return false;
		if (this.#deferredOnce.size >= maxDeferred) {
			for (const oldest of this.#deferredOnce) {
				this.#deferredOnce.delete(oldest);
				break;
			}
		}
		this.#deferredOnce.add(key);
		return true;
	}

	#wait(delayMs: number): Promise<void> {
		return new Promise((resolve) => {
			const end = () => {
				timer.cancel();
				this.#cancelWaits.delete(end);
				resolve();
			};
			const timer = this.#options.clock.after(delayMs, end);
			this.#cancelWaits.add(end);
		});
	}
}

function isAboutVerdict(asked: AskedBehaviour): boolean {
	return asked.kind === 'slow' || (asked.kind !== 'accept' && asked.at === 'verdict');
}
