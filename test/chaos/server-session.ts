/**
 * The chaos server's side of one connection (RFC 5321, RFC 2920, RFC 3030). Answers in order, one thing after the other: what a client sent ahead waits
 * until its turn has come, and is carried out even when the client has died meanwhile, as a server does that has not noticed yet.
 */
import type { Socket } from 'node:net';
import { ClientInput } from './client-input.ts';
import { ClientLine } from './client-line.ts';
import { type FaultAction, type FaultStage, faultAt, type ServerBehaviour } from './server-behaviour.ts';
import type { Dot, ServerTruth } from './server-truth.ts';

export interface SessionHost {
	readonly behaviour: ServerBehaviour;
	readonly truth: ServerTruth;
	/** Connections now, this one included. */
	readonly openCount: number;
	/** Calls back when the hold is over; at once when it is already. */
	whenReleased(listener: () => void): void;
	/** A dot was taken note of. */
	dotCame(): void;
	/** A client says goodbye. */
	quitCame(): void;
	over(session: ServerSession): void;
}

interface Chunk {
	readonly size: number;
	readonly isLast: boolean;
	readonly fault: FaultAction | null;
}

const replies = {
	say_421: '421 4.3.2 Service shutting down, closing channel',
	say_4yz: '451 4.3.0 Temporary trouble, try again later',
	say_5yz: '550 5.1.1 User unknown',
	say_spam: '554 5.7.1 Message rejected as spam',
	say_502: '502 5.5.1 BDAT not implemented',
	say_503: '503 5.5.1 Bad sequence of commands',
	too_many: '421 4.7.0 Too many connections from you',
	session_limit: '421 4.4.2 Maximum message count per session reached',
} as const;

export class ServerSession {
	readonly #line: ClientLine;
	readonly #host: SessionHost;
	readonly #number: number;
	readonly #input = new ClientInput();
	/** DATA was answered: up to the dot everything is content. */
	#isContent = false;
	/** BDAT was read, its octets were not. */
	#chunk: Chunk | null = null;
	#hasSender = false;
	#recipient = '';
	/** From chunks before the last; null while there was none. */
	#gathered: string | null = null;
	#transactions = 0;
	#dots = 0;

