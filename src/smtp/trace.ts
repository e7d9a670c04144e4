/** What was said on one connection, for people who look for a fault: secrets are masked by whoever writes it down. */

/** None of these throws, and none waits: a trace must not change what it watches. */
export interface DialogueTrace {
	/** Commands as they went out, with CRLF; a content is given as `<5587 octets>`. Wire octets in a one-byte string, or text. */
	client(text: string): void;
	/** What the server said, as it came, cut anywhere. */
	server(text: string): void;
	/** What is no line of the dialogue: connected, TLS with its facts, closed and why. */
	note(text: string): void;
}
