/** What a probe found out, for programs. */
import { serverName } from '../smtp/server-settings.ts';
import { cleanText } from '../support/clean-text.ts';
import { daysLeft, keywordOf, type ProbeReport } from './probe-report.ts';
import { depthFor, sourcesOf, summarise } from './probe-usage.ts';

/** One line of JSON. `error` is '' when the server let us in. */
export function probeJson({ probe, provider, limits, now }: ProbeReport, error: string): string {
	const { settings, addresses, times, tls, outcome } = probe;
	const open = outcome.kind === 'open' ? outcome : null;
	const certificate = tls?.certificate ?? null;
	return JSON.stringify({
		v: 1,
		type: 'probe',
		timestamp: new Date(now).toISOString(),
		server: serverName(settings),
		host: settings.host,
		port: settings.port,
		tls_mode: settings.tls,
		error,
		addresses: addresses.map(({ address, names }) => ({ address, names })),
		greeting: times.greeting,
		connect_ms: rounded(times.connectMs),
		greeting_ms: rounded(times.greetingMs),
		starttls_ms: rounded(times.tlsMs),
		tls: tls === null ? null : { version: tls.version, cipher: tls.cipher },
		certificate:
			certificate === null
				? null
				: {
						subject: certificate.subject,
						names: certificate.names,
						issuer: certificate.issuer,
						valid_from: certificate.validFrom,
						valid_until: certificate.validUntil,
						days_left: daysLeft(certificate, now),
						sha256: certificate.fingerprint,
					},
		user: settings.auth?.user ?? '',
		auth_mechanisms: open?.mechanisms ?? [],
		capabilities:
			open === null
				? null
				: {
						pipelining: open.capabilities.pipelining,
						chunking: open.capabilities.chunking,
						smtputf8: open.capabilities.smtpUtf8,
						eight_bit_mime: offers(open.capabilities.lines, '8BITMIME'),
						dsn: offers(open.capabilities.lines, 'DSN'),
						size_limit_bytes: open.capabilities.sizeLimitBytes,
						mail_max: open.capabilities.mailMax,
						lines: open.capabilities.lines,
					},
		round_trip:
			open === null
				? null
				: {
						count: open.roundTrips.milliseconds.length,
						min_ms: rounded(summarise(open.roundTrips.milliseconds).minMs),
						median_ms: rounded(summarise(open.roundTrips.milliseconds).medianMs),
						pipelining_holds: open.roundTrips.pipeliningHolds,
						problem: cleanText(open.roundTrips.problem),
					},
		path: open === null ? '' : depthFor(probe),
		provider: provider?.id ?? '',
		limits: {
			connections: limits.connections,
			messages_per_connection: limits.messagesPerConnection,
			rates: limits.rates.map(({ count, periodMs }) => ({ count, period_ms: periodMs })),
			sources: provider === null ? [] : sourcesOf(provider),
		},
	});
}

function offers(lines: readonly string[], keyword: string): boolean {
	return lines.some((line) => keywordOf(line) === keyword);
}

function rounded(milliseconds: number | null): number | null {
	return milliseconds === null ? null : Math.round(milliseconds * 100) / 100;
}
