/** Signs in over AUTH (RFC 4954): PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), and XOAUTH2 for those who have a token. */
import { createHmac } from 'node:crypto';
import type { Reply } from './reply.ts';
import type { SecretMask } from './secret-mask.ts';
import type { Login } from './server-settings.ts';

/** Sends one line and gives the reply to it; `shown` is what a trace may know of the line. Never settles when the connection is given up. */
export type Exchange = (line: string, shown: string) => Promise<Reply>;

export type SignedIn =
	| { readonly kind: 'signed_in' }
	| { readonly kind: 'refused'; readonly reply: Reply }
	/** Nothing was sent. */
	| { readonly kind: 'no_mechanism'; readonly message: string }
	/** A 334 where no question is left: it was cancelled. */
	| { readonly kind: 'unexpected'; readonly reply: Reply };

export interface SignInContext {
	/** As the server offers them over this very connection, in upper case. */
	readonly mechanisms: readonly string[];
	readonly exchange: Exchange;
	/** Learns each secret before it is sent. */
	readonly mask: SecretMask;
}

const secret = '(secret)';

/** One attempt, whatever the server offers besides: a second one with the same password would count towards a lockout. Rejects with what a token's source rejects with. */
export async function signIn(login: Login, context: SignInContext): Promise<SignedIn> {
	return login.kind === 'password' ? signInWithPassword(login, context) : signInWithToken(login, context);
}

/** Of the capability lines of an EHLO reply; `AUTH=LOGIN` is what old Exchange and its imitators say. */
export function authMechanisms(lines: readonly string[]): readonly string[] {
	const names = lines.flatMap((line) => (/^AUTH[ =]/i.test(line) ? line.slice(5).split(/[\s=]+/) : []));
	return [...new Set(names.filter((name) => name !== '').map((name) => name.toUpperCase()))];
}

type PasswordLogin = Extract<Login, { kind: 'password' }>;
type TokenLogin = Extract<Login, { kind: 'xoauth2' }>;

async function signInWithPassword(login: PasswordLogin, context: SignInContext): Promise<SignedIn> {
	const { mechanisms, mask } = context;
	const { user, password } = login;
	mask.add(password);
	if (mechanisms.includes('PLAIN')) {
		return verdict(await sayWith(context, 'AUTH PLAIN', `\0${user}\0${password}`), context);
	}
	if (mechanisms.includes('LOGIN')) return signInStepwise(login, context);
	if (mechanisms.includes('CRAM-MD5')) return signInWithChallenge(login, context);
	const instead = mechanisms.includes('XOAUTH2') ? ': it wants a token in place of a password' : '';
	return noMechanism(context, `none of PLAIN, LOGIN and CRAM-MD5${instead}`);
}

async function signInStepwise({ user, password }: PasswordLogin, context: SignInContext): Promise<SignedIn> {
	const { exchange } = context;
	const first = await exchange('AUTH LOGIN', 'AUTH LOGIN');
	if (first.code !== 334) return verdict(first, context);
	const second = await exchange(base64(user), secret);
	if (second.code !== 334) return verdict(second, context);
	return verdict(await exchange(base64(password), secret), context);
}

async function signInWithChallenge({ user, password }: PasswordLogin, context: SignInContext): Promise<SignedIn> {
	const { exchange, mask } = context;
	const challenged = await exchange('AUTH CRAM-MD5', 'AUTH CRAM-MD5');
	if (challenged.code !== 334) return verdict(challenged, context);
	const challenge = Buffer.from(challenged.lines.join(''), 'base64');
	const digest = createHmac('md5', password).update(challenge).digest('hex');
	const response = base64(`${user} ${digest}`);
	mask.addForm(digest);
	mask.addForm(response);
	return verdict(await exchange(response, secret), context);
}

/** A token that is refused may only be old: a fresh one is tried, once. */
async function signInWithToken(login: TokenLogin, context: SignInContext): Promise<SignedIn> {
	if (!context.mechanisms.includes('XOAUTH2')) return noMechanism(context, 'no XOAUTH2: it wants a password');
	const token = await login.token(false);
	const first = await offerToken(login.user, token, context);
	if (!first.isAboutToken) return verdict(first.reply, context);
	const fresh = await login.token(true);
	if (fresh === token) return verdict(first.reply, context);
	const second = await offerToken(login.user, fresh, context);
	return verdict(second.reply, context);
}

/** A no comes at once, or as a 334 with the reason in base64: an empty line then asks for the reply itself. */
async function offerToken(user: string, token: string, context: SignInContext) {
	context.mask.add(token);
	const reply = await sayWith(context, 'AUTH XOAUTH2', `user=${user}\x01auth=Bearer ${token}\x01\x01`);
	if (reply.code !== 334) return { reply, isAboutToken: reply.code === 535 };
	const verdictAtLast = await context.exchange('', '');
	return { reply: verdictAtLast, isAboutToken: verdictAtLast.code >= 500 };
}

function sayWith({ exchange, mask }: SignInContext, command: string, response: string): Promise<Reply> {
	const encoded = base64(response);
	mask.addForm(encoded);
	return exchange(`${command} ${encoded}`, `${command} ${secret}`);
}

async function verdict(reply: Reply, { exchange }: SignInContext): Promise<SignedIn> {
	if (reply.code >= 200 && reply.code < 300) return { kind: 'signed_in' };
	if (reply.code !== 334) return { kind: 'refused', reply };
	// RFC 4954 §4: `*` cancels.
	await exchange('*', '*');
	return { kind: 'unexpected', reply };
}

function noMechanism({ mechanisms }: SignInContext, instead: string): SignedIn {
	if (mechanisms.length === 0) return { kind: 'no_mechanism', message: 'the server offers no AUTH on this connection' };
	return { kind: 'no_mechanism', message: `the server offers AUTH ${mechanisms.join(' ')}, ${instead}` };
}

function base64(text: string): string {
	return Buffer.from(text, 'utf8').toString('base64');
}
