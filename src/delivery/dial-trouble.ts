/** Whether it makes sense to knock again after no connection could be made (reference/reliability.md §3, faults 1-15). */

import type { DialFailure } from '../smtp/dial-failure.ts';
import type { Stage } from '../smtp/outcome.ts';

export type DialTrouble =
	/** The same at every try: a wrong password, a wrong certificate, no mail server at all. */
	| 'lasting'
	/** The server answered and asks for patience: 4yz or 421 to the greeting, EHLO or AUTH. */
	| 'busy'
	/** Nobody answered, or the connection broke. */
	| 'away';

/** Before anything secret was said, and before we know who answers. */
const atTheDoor: ReadonlySet<Stage> = new Set<Stage>(['connect', 'greeting', 'ehlo']);

/** `hasConnected`: the server has let us in before in this run, so a name that is gone or a 554 in the greeting may be a restart or too many of us. */
export function dialTrouble(failure: DialFailure, { hasConnected }: { readonly hasConnected: boolean }): DialTrouble {
	const { isTemporary, stage, reply, cause } = failure;
	if (isTemporary) return reply === null ? 'away' : 'busy';
	const mayPass = hasConnected && cause !== 'tls' && atTheDoor.has(stage);
	return mayPass ? 'away' : 'lasting';
}