	constructor(socket: Socket, host: SessionHost, number: number) {
		this.#host = host;
		this.#number = number;
		this.#line = new ClientLine(socket, {
			heard: (text) => {
				this.#input.push(text);
				this.#proceed();
			},
			proceed: () => this.#proceed(),
			over: () => host.over(this),
		});
		this.#greet();
	}

	/** Away with it, whatever it is doing. */
	destroy(): void {
		this.#line.destroy();
	}

	#greet(): void {
		const { maxConnections, held } = this.#host.behaviour;
		if (maxConnections > 0 && this.#host.openCount > maxConnections) return this.#line.farewell(replies.too_many);
		const greet = () => {
			this.#line.say('220 chaos.example ESMTP');
			this.#line.rest();
		};
		if (held.greeting) return this.#hold(greet);
		const fault = this.#fault('greeting', String(this.#number));
		if (fault === 'close' || fault === 'reset') return this.#line.hangUp(fault);
		if (fault === 'say_421') return this.#line.farewell(replies.say_421);
		greet();
	}

	/** Works off what came in, as far as it goes. */
	#proceed(): void {
		while (this.#line.isFree && this.#step());
		this.#line.rest();
	}

	/** False when more must come first. */
	#step(): boolean {
		if (this.#isContent) return this.#readContent();
		if (this.#chunk !== null) return this.#readChunk(this.#chunk);
		const line = this.#input.line();
		if (line !== null) this.#command(line);
		return line !== null;
	}

	#command(line: string): void {
		const verb = line.slice(0, 4).toUpperCase();
		if (!this.#host.behaviour.pipelining && verb !== 'BDAT' && this.#input.hasMore) {
			this.#host.truth.complain(`connection ${this.#number}: more was sent behind "${line}", without PIPELINING`);
		}
		switch (verb) {
			case 'EHLO': {
				const { pipelining, chunking } = this.#host.behaviour;
				const offers = `${pipelining ? '250-PIPELINING\r\n' : ''}${chunking ? '250-CHUNKING\r\n' : ''}`;
				return this.#line.say(`250-chaos.example\r\n${offers}250 ENHANCEDSTATUSCODES`);
			}
			case 'HELO':
			case 'NOOP':
				return this.#line.say('250 2.0.0 OK');
			case 'RSET':
				this.#forget();
				return this.#line.say('250 2.0.0 Forgotten');
			case 'MAIL':
				return this.#mail();
			case 'RCPT':
				return this.#rcpt(/<([^>]*)>/.exec(line)?.[1] ?? '');
			case 'DATA':
				return this.#data();
			case 'BDAT':
				return this.#bdat(line);
			case 'QUIT':
				this.#host.quitCame();
				if (!this.#host.behaviour.held.quit) return this.#line.farewell('221 2.0.0 Bye');
				return this.#hold(() => this.#line.farewell('221 2.0.0 Bye'));
			default:
				this.#line.say('500 5.5.1 What?');
		}
	}

	#mail(): void {
		if (this.#gathered !== null) return this.#line.say('503 5.5.1 BDAT had begun');
		this.#forget();
		this.#transactions += 1;
		const { maxMessages } = this.#host.behaviour;
		if (maxMessages > 0 && this.#transactions > maxMessages) return this.#line.farewell(replies.session_limit);
		const fault = this.#fault('mail', `${this.#number} ${this.#transactions}`);
		this.#hasSender = fault !== 'say_4yz';
		this.#answer(fault, '250 2.1.0 Sender OK');
	}

	#rcpt(recipient: string): void {
		if (!this.#hasSender || this.#gathered !== null) return this.#line.say('503 5.5.1 MAIL first');
		const { behaviour, truth } = this.#host;
		truth.named(recipient);
		this.#recipient = recipient;
		const refusal = behaviour.refused[recipient];
		if (refusal !== undefined) {
			this.#refuse(refusal);
			return this.#line.say(refusal);
		}
		const fault = this.#fault('rcpt', this.#subject);
		if (fault === 'say_4yz' || fault === 'say_5yz') this.#refuse(replies[fault]);
		this.#answer(fault, '250 2.1.5 Recipient OK');
	}

	#data(): void {
		if (this.#recipient === '') return this.#line.say('554 5.5.1 No valid recipients');
		// RFC 3030 §2: not both for one message.
		if (this.#gathered !== null) return this.#line.say('503 5.5.1 BDAT had begun');
		const fault = this.#fault('data', this.#subject);
		if (fault === 'say_4yz' || fault === 'say_5yz') {
			this.#refuse(replies[fault]);
			return this.#line.say(replies[fault]);
		}
		// Whatever is said from here on: this server waits for content.
		this.#isContent = true;
		this.#answer(fault, fault === 'say_250' ? '250 2.0.0 OK' : '354 Go ahead');
	}

	#readContent(): boolean {
		const content = this.#input.dotted();
		if (content === null) return false;
		this.#isContent = false;
		this.#dot(content);
		return true;
	}

	/** RFC 3030 §2: what is wrong is said when the octets were read, which come in any case. */
	#bdat(line: string): void {
		const parts = /^BDAT (\d{1,9})( LAST)?$/i.exec(line);
		const { chunking } = this.#host.behaviour;
		if (!chunking || parts === null) {
			this.#host.truth.complain(
				`connection ${this.#number}: "${line}" ${chunking ? 'is no BDAT' : 'without CHUNKING'}`,
			);
			return this.#line.say('501 5.5.4 What?');
		}
		const isLast = parts[2] !== undefined;
		const fault =
			this.#recipient === ''
				? null
				: this.#fault(isLast ? 'chunk' : 'trial', isLast ? this.#subject : String(this.#number));
		this.#chunk = { size: fault === 'unlearn' ? 0 : Number(parts[1]), isLast, fault };
	}

	#readChunk({ size, isLast, fault }: Chunk): boolean {
		const octets = this.#input.octets(size);
		if (octets === null) return false;
		this.#chunk = null;
		if (this.#recipient === '') {
			this.#forget();
			this.#line.say('503 5.5.1 No valid recipients');
		} else if (fault !== null && fault !== 'slow') {
			this.#refuseChunk(fault);
		} else {
			const content = (this.#gathered ?? '') + octets;
			this.#gathered = content;
			// The dot of DATA stands behind a line end that is not handed on here, either.
			if (isLast) this.#dot(content.replace(/\r\n$/, ''));
			else this.#answer(fault, `250 2.0.0 ${size} octets received`);
		}
		return true;
	}

	#refuseChunk(fault: FaultAction): void {
		const said = fault === 'unlearn' ? replies.say_502 : refusalOf(fault);
		if (said !== null) this.#refuse(said);
		this.#forget();
		if (said === null || fault === 'say_421') this.#answer(fault, '');
		else this.#line.say(said);
	}

	/** Decides, keeps the decision, and only then says it. */
	#dot(content: string): void {
		const { behaviour, truth } = this.#host;
		const recipient = this.#recipient;
		this.#dots += 1;
		if (!content.includes(recipient)) truth.complain(`${recipient} was sent a message without its address`);
		if (/\r(?!\n)|(?<!\r)\n/.test(content)) truth.complain(`${recipient}: a bare CR or LF on the wire`);
		const messageId = /^Message-ID:\s*(<[^>]*>)/im.exec(content)?.[1] ?? '';
		const ordered = behaviour.verdicts[recipient]?.[truth.attempts(recipient) - 1];
		const fault = ordered === undefined ? this.#fault('dot', this.#subject) : null;
		const refusal = ordered ?? refusalOf(fault);
		const isLost = fault === 'close' || fault === 'reset' || fault === 'lose_missing';
		const verdict = refusal !== null ? 'refused' : isLost ? 'lost' : 'accepted';
		const dot = truth.dot({ recipient, connection: this.#number, messageId, verdict });
		this.#forget();
		this.#host.dotCame();
		const { dotsFrom } = behaviour.held;
		const tell = () => this.#tell(dot, fault, refusal);
		if (dotsFrom > 0 && dot.number >= dotsFrom) return this.#hold(tell);
		const [min, max] = behaviour.verdictMs;
		const ms = max === 0 ? 0 : min + ((dot.number * 7919) % 101) * ((max - min) / 100);
		if (ms === 0) tell();
		else this.#line.pause(ms, tell);
	}

	#tell(dot: Dot, fault: FaultAction | null, refusal: string | null): void {
		const reply = refusal ?? `250 2.0.0 OK queued as ${dot.number}`;
		switch (fault) {
			case 'close':
			case 'commit_close':
				return this.#line.hangUp('close');
			case 'reset':
			case 'commit_reset':
				return this.#line.hangUp('reset');
			case 'hang':
				return this.#line.pause(this.#host.behaviour.patienceMs, () => this.#line.hangUp('close'));
			case 'mute':
				this.#line.mute();
				return this.#loseInterest();
			case 'missing':
			case 'lose_missing':
				return this.#loseInterest();
			case 'say_421':
				this.#saidTo(dot, reply);
				return this.#line.farewell(reply);
			case 'slow':
				return this.#line.pause(this.#host.behaviour.patienceMs / 2, () => this.#verdict(dot, reply));
			case 'trickle':
				this.#saidTo(dot, reply);
				return this.#line.trickle(reply);
			case 'extra':
				this.#verdict(dot, reply);
				return this.#line.say('250 2.0.0 And one more');
			default:
				this.#verdict(dot, reply);
		}
	}

	#verdict(dot: Dot, reply: string): void {
		this.#saidTo(dot, reply);
		this.#line.say(reply);
		const fault = this.#fault('between', `${dot.recipient} ${dot.number}`);
		if (fault === 'close') this.#line.hangUp('close');
		if (fault === 'say_421') this.#line.farewell(replies.say_421);
	}

	#saidTo(dot: Dot, reply: string): void {
		// What nobody hears was not said.
		if (!this.#line.isUnheard) this.#host.truth.said(dot, reply);
	}

	/** The reply to a command, or what the fault makes of it. */
	#answer(fault: FaultAction | null, reply: string): void {
		switch (fault) {
			case 'close':
			case 'reset':
				return this.#line.hangUp(fault);
			case 'hang':
				return this.#line.pause(this.#host.behaviour.patienceMs, () => this.#line.hangUp('close'));
			case 'say_421':
				return this.#line.farewell(replies.say_421);
			case 'say_4yz':
			case 'say_5yz':
				return this.#line.say(replies[fault]);
			case 'trickle':
				return this.#line.trickle(reply);
			case 'slow':
				return this.#line.pause(this.#host.behaviour.patienceMs / 2, () => this.#line.say(reply));
			case 'extra':
				return this.#line.say(`${reply}\r\n250 2.0.0 And one more`);
			case 'missing':
				return this.#loseInterest();
			default:
				this.#line.say(reply);
		}
	}

	#refuse(said: string): void {
		this.#host.truth.refused(this.#recipient, said);
		this.#recipient = '';
	}

	get #subject(): string {
		return `${this.#recipient} ${this.#host.truth.attempts(this.#recipient)}`;
	}

	#fault(stage: FaultStage, subject: string): FaultAction | null {
		const action = faultAt(this.#host.behaviour, stage, subject);
		if (action !== null) this.#host.truth.fault(`${stage} ${action}`, this.#hidesVerdict(stage, action));
		return action;
	}

	/**
	 * Whether a verdict may be hidden from the client: the one that is due, or the one before, which a client that pipelines has
	 * not believed yet when the replies behind it go wrong.
	 */
	#hidesVerdict(stage: FaultStage, action: FaultAction): boolean {
		if (action === 'slow' || action === 'trickle') return false;
		if (stage === 'dot') return refusalOf(action) === null;
		if (action === 'say_4yz' || action === 'say_5yz' || action === 'say_502' || action === 'say_503') return false;
		// Where transactions travel whole, this one's content may be on its way.
		return this.#dots > 0 || (this.#host.behaviour.chunking && stage !== 'greeting');
	}

	#forget(): void {
		this.#hasSender = false;
		this.#recipient = '';
		this.#gathered = null;
	}

	/** Until the test says so. */
	#hold(then: () => void): void {
		this.#line.hold((listener) => this.#host.whenReleased(listener), then);
	}

	/** A reply was left out. Everything later is answered, for a while. */
	#loseInterest(): void {
		setTimeout(() => this.#line.hangUp('close'), this.#host.behaviour.patienceMs);
	}
}

function refusalOf(fault: FaultAction | null): string | null {
	switch (fault) {
		case 'say_421':
		case 'say_4yz':
		case 'say_5yz':
		case 'say_spam':
		case 'say_502':
		case 'say_503':
			return replies[fault];
		default:
			return null;
	}
}
