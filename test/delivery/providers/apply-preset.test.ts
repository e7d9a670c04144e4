/** What a preset lowers, what a flag may raise again, and that no figure is above the published one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rate } from '../../../src/delivery/pace/rate.ts';
import { applyPreset, type WantedLimits } from '../../../src/delivery/providers/apply-preset.ts';
import { providerById, providers } from '../../../src/delivery/providers/providers.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/**
 * reference/reliability.md §4, copied by hand: the most that each provider publishes. Anything in the table of providers that is not here was
 * invented.
 */
const figures: Readonly<
	Record<string, { connections?: number; messages?: number; rates?: Readonly<Record<number, number>> }>
> = {
	sendgrid: { connections: 10_000, messages: 5_000 },
	postmark: { connections: 10 },
	sparkpost: { connections: 10, messages: 100 },
	gmail: { rates: { [dayMs]: 500 } },
	'workspace-relay': { rates: { [dayMs]: 10_000 } },
	office365: { connections: 3, rates: { [minuteMs]: 30, [dayMs]: 10_000 } },
	zoho: { rates: { [hourMs]: 50 } },
	socketlabs: { connections: 10, messages: 50 },
};

function apply(id: string, wanted: Partial<WantedLimits> = {}) {
	const nothing = { connections: null, messagesPerConnection: null, rates: [] };
	return applyPreset({ provider: providerById(id), wanted: { ...nothing, ...wanted } });
}

function rate(count: number, periodMs: number, burst = 1): Rate {
	return { count, periodMs, burst };
}

test('every figure in the table is one that the reference page has, with a source', () => {
	for (const { id, connections, messagesPerConnection, rates } of providers) {
		const known = figures[id] ?? {};
		assert.equal(connections?.preset, known.connections, id);
		assert.equal(messagesPerConnection?.preset, known.messages, id);
		assert.deepEqual(
			Object.fromEntries(rates.map(({ periodMs, preset }) => [periodMs, preset])),
			known.rates ?? {},
			id,
		);
		for (const limit of [connections, messagesPerConnection, ...rates]) {
			if (limit === null) continue;
			assert.match(limit.source.url, /^https:\/\/[a-z0-9.-]+\/\S+$|^https:\/\/[a-z0-9.-]+\/$/);
			assert.match(limit.source.says, /^(?:takes|recommends|lets) /);
			assert.ok(limit.preset <= limit.ceiling);
		}
	}
});

test('an unknown server gets our defaults and whatever was asked for', () => {
	assert.deepEqual(apply('nobody'), { connections: 10, messagesPerConnection: 1_000, rates: [], lines: [] });
	assert.deepEqual(apply('nobody', { connections: 200, rates: [rate(14, 1_000, 14)] }), {
		connections: 200,
		messagesPerConnection: 1_000,
		rates: [rate(14, 1_000, 14)],
		lines: [],
	});
});

test('a preset lowers the defaults, and says what, why and who says so', () => {
	const { connections, messagesPerConnection, rates, lines } = apply('office365');
	assert.deepEqual([connections, messagesPerConnection], [3, 1_000]);
	assert.deepEqual(rates, [rate(30, minuteMs), rate(10_000, dayMs)]);
	const limits =
		'https://learn.microsoft.com/en-us/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits';
	assert.deepEqual(lines, [
		'3 connections, not 10, as Office 365 allows (https://aka.ms/concurrent_sending)',
		`at most 30 a minute, as Office 365 allows (${limits})`,
		`at most 10,000 a day, as Office 365 allows (${limits})`,
	]);
});

test('a flag may ask for less than the preset, without a word', () => {
	const { connections, rates, lines } = apply('office365', {
		connections: 2,
		rates: [rate(10, minuteMs), rate(500, dayMs)],
	});
	assert.deepEqual([connections, rates, lines], [2, [rate(10, minuteMs), rate(500, dayMs)], []]);
});

