/** An SMTP reply (RFC 5321 §4.2) after parsing: data, no sockets. */
export interface Reply {
	/** 200 to 599. */
	readonly code: number;
	/** `5.1.1` (RFC 3463, RFC 2034), or '' when the reply has none or its class contradicts the code. */
	readonly enhancedCode: string;
	/** Text of each line without code and separator; control characters already replaced by spaces. */
	readonly lines: readonly string[];
}

/** The reply on one line, as the log and people see it: code once, then the text of all lines, repeated enhanced codes dropped. */
export function replyText(reply: Reply): string {
	const { code, enhancedCode, lines } = reply;
	const texts = lines.map((line) =>
		(enhancedCode !== '' && line.startsWith(enhancedCode) ? line.slice(enhancedCode.length) : line).trim(),
	);
	return [String(code), enhancedCode, ...texts].filter((part) => part !== '').join(' ');
}
