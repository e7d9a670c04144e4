/** What the sandbox tells while it runs; all text is cleaned and can be printed as it is. */

export type SandboxEvent =
	/** A message was taken. Nothing is delivered. */
	| {
			readonly kind: 'message';
			/** From 1; with `save` the number of the file, which goes on after the files that were there. */
			readonly number: number;
			/** Reverse-path, '' for the null sender. */
			readonly from: string;
			/** Recipients of the envelope, joined by `, ` (mailshot sends one). */
			readonly to: string;
			/** Decoded. */
			readonly subject: string;
			/** Octets after removal of the transparency dots, as saved. */
			readonly sizeBytes: number;
			/** With angle brackets, '' when the message has none. */
			readonly messageId: string;
			/** Where it was saved, '' without `save`. */
			readonly path: string;
	  }
	/** A command was answered with 4xx or 5xx. */
	| {
			readonly kind: 'refused';
			/** '' when the login was refused, or mail without login. */
			readonly to: string;
			/** `550 5.1.1 User unknown` */
			readonly reply: string;
			readonly stage: SandboxStage;
	  }
	/** A connection ended in the middle of a transaction. */
	| {
			readonly kind: 'closed';
			readonly to: string;
			readonly stage: SandboxStage;
			readonly by: 'sandbox' | 'client';
	  };

/** Named as in the log's `smtp_stage`; `verdict` is what comes after the final dot. */
export type SandboxStage = 'auth' | 'mail' | 'rcpt' | 'content' | 'verdict';
