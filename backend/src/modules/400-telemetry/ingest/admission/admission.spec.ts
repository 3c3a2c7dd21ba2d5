import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IngestPrincipal } from '../auth/ingest-authenticator.js';
import { errorHeaders, IngestError, statusOf, type RateLimitStatus } from '../ingest-error.js';
import { Admission, type AdmissionLimits } from './admission.js';
import { TenantUsage, type TenantTotals, type UsageDelta } from './tenant-usage.js';

const NO_LIMITS: AdmissionLimits = {
  keyRequestsPerMinute: 0,
  keyRequestsPerHour: 0,
  tenantRequestsPerMinute: 0,
  tenantItemsPerSecond: 0,
  tenantBytesPerDay: 0,
  tenantBytesPerMonth: 0,
};
const tenantId = randomUUID();
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function principal(changes: Partial<IngestPrincipal> = {}): IngestPrincipal {
  const ids = { tenantId, organizationId: tenantId, workspaceId: tenantId };
  return { ...ids, apiKeyId: 'key', permissions: new Set(), ...changes };
}

/** What PostgreSQL does, in a few lines: rows by tenant and day. */
class UsageTable {
  readonly rows = new Map<string, UsageDelta>();
  isAway = false;

  async add(deltas: readonly UsageDelta[]): Promise<void> {
    if (this.isAway) throw new Error('away');
    for (const delta of deltas) {
      const key = `${delta.day} ${delta.tenantId}`;
      const row = this.rows.get(key);
      this.rows.set(key, row === undefined ? delta : { ...row, bytes: row.bytes + delta.bytes });
    }
  }

  async totals(day: string): Promise<TenantTotals[]> {
    if (this.isAway) throw new Error('away');
    const sums = new Map<string, { tenantId: string; dayBytes: number; monthBytes: number }>();
    for (const row of this.rows.values()) {
      if (row.day.slice(0, 7) !== day.slice(0, 7) || row.day > day) continue;
      const sum = sums.get(row.tenantId) ?? { tenantId: row.tenantId, dayBytes: 0, monthBytes: 0 };
      sums.set(row.tenantId, sum);
      sum.monthBytes += row.bytes;
      if (row.day === day) sum.dayBytes += row.bytes;
    }
    return [...sums.values()];
  }
}

function admissionOf(limits: Partial<AdmissionLimits>, table = new UsageTable(), wallAt = '2026-01-30T12:00:00Z') {
  const clock = { now: 0 };
  const wall = { now: Date.parse(wallAt) };
  const usage = new TenantUsage({ store: table, logger: quiet, isLimited: true, now: () => wall.now });
  const admission = new Admission({ ...NO_LIMITS, ...limits }, usage, () => clock.now);
  /** The limit that is told, or the error. */
  const admit = (who = principal()): RateLimitStatus | undefined | IngestError => {
    try {
      return admission.admit(who);
    } catch (error) {
      if (error instanceof IngestError) return error;
      throw error;
    }
  };
  return { admission, usage, clock, wall, admit, table };
}

describe('rate limits of a key', () => {
  it('let the thousandth request in and refuse the next, with the headers of the limit; another key goes on', () => {
    const { admit, clock } = admissionOf({ keyRequestsPerMinute: 1_000 });
    for (let i = 1; i <= 1_000; i += 1) expect(admit()).toMatchObject({ limit: 1_000, remaining: 1_000 - i });
    clock.now = 30_000;
    const refused = admit() as IngestError;
    expect([refused.httpStatus, refused.grpcCode]).toEqual([429, 8]);
    const headers = errorHeaders(refused);
    expect(headers).toMatchObject({ 'X-RateLimit-Limit': '1000', 'X-RateLimit-Remaining': '0', 'Retry-After': '31' });
    expect(Number(headers['X-RateLimit-Reset'])).toBeCloseTo(Date.now() / 1000 + 31, -1);
    expect(statusOf(refused).details).toEqual([{ type: 'retryInfo', retryDelaySeconds: 31 }]);
    expect(admit(principal({ apiKeyId: 'another' }))).toMatchObject({ remaining: 999 });
    clock.now += 31_000;
    expect(admit()).toMatchObject({ remaining: 999 });
  });

  it('are the key’s own where it has one, and then no hourly one counts', () => {
    const { admit, clock } = admissionOf({ keyRequestsPerMinute: 1, keyRequestsPerHour: 3 });
    const own = principal({ requestsPerMinute: 2 });
    for (let minute = 0; minute < 10; minute += 1) {
      expect([admit(own), admit(own)]).toMatchObject([{ remaining: 1 }, { remaining: 0 }]);
      expect(admit(own)).toBeInstanceOf(IngestError);
      clock.now += 61_000;
    }
  });

  it('hold for an hour too', () => {
    const { admission, admit, clock } = admissionOf({ keyRequestsPerMinute: 2, keyRequestsPerHour: 3 });
    admit();
    admit();
    clock.now += 61_000;
    expect(admit()).toMatchObject({ limit: 2, remaining: 1 });
    expect(admit()).toMatchObject({ reason: 'throttled', rateLimit: { limit: 3, remaining: 0 } });
    expect(admission.refusals).toEqual([{ kind: 'key_requests_per_hour', requests: 1 }]);
  });

  it('are off at 0, for all windows', () => {
    const { admit } = admissionOf({ keyRequestsPerHour: 1 });
    for (let i = 0; i < 10; i += 1) expect(admit()).toBeUndefined();
  });

  it('do not count what is refused for another reason', () => {
    const { admit, clock } = admissionOf({ keyRequestsPerMinute: 3, tenantRequestsPerMinute: 1 });
    expect(admit()).toMatchObject({ limit: 3, remaining: 2 });
    for (let i = 0; i < 10; i += 1) expect(admit()).toMatchObject({ rateLimit: { limit: 1 } });
    clock.now += 61_000;
    expect(admit()).toMatchObject({ limit: 3, remaining: 2 });
  });
});