test('no flag gets more than a published figure', () => {
	const { connections, messagesPerConnection, rates, lines } = apply('socketlabs', {
		connections: 100,
		messagesPerConnection: 1_000,
	});
	assert.deepEqual([connections, messagesPerConnection, rates], [10, 50, []]);
	assert.deepEqual(lines, [
		'10 connections, not 100, as SocketLabs allows (https://help.socketlabs.com/)',
		'50 messages per connection, not 1,000, as SocketLabs allows (https://help.socketlabs.com/)',
	]);
	assert.deepEqual(apply('office365', { rates: [rate(60, minuteMs, 60), rate(1, dayMs)] }).rates, [
		rate(30, minuteMs, 30),
		rate(1, dayMs),
	]);
});

test('a figure that is only recommended gives way to a flag', () => {
	const { connections, messagesPerConnection, lines } = apply('sparkpost', {
		connections: 5,
		messagesPerConnection: 400,
	});
	assert.deepEqual([connections, messagesPerConnection, lines], [5, 400, []]);
	assert.equal(apply('sparkpost').messagesPerConnection, 100);
	assert.equal(apply('postmark', { connections: 40 }).connections, 40);
});

test('where the figure depends on the account, the smaller one holds until the larger one is asked for', () => {
	const { rates, lines } = apply('gmail');
	assert.deepEqual(rates, [rate(500, dayMs)]);
	assert.deepEqual(lines, [
		'at most 500 a day, as Gmail allows; a flag may ask for up to 2,000 (https://support.google.com/a/answer/166852)',
	]);
	assert.match(apply('sparkpost').lines.join(), /^100 messages per connection, not 1,000, as SparkPost recommends /);
	assert.deepEqual(apply('gmail', { rates: [rate(2_000, dayMs)] }).rates, [rate(2_000, dayMs)]);
	assert.deepEqual(apply('gmail', { rates: [rate(5_000, dayMs)] }).rates, [rate(2_000, dayMs)]);
});

test('a rate of another period holds beside those of the provider', () => {
	assert.deepEqual(apply('gmail', { rates: [rate(14, 1_000)] }).rates, [rate(14, 1_000), rate(500, dayMs)]);
});

test('a published limit that is above what is used anyway is not mentioned', () => {
	assert.deepEqual(apply('sendgrid', { connections: 200 }), {
		connections: 200,
		messagesPerConnection: 1_000,
		rates: [],
		lines: [],
	});
	assert.equal(apply('sendgrid', { messagesPerConnection: 50_000 }).messagesPerConnection, 5_000);
});

test('whatever is asked for: never above the ceiling, never above what was asked, never a rate less', () => {
	const periods = fc.constantFrom(1_000, minuteMs, hourMs, dayMs);
	const rates = fc.array(
		fc.record({ count: fc.integer({ min: 1, max: 100_000 }), periodMs: periods, burst: fc.constant(1) }),
		{ maxLength: 5 },
	);
	const wantedLimits = fc.record({
		connections: fc.option(fc.integer({ min: 1, max: 200 })),
		messagesPerConnection: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
		rates,
	});
	fc.assert(
		fc.property(fc.constantFrom(...providers), wantedLimits, (provider, wanted) => {
			const given = applyPreset({ provider, wanted });
			assert.ok(given.connections <= Math.min(wanted.connections ?? 10, provider.connections?.ceiling ?? 200));
			assert.ok(
				given.messagesPerConnection <=
					Math.min(wanted.messagesPerConnection ?? 1_000, provider.messagesPerConnection?.ceiling ?? 1_000_000),
			);
			for (const limit of provider.rates) {
				const same = given.rates.filter(({ periodMs }) => periodMs === limit.periodMs);
				assert.ok(same.length > 0 && same.every(({ count }) => count <= limit.ceiling));
			}
			for (const asked of wanted.rates) {
				assert.ok(given.rates.some(({ periodMs, count }) => periodMs === asked.periodMs && count <= asked.count));
			}
		}),
	);
});
