/** What a probe found out, for people. */
import type { CertificateFacts } from '../smtp/certificate-facts.ts';
import { serverName } from '../smtp/server-settings.ts';
import { cleanText } from '../support/clean-text.ts';
import { formatBytes, formatCounted, formatMilliseconds } from './format.ts';
import type { Paint } from './paint.ts';
import type { Probe } from './probe-server.ts';
import { limitLines, type ProbeUsage, pathLines, summarise } from './probe-usage.ts';
import { plain, type ShownLine, warning } from './shown-line.ts';
import { isLoopback } from './smtp-url.ts';
import { wrapText } from './text-width.ts';

export interface ProbeReport extends ProbeUsage {
	/** Wall clock, milliseconds since 1970. */
	readonly now: number;
}

/** Columns before a value: `  Certificate  `. */
const indent = 15;
// Let's Encrypt renews 30 days ahead: what has less than this was forgotten.
const fewDays = 21;
const dayMs = 86_400_000;
const wellKnownExtensions = ['PIPELINING', 'CHUNKING', '8BITMIME', 'SMTPUTF8', 'DSN'];

/** Lines of at most `width` columns where words allow it; begins and ends with an empty one. */
export function renderProbe(report: ProbeReport, look: { readonly width: number; readonly paint: Paint }): string {
	const { probe } = report;
	const { paint, width } = look;
	const block = (label: string, values: readonly ShownLine[]): string[] =>
		values
			.flatMap(({ text, kind }) => {
				// A URL is there to be copied.
				if (kind === 'whole') return [text];
				const lines = wrapText(kind === 'warning' ? `! ${text}` : text, width - indent);
				return lines.map((line) => (kind === 'warning' ? paint('yellow', line) : line));
			})
			.map((line, at) => `${at === 0 ? `  ${label}`.padEnd(indent) : ' '.repeat(indent)}${line}`);
	const isOpen = probe.outcome.kind === 'open';
	const certificate = probe.tls?.certificate ?? null;
	return [
		'',
		`  ${paint('bold', serverName(probe.settings))}`,
		'',
		...block('Address', addressLines(probe)),
		...block('Connection', connectionLines(probe)),
		...block('TLS', tlsLines(probe)),
		...block('Certificate', certificateLines(certificate, report.now)),
		...block('Fingerprint', certificate === null ? [] : plain(certificate.fingerprint)),
		...(isOpen ? block('Login', loginLines(probe)) : []),
		...(isOpen ? block('Offers', offerLines(probe)) : []),
		...(isOpen ? block('Round trip', roundTripLines(probe)) : []),
		...(isOpen ? block('Path', pathLines(report)) : []),
		...(isOpen || report.provider !== null ? block('Limits', limitLines(report)) : []),
		'',
		isOpen ? '  No message was sent.\n' : '',
	].join('\n');
}

function addressLines({ addresses, settings }: Probe): ShownLine[] {
	if (addresses.length === 0) return plain(`none was found for ${settings.host}`);
	return plain(
		...addresses.map(({ address, names }) => (names.length === 0 ? address : `${address} (${names.join(', ')})`)),
	);
}

function connectionLines({ times, settings }: Probe): ShownLine[] {
	const { connectMs, greetingMs, connectedTo, greeting } = times;
	if (connectMs === null) return plain('none');
	const withTls = settings.tls === 'implicit' ? ', TLS included' : '';
	const greeted = greetingMs === null ? 'no greeting' : `greeting ${formatMilliseconds(greetingMs)} later`;
	return plain(`${connectedTo} in ${formatMilliseconds(connectMs)}${withTls}; ${greeted}`, greeting);
}

function tlsLines({ settings, tls, times }: Probe): ShownLine[] {
	if (settings.tls === 'off') {
		return isLoopback(settings.host)
			? plain('none: what stays on this machine is sent in clear')
			: [warning('switched off: everything goes over the network in clear')];
	}
	if (tls === null) return times.connectMs === null ? [] : plain('none came about');
	const how = settings.tls === 'implicit' ? 'from the first byte' : 'by STARTTLS';
	const time = times.tlsMs === null ? '' : `, ${formatMilliseconds(times.tlsMs)}`;
	return plain(`${tls.version}, ${tls.cipher}, ${how}${time}`);
}

function certificateLines(certificate: CertificateFacts | null, now: number): ShownLine[] {
	if (certificate === null) return [];
	const { subject, names, issuer, validUntil } = certificate;
	const days = daysLeft(certificate, now);
	const left = days < 0 ? 'it has expired' : `${formatCounted(days, 'day')} left`;
	const validity = `until ${validUntil.slice(0, 10)}: ${left}`;
	return [
		...plain(names.length === 0 ? `${subject} (it names no host)` : names.join(', '), `from ${issuer}`),
		...(days < fewDays ? [warning(validity)] : plain(validity)),
	];
}

/** Negative when it has expired. */
export function daysLeft({ validUntil }: CertificateFacts, now: number): number {
	return Math.floor((Date.parse(validUntil) - now) / dayMs);
}

function loginLines({ settings, outcome }: Probe): ShownLine[] {
	if (outcome.kind === 'failed') return [];
	const offered = outcome.mechanisms.map((name) => cleanText(name, 40)).join(', ');
	if (settings.auth !== null) return plain(`${cleanText(settings.auth.user, 100)} is let in; offered: ${offered}`);
	return plain(offered === '' ? 'none is offered' : `not tried: --user names nobody. Offered: ${offered}`);
}

function offerLines({ outcome }: Probe): ShownLine[] {
	if (outcome.kind === 'failed') return [];
	const { sizeLimitBytes, size, mailMax, lines } = outcome.capabilities;
	const keywords = new Set(lines.map((line) => keywordOf(line)));
	const offered = wellKnownExtensions.filter((name) => keywords.has(name));
	const missing = wellKnownExtensions.filter((name) => !keywords.has(name));
	const others = [...keywords].filter(
		(name) => !/^(?:AUTH\b.*|SIZE|LIMITS|STARTTLS)$/.test(name) && !offered.includes(name),
	);
	const shown = others.slice(0, mostOthers).map((name) => cleanText(name, 30));
	const more = others.length > mostOthers ? ` and ${others.length - mostOthers} more` : '';
	return plain(
		offered.length === 0 ? '' : offered.join(', '),
		missing.length === 0 ? '' : `without ${missing.join(', ')}`,
		others.length === 0 ? '' : `also ${shown.join(', ')}${more}`,
		sizeLimitBytes > 0 ? `messages of up to ${formatBytes(sizeLimitBytes)} (SIZE)` : size ? 'SIZE without a limit' : '',
		mailMax > 0 ? `${formatCounted(mailMax, 'message')} over a connection (LIMITS MAILMAX)` : '',
	);
}

const mostOthers = 12;

/** `AUTH`, also of an old `AUTH=LOGIN`. */
export function keywordOf(line: string): string {
	return (/^[^\s=]*/.exec(line)?.[0] ?? '').toUpperCase();
}

function roundTripLines({ outcome }: Probe): ShownLine[] {
	if (outcome.kind === 'failed') return [];
	const { milliseconds, problem } = outcome.roundTrips;
	const { minMs, medianMs } = summarise(milliseconds);
	const measured = `${formatMilliseconds(minMs)} at best, median ${formatMilliseconds(medianMs)} (${formatCounted(milliseconds.length, 'NOOP')})`;
	return [
		...plain(milliseconds.length === 0 ? 'not measured' : measured),
		...(problem === '' ? [] : [warning(cleanText(problem))]),
	];
}
