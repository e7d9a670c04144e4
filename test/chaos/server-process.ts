/** The chaos server as a process of its own: told what to do, and asked for the truth, over the IPC channel of its parent. */
import { createServer } from 'node:net';
import type { ServerOrder, ServerWord } from './chaos-server.ts';
import { calm, type ServerBehaviour } from './server-behaviour.ts';
import { ServerSession } from './server-session.ts';
import { ServerTruth } from './server-truth.ts';

class ChaosServer {
	behaviour: ServerBehaviour = calm;
	truth = new ServerTruth(null);
	readonly #sessions = new Set<ServerSession>();
	readonly #released: (() => void)[] = [];
	#isReleased = false;
	#watchedDots = 0;
	#watchesConnection = false;
	#watchesQuit = false;
	#isReportDue = false;

	get openCount(): number {
		return this.#sessions.size + 1;
	}

	listen(): void {
		// A client that is killed sends FIN, and what it sent before is still to be carried out.
		const server = createServer({ allowHalfOpen: true }, (socket) => {
			this.truth.connections += 1;
			this.#sessions.add(new ServerSession(socket, this, this.truth.connections));
			if (this.#watchesConnection) this.#tell({ type: 'connected' });
			this.#watchesConnection = false;
		});
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			if (address === null || typeof address === 'string') throw new Error('not a TCP address');
			this.#tell({ type: 'listening', port: address.port });
		});
	}

	obey(order: ServerOrder): void {
		switch (order.type) {
			case 'begin':
				for (const session of [...this.#sessions]) session.destroy();
				this.truth.close();
				this.behaviour = order.behaviour;
				this.truth = new ServerTruth(order.path);
				this.#isReleased = false;
				this.#released.length = 0;
				return this.#tell({ type: 'begun' });
			case 'behave':
				this.behaviour = order.behaviour;
				return this.#tell({ type: 'begun' });
			case 'watch_dots':
				this.#watchedDots = order.count;
				return this.dotCame();
			case 'watch_connection':
				if (this.truth.connections > 0) return this.#tell({ type: 'connected' });
				this.#watchesConnection = true;
				return;
			case 'watch_quit':
				this.#watchesQuit = true;
				return;
			case 'release':
				this.#isReleased = true;
				for (const listener of this.#released.splice(0)) listener();
				return;
			case 'report':
				this.#isReportDue = true;
				return this.#reportWhenQuiet();
		}
	}

	whenReleased(listener: () => void): void {
		if (this.#isReleased) listener();
		else this.#released.push(listener);
	}

	dotCame(): void {
		if (this.#watchedDots === 0 || this.truth.dotCount < this.#watchedDots) return;
		this.#watchedDots = 0;
		this.#tell({ type: 'dots', count: this.truth.dotCount });
	}

	quitCame(): void {
		if (this.#watchesQuit) this.#tell({ type: 'quit' });
		this.#watchesQuit = false;
	}

	over(session: ServerSession): void {
		this.#sessions.delete(session);
		this.#reportWhenQuiet();
	}

	/** Connections of clients that died are worked off first: what they had sent counts. */
	#reportWhenQuiet(): void {
		if (!this.#isReportDue || this.#sessions.size > 0) return;
		this.#isReportDue = false;
		this.#tell({ type: 'report', report: this.truth.report() });
	}

	#tell(word: ServerWord): void {
		process.send?.(word);
	}
}

const server = new ChaosServer();
process.on('message', (order: ServerOrder) => server.obey(order));
process.on('disconnect', () => process.exit());
// Ctrl-C is for the parent, which then lets go of us.
process.on('SIGINT', () => {});
server.listen();
