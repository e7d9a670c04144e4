/** A failure as the run tells it. */
import type { ExitCode } from '../support/errors.ts';

export interface Explanation {
	readonly exitCode: ExitCode;
	/** Goes on after the name of the server: ` refused the login "news": 535 ...`. */
	readonly message: string;
	/** What to do or to type; may have several lines. */
	readonly hint: string;
}
