/**
 * The chaos server's side of one connection (RFC 5321, RFC 2920). Answers in order, one thing after the other: what a client sent ahead waits until its turn
 * has come, and is carried out even when the client has died meanwhile, as a server does that has not noticed yet.
 */
import type { Socket } from 'node:net';
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

const replies = {
	say_421: '421 4.3.2 Service shutting down, closing channel',
	say_4yz: '451 4.3.0 Temporary trouble, try again later',
	say_5yz: '550 5.1.1 User unknown',
	say_spam: '554 5.7.1 Message rejected as spam',
	too_many: '421 4.7.0 Too many connections from you',
	session_limit: '421 4.4.2 Maximum message count per session reached',
} as const;

export class ServerSession {
	readonly #socket: Socket;
	readonly #host: SessionHost;
	readonly #number: number;
	#input = '';
	#at = 0;
	#output = '';
	#isContent = false;
	/** Something takes its time: what comes in waits. */
	#isBusy = false;
	#hasHungUp = false;
	#isClientGone = false;
	#isOver = false;
	#endHold: () => void = () => {};
	#hasSender = false;
	#recipient = '';
	#transactions = 0;
	#dots = 0;

	constructor(socket: Socket, host: SessionHost, number: number) {
		this.#socket = socket;
		this.#host = host;
		this.#number = number;
		socket.setNoDelay(true);
		socket.setEncoding('latin1');
		socket.on('data', (text: string) => {
			if (this.#hasHungUp) return;
			this.#input += text;
			this.#proceed();
		});
		// Clients that are killed reset their connections.
		socket.on('error', () => {});
		for (const event of ['end', 'close']) {
			socket.once(event, () => {
				this.#isClientGone = true;
				this.#endHold();
				this.#proceed();
			});
		}
		this.#greet();
	}

	/** Away with it, whatever it is doing. */
	destroy(): void {
		this.#hasHungUp = true;
		this.#socket.destroy();
		this.#end();
	}

	#greet(): void {
		const { maxConnections, held } = this.#host.behaviour;
		if (maxConnections > 0 && this.#host.openCount > maxConnections) return this.#farewell(replies.too_many);
		const greet = () => {
			this.#say('220 chaos.example ESMTP');
			this.#flush();
		};
		if (held.greeting) return this.#hold(greet);
		const fault = this.#fault('greeting', String(this.#number));
		if (fault === 'close' || fault === 'reset') return this.#hangUp(fault);
		if (fault === 'say_421') return this.#farewell(replies.say_421);
		greet();
	}

	/** Works off what came in, as far as it goes. */
	#proceed(): void {
		while (!this.#isBusy && !this.#hasHungUp) {
			if (this.#isContent) {
				if (!this.#readContent()) break;
			} else {
				const end = this.#input.indexOf('\r\n', this.#at);
				if (end === -1) break;
				const line = this.#input.slice(this.#at, end);
				this.#at = end + 2;
				this.#command(line);
			}
		}
		this.#input = this.#at === 0 ? this.#input : this.#input.slice(this.#at);
		this.#at = 0;
		this.#flush();
		if (this.#isClientGone && !this.#isBusy) {
			this.#socket.destroy();
			this.#end();
		}
	}

	#command(line: string): void {
		const verb = line.slice(0, 4).toUpperCase();
		if (!this.#host.behaviour.pipelining && this.#at < this.#input.length) {
			this.#host.truth.complain(`connection ${this.#number}: more was sent behind "${line}", without PIPELINING`);
		}
		switch (verb) {
			case 'EHLO': {
				const { pipelining } = this.#host.behaviour;
				return this.#say(`250-chaos.example\r\n${pipelining ? '250-PIPELINING\r\n' : ''}250 ENHANCEDSTATUSCODES`);
			}
			case 'HELO':
			case 'NOOP':
				return this.#say('250 2.0.0 OK');
			case 'RSET':
				this.#forget();
				return this.#say('250 2.0.0 Forgotten');
			case 'MAIL':
				return this.#mail();
			case 'RCPT':
				return this.#rcpt(/<([^>]*)>/.exec(line)?.[1] ?? '');
			case 'DATA':
				return this.#data();
			case 'QUIT':
				this.#host.quitCame();
				if (!this.#host.behaviour.held.quit) return this.#farewell('221 2.0.0 Bye');
				return this.#hold(() => this.#farewell('221 2.0.0 Bye'));
			default:
				this.#say('500 5.5.1 What?');
		}
	}

	#mail(): void {
		this.#forget();
		this.#transactions += 1;
		const { maxMessages } = this.#host.behaviour;
		if (maxMessages > 0 && this.#transactions > maxMessages) return this.#farewell(replies.session_limit);
		const fault = this.#fault('mail', `${this.#number} ${this.#transactions}`);
		this.#hasSender = fault !== 'say_4yz';
		this.#answer(fault, '250 2.1.0 Sender OK');
	}

	#rcpt(recipient: string): void {
		if (!this.#hasSender) return this.#say('503 5.5.1 MAIL first');
		const { behaviour, truth } = this.#host;
		truth.named(recipient);
		this.#recipient = recipient;
		const refusal = behaviour.refused[recipient];
		if (refusal !== undefined) {
			this.#refuse(refusal);
			return this.#say(refusal);
		}
		const fault = this.#fault('rcpt', this.#subject);
		if (fault === 'say_4yz' || fault === 'say_5yz') this.#refuse(replies[fault]);
		this.#answer(fault, '250 2.1.5 Recipient OK');
	}

	#data(): void {
		if (this.#recipient === '') return this.#say('554 5.5.1 No valid recipients');
		const fault = this.#fault('data', this.#subject);
		if (fault === 'say_4yz' || fault === 'say_5yz') {
			this.#refuse(replies[fault]);
			return this.#say(replies[fault]);
		}
		// Whatever is said from here on: this server waits for content.
		this.#isContent = true;
		this.#answer(fault, fault === 'say_250' ? '250 2.0.0 OK' : '354 Go ahead');
	}

	#readContent(): boolean {
		const isEmpty = this.#input.startsWith('.\r\n', this.#at);
		const end = isEmpty ? this.#at : this.#input.indexOf('\r\n.\r\n', this.#at);
		if (end === -1) return false;
		const content = this.#input.slice(this.#at, end);
		this.#at = end + (isEmpty ? 3 : 5);
		this.#isContent = false;
		this.#dot(content);
		return true;
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
		else this.#pause(ms, tell);
	}

