/** Finds in the reply to the final dot the name under which the next server keeps the message: the word to look for in its mail log. */

// In the order of how common they are among relays; each looks at the text after code and enhanced code.
const patterns: readonly RegExp[] = [
	// Postfix, SendGrid, Mailgun and most others: `Ok: queued as 4F2C81A0B3`
	/\bqueued as <?([\w.@=+/-]{4,100})/i,
	// Exim: `OK id=1rKqXa-0003Xy-7Z`
	/\bid=<?([\w.@=+/-]{4,100})/i,
	// Exchange and Outlook: `<id@host> [InternalId=1234, Hostname=...] Queued mail for delivery`
	/\[InternalId=(\d{1,20})/,
	// Gmail: `OK  1700644800 a1-20020a0562.12 - gsmtp`
	/^OK\s+\d{9,11} ([\w.-]{6,100}) - gsmtp/,
	// Amazon SES: `Ok 0100018bf1c2d3e4-5f6a7b8c-0000-000000`
	/^Ok ([\da-f]{8,20}-[\da-f-]{10,80})$/,
	// Sendmail, OpenSMTPD: `3AM90abc012345 Message accepted for delivery`
	/^([\w.]{6,40}) Message accepted for delivery/,
	// SparkPost, Momentum: `OK 5F/40-12345-ABCDEF56`
	/^OK ([\dA-F]{2}\/[\dA-F]{2}-[\dA-F-]{6,40})$/,
	// qmail: `ok 1700644800 qp 12345`
	/^ok \d{9,11} (qp \d{1,10})\b/,
	// Haraka: `Message Queued (9A3E8B7C-4F5D-4C1B-8A0E-1F2D3C4B5A69.1)`
	/\bQueued \(([\dA-F]{8}-[\dA-F-]{20,40}(?:\.\d+)?)\)/i,
];

// Every server's ids have one: `Great success` names nothing, nor does `queued as soon as possible`.
const hasDigit = /\d/;

/** Given the reply on one line (`250 2.0.0 Ok: queued as 4F2C81A0B3`); '' when the server names none. */
export function remoteId(replyLine: string): string {
	const text = afterCodes(replyLine);
	if (!hasDigit.test(text)) return '';
	for (const pattern of patterns) {
		const id = pattern.exec(text)?.[1];
		if (id !== undefined && hasDigit.test(id)) return id;
	}
	return '';
}

function afterCodes(replyLine: string): string {
	const afterCode = replyLine.slice(4);
	// Enhanced codes of acceptances: `2.0.0 `, `2.6.0 `, at most `2.999.999 `.
	if (afterCode.charCodeAt(0) !== 0x32 || afterCode.charCodeAt(1) !== 0x2e) return afterCode.trimStart();
	const space = afterCode.indexOf(' ');
	return space > 0 && space < 10 ? afterCode.slice(space).trimStart() : afterCode;
}
