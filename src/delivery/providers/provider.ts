/** What is known of a mail provider: where its servers are, and which limits it publishes. */

export interface Provider {
	/** For --provider: `ses`. */
	readonly id: string;
	readonly name: string;
	/** The names of its servers, in lower case. */
	readonly hosts: RegExp;
	readonly server: ProviderAddress;
	/** Of one account at the same time; null: no figure is published. */
	readonly connections: Limit | null;
	readonly messagesPerConnection: Limit | null;
	/** All of them hold. */
	readonly rates: readonly RateLimit[];
	/** What differs from account to account, or should be known before the first login, for people; '' for nothing. */
	readonly advice: string;
}

/** Where mail goes when the provider is named and no server. */
export interface ProviderAddress {
	/** Name in nodemailer's table of well-known services; '' when it is not in there. */
	readonly service: string;
	/** In place of that table; STARTTLS. */
	readonly own: { readonly host: string; readonly port: number } | null;
	/** What `ses:eu-west-1` is about: another server, by its name in the table or, when that has none ('' or unknown), its host with the same port. */
	readonly variant: (name: string) => { readonly service: string; readonly host: string } | null;
	/** What may follow the colon, for people; '' when nothing may. */
	readonly variants: string;
}

export interface Limit {
	/** Holds when nobody asked for anything else; never above the published figure. */
	readonly preset: number;
	/** No flag gets more: the published figure, of the largest account when there are several. Infinity: it is only recommended. */
	readonly ceiling: number;
	readonly source: Source;
}

/** So many messages in `periodMs`. */
export interface RateLimit extends Limit {
	readonly periodMs: number;
}

/** The provider's own page, as read for reference/reliability.md §4. */
export interface Source {
	readonly url: string;
	/** What it says, in our words; the provider is the subject. */
	readonly says: string;
}