describe('limits of a tenant', () => {
  it('count all its keys, and those without one', () => {
    const { admit } = admissionOf({ tenantRequestsPerMinute: 2 });
    admit(principal({ apiKeyId: 'a' }));
    expect(admit(principal({ apiKeyId: null }))).toMatchObject({ limit: 2, remaining: 0 });
    expect(admit(principal({ apiKeyId: 'b' }))).toMatchObject({ reason: 'throttled' });
    expect(admit(principal({ apiKeyId: 'b', tenantId: randomUUID() }))).toMatchObject({ remaining: 1 });
  });

  it('let a batch through whole, and make up for it afterwards', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 5_000 }), items: fc.integer({ min: 1, max: 500 }) }), {
          minLength: 1,
          maxLength: 100,
        }),
        (perSecond, batches) => {
          const { admission, admit, clock } = admissionOf({ tenantItemsPerSecond: perSecond });
          let before = 0;
          for (const { waitMs, items } of batches) {
            clock.now += waitMs;
            const answer = admit();
            if (answer instanceof IngestError) {
              clock.now += (answer.retryAfterSeconds ?? 0) * 1000;
              expect(admit()).toBeUndefined();
            }
            // All that came before this batch was within the rate and a second's burst.
            expect(before).toBeLessThanOrEqual(perSecond * (1 + clock.now / 1000));
            admission.charge(principal(), 'logs', items, 1);
            before += items;
          }
        },
      ),
    );
  });
});

describe('quotas of a tenant', () => {
  it('take the last byte and refuse the next request until the day is over; gRPC clients are not to retry', () => {
    const { admission, admit, wall } = admissionOf({ tenantBytesPerDay: 100 });
    admission.charge(principal(), 'traces', 1, 99);
    expect(admit()).toBeUndefined();
    admission.charge(principal(), 'traces', 1, 1);
    const refused = admit() as IngestError;
    expect(refused).toMatchObject({ reason: 'quota_exceeded', httpStatus: 429, grpcCode: 8 });
    expect(statusOf(refused).details).toEqual([]);
    expect(errorHeaders(refused)).toMatchObject({ 'Retry-After': String(12 * 3600), 'X-RateLimit-Remaining': '0' });
    wall.now += 12 * 3_600_000;
    expect(admit()).toBeUndefined();
  });

  it('of the month outlast the day', () => {
    const { admission, admit, wall } = admissionOf({ tenantBytesPerMonth: 100 });
    admission.charge(principal(), 'traces', 1, 100);
    wall.now = Date.parse('2026-01-31T23:59:59Z');
    expect(errorHeaders(admit() as IngestError)).toMatchObject({ 'Retry-After': '1' });
    wall.now += 1_000;
    expect(admit()).toBeUndefined();
  });

  it('are not opened by a clock that is set back over midnight', () => {
    const { admission, admit, wall } = admissionOf({ tenantBytesPerDay: 100 }, undefined, '2026-01-30T00:30:00Z');
    admission.charge(principal(), 'traces', 1, 100);
    wall.now -= 3_600_000;
    expect(admit()).toMatchObject({ reason: 'quota_exceeded' });
  });

  it('survive a restart, and hold for all nodes together', async () => {
    const limits = { tenantBytesPerDay: 100 };
    const one = admissionOf(limits);
    one.admission.charge(principal(), 'traces', 1, 60);
    await one.usage.stop();
    const two = admissionOf(limits, one.table);
    await two.usage.start();
    expect(two.admit()).toBeUndefined();
    two.admission.charge(principal(), 'logs', 1, 40);
    expect(two.admit()).toMatchObject({ reason: 'quota_exceeded' });
    expect(one.admit()).toBeUndefined();
    await two.usage.stop();
    await one.usage.sync();
    expect(one.admit()).toMatchObject({ reason: 'quota_exceeded' });
  });

  it('count on while they can’t be written down, and lose nothing', async () => {
    const { admission, admit, usage, table } = admissionOf({ tenantBytesPerDay: 100 });
    table.isAway = true;
    admission.charge(principal(), 'traces', 1, 60);
    await usage.sync();
    admission.charge(principal(), 'traces', 1, 50);
    await usage.sync();
    expect(admit()).toMatchObject({ reason: 'quota_exceeded' });
    table.isAway = false;
    await usage.sync();
    expect([...table.rows.values()].map(({ bytes }) => bytes)).toEqual([110]);
    expect(usage.bytesToday(tenantId)).toBe(110);
  });
});
