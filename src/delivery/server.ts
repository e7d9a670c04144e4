/** What a run has learnt about the server it sends through; shared by all connections to it. */
import type { PipeliningDepth } from '../smtp/conversation.ts';
import type { ServerSettings } from '../smtp/server-settings.ts';

export class Server {
	readonly settings: ServerSettings;
	#depth: PipeliningDepth = 'across_messages';

	constructor(settings: ServerSettings) {
		this.settings = settings;
	}

	get depth(): PipeliningDepth {
		return this.#depth;
	}

	/**
	 * A reply came out of step at the depth `used`: from now on ask one thing less at a time. Connections that fail together at one depth teach one lesson.
	 * Gives what changed, for people, or '' when nothing did.
	 */
	stepDown(used: PipeliningDepth): string {
		if (used !== this.#depth) return '';
		if (this.#depth === 'across_messages') {
			this.#depth = 'within_message';
			return 'pipelining only within a message from now on';
		}
		if (this.#depth === 'within_message') {
			this.#depth = 'none';
			return 'one command at a time from now on';
		}
		return '';
	}
}
