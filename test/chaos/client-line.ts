/** The chaos server's end of one connection, without SMTP: what is written when, how long it takes, and how it ends. */
import type { Socket } from 'node:net';

export interface LineOwner {
	/** Something came in. */
	heard(text: string): void;
	/** It may go on with what came in. */
	proceed(): void;
	/** Once, when both sides are done with it. */
	over(): void;
}

export class ClientLine {
	readonly #socket: Socket;
	readonly #owner: LineOwner;
	#output = '';
	/** Something takes its time: what comes in waits. */
	#isBusy = false;
	#hasHungUp = false;
	#isMute = false;
	#isClientGone = false;
	#isOver = false;
	#endHold: () => void = () => {};

	constructor(socket: Socket, owner: LineOwner) {
		this.#socket = socket;
		this.#owner = owner;
		socket.setNoDelay(true);
		socket.setEncoding('latin1');
		socket.on('data', (text: string) => {
			if (!this.#hasHungUp) owner.heard(text);
		});
		// Clients that are killed reset their connections.
		socket.on('error', () => {});
		for (const event of ['end', 'close']) {
			socket.once(event, () => {
				this.#isClientGone = true;
				this.#endHold();
				owner.proceed();
			});
		}
	}

	get isFree(): boolean {
		return !this.#isBusy && !this.#hasHungUp;
	}

	/** What is said now is heard by nobody. */
	get isUnheard(): boolean {
		return this.#isClientGone || this.#isMute;
	}

	/** Away with it, whatever it is doing. */
	destroy(): void {
		this.#hasHungUp = true;
		this.#socket.destroy();
		this.#end();
	}

	say(reply: string): void {
		if (!this.#isMute) this.#output += `${reply}\r\n`;
	}

	/** Nothing is said from here on. */
	mute(): void {
		this.#isMute = true;
	}

	/** Everything that came in is worked off. */
	rest(): void {
		this.#flush();
		if (!this.#isClientGone || this.#isBusy) return;
		this.#socket.destroy();
		this.#end();
	}

	/** Octet by octet. */
	trickle(reply: string): void {
		this.#flush();
		const octets = this.#isMute ? [] : [...`${reply}\r\n`];
		const next = (): void => {
			const octet = octets.shift();
			if (octet === undefined) return;
			this.#output += octet;
			this.#flush();
			this.pause(1, next);
		};
		next();
	}

	pause(ms: number, then: () => void): void {
		this.#wait((resume) => setTimeout(resume, ms), then);
	}

	/** Until it is released, or there is nobody to hold. */
	hold(whenReleased: (listener: () => void) => void, then: () => void): void {
		this.#wait((resume) => {
			this.#endHold = resume;
			whenReleased(resume);
		}, then);
	}

	farewell(reply: string): void {
		this.say(reply);
		this.hangUp('close');
	}

	hangUp(how: 'close' | 'reset'): void {
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

	#flush(): void {
		if (this.#output === '') return;
		if (!this.#isClientGone) this.#socket.write(this.#output, 'latin1');
		this.#output = '';
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
			this.#owner.proceed();
		});
	}

	#end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#owner.over();
	}
}