	#tell(dot: Dot, fault: FaultAction | null, refusal: string | null): void {
		const reply = refusal ?? `250 2.0.0 OK queued as ${dot.number}`;
		switch (fault) {
			case 'close':
			case 'commit_close':
				return this.#hangUp('close');
			case 'reset':
			case 'commit_reset':
				return this.#hangUp('reset');
			case 'hang':
				return this.#pause(this.#host.behaviour.patienceMs, () => this.#hangUp('close'));
			case 'missing':
			case 'lose_missing':
				return this.#loseInterest();
			case 'say_421':
				this.#saidTo(dot, reply);
				return this.#farewell(reply);
			case 'slow':
				return this.#pause(this.#host.behaviour.patienceMs / 2, () => this.#verdict(dot, reply));
			case 'trickle':
				this.#saidTo(dot, reply);
				return this.#trickle(reply);
			case 'extra':
				this.#verdict(dot, reply);
				return this.#say('250 2.0.0 And one more');
			default:
				this.#verdict(dot, reply);
		}
	}

	#verdict(dot: Dot, reply: string): void {
		this.#saidTo(dot, reply);
		this.#say(reply);
		const fault = this.#fault('between', `${dot.recipient} ${dot.number}`);
		if (fault === 'close') this.#hangUp('close');
		if (fault === 'say_421') this.#farewell(replies.say_421);
	}

	#saidTo(dot: Dot, reply: string): void {
		// What is said to a dead client was not said.
		if (!this.#isClientGone) this.#host.truth.said(dot, reply);
	}

	/** The reply to a command, or what the fault makes of it. */
	#answer(fault: FaultAction | null, reply: string): void {
		switch (fault) {
			case 'close':
			case 'reset':
				return this.#hangUp(fault);
			case 'hang':
				return this.#pause(this.#host.behaviour.patienceMs, () => this.#hangUp('close'));
			case 'say_421':
				return this.#farewell(replies.say_421);
			case 'say_4yz':
			case 'say_5yz':
				return this.#say(replies[fault]);
			case 'trickle':
				return this.#trickle(reply);
			case 'slow':
				return this.#pause(this.#host.behaviour.patienceMs / 2, () => this.#say(reply));
			case 'extra':
				return this.#say(`${reply}\r\n250 2.0.0 And one more`);
			case 'missing':
				return this.#loseInterest();
			default:
				this.#say(reply);
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
		if (action === 'say_4yz' || action === 'say_5yz') return false;
		return this.#dots > 0;
	}

	#forget(): void {
		this.#hasSender = false;
		this.#recipient = '';
	}

	#say(reply: string): void {
		this.#output += `${reply}\r\n`;
	}

	#flush(): void {
		if (this.#output === '') return;
		if (!this.#isClientGone) this.#socket.write(this.#output, 'latin1');
		this.#output = '';
	}

	#trickle(reply: string): void {
		this.#flush();
		const octets = [...`${reply}\r\n`];
		const next = (): void => {
			const octet = octets.shift();
			if (octet === undefined) return;
			this.#output += octet;
			this.#flush();
			this.#pause(1, next);
		};
		next();
	}

	#pause(ms: number, then: () => void): void {
		this.#wait((resume) => setTimeout(resume, ms), then);
	}

	/** Until the test says so, or there is nobody to hold. */
	#hold(then: () => void): void {
		this.#wait((resume) => {
			this.#endHold = resume;
			this.#host.whenReleased(resume);
		}, then);
	}

	#wait(start: (resume: () => void) => void, then: () => void): void {
		this.#flush();
		this.#isBusy = true;
		let isOver = false;
		start(() => {
			if (isOver) return;
			isOver = true;
			this.#isBusy = false;
			if (this.#isOver || this.#hasHungUp) return;
			then();
			this.#proceed();
		});
	}

	/** A reply was left out. Everything later is answered, for a while. */
	#loseInterest(): void {
		setTimeout(() => this.#hangUp('close'), this.#host.behaviour.patienceMs);
	}

	#farewell(reply: string): void {
		this.#say(reply);
		this.#hangUp('close');
	}

	#hangUp(how: 'close' | 'reset'): void {
		if (this.#hasHungUp) return;
		this.#flush();
		this.#hasHungUp = true;
		if (how === 'reset') this.#socket.resetAndDestroy();
		// What still comes in is read and dropped: unread octets would turn the FIN into an RST.
		else this.#socket.end();
		const last = setTimeout(() => this.#socket.destroy(), 1_000);
		const end = () => {
			clearTimeout(last);
			this.#end();
		};
		if (this.#isClientGone || this.#socket.destroyed) {
			this.#socket.destroy();
			end();
		} else this.#socket.once('close', end);
	}

	#end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#host.over(this);
	}
}

function refusalOf(fault: FaultAction | null): string | null {
	switch (fault) {
		case 'say_421':
		case 'say_4yz':
		case 'say_5yz':
		case 'say_spam':
			return replies[fault];
		default:
			return null;
	}
}
