import type { Signal } from '@telemetryflow/otlp';
import { TokenBuckets } from '../../../../shared/platform/token-buckets.js';
import type { IngestPrincipal } from '../auth/ingest-authenticator.js';
import { QuotaExceededError, ThrottledError, type RateLimitStatus } from '../ingest-error.js';
import { SlidingWindows } from './sliding-windows.js';
import type { TenantUsage } from './tenant-usage.js';

/** Each is the most that is taken; 0: no limit. */
export interface AdmissionLimits {
  /** Of a key without a limit of its own. */
  readonly keyRequestsPerMinute: number;
  /** Of a key without a limit of its own; not when its requests per minute have no limit either. */
  readonly keyRequestsPerHour: number;
  readonly tenantRequestsPerMinute: number;
  readonly tenantItemsPerSecond: number;
  readonly tenantBytesPerDay: number;
  readonly tenantBytesPerMonth: number;
}

/** What a request came up against; a label of the metric. */
export type LimitKind =
  | 'key_requests_per_minute'
  | 'key_requests_per_hour'
  | 'tenant_requests_per_minute'
  | 'tenant_items_per_second'
  | 'tenant_bytes_per_day'
  | 'tenant_bytes_per_month';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Far more keys and tenants than one node serves; a window takes some 400 bytes. */
const MAX_KEYS = 20_000;

/**
 * Who may send how much. Requests are counted before their body is read; items and bytes are known afterwards, so a request
 * that is let in is never cut short: what it took too much delays those that follow.
 *
 * Rates hold for this node, quotas (bytes per day and month) for all nodes together.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #usage: TenantUsage;
  readonly #keysPerMinute: SlidingWindows;
  readonly #keysPerHour: SlidingWindows;
  readonly #tenantsPerMinute: SlidingWindows;
  readonly #tenantItems: TokenBuckets;
  readonly #refusals = new Map<LimitKind, number>();

  constructor(limits: AdmissionLimits, usage: TenantUsage, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#usage = usage;
    this.#keysPerMinute = new SlidingWindows({ windowMs: MINUTE_MS, maxKeys: MAX_KEYS, now });
    this.#keysPerHour = new SlidingWindows({ windowMs: HOUR_MS, maxKeys: MAX_KEYS, now });
    this.#tenantsPerMinute = new SlidingWindows({ windowMs: MINUTE_MS, maxKeys: MAX_KEYS, now });
    this.#tenantItems = new TokenBuckets({ maxKeys: MAX_KEYS, now });
  }

  /** Requests refused since the start, by the limit that they came up against. */
  get refusals(): { readonly kind: LimitKind; readonly requests: number }[] {
    return [...this.#refusals].map(([kind, requests]) => ({ kind, requests }));
  }

  /**
   * Counts a request in. Call once per request, before its body is read. Returns the limit of requests that its client is
   * nearest to know of, if there is one. A refused request counts nowhere.
   *
   * @throws ThrottledError when a rate is reached, QuotaExceededError when a quota is used up
   */
  admit(principal: IngestPrincipal): RateLimitStatus | undefined {
    const { apiKeyId, tenantId } = principal;
    const { tenantRequestsPerMinute } = this.#limits;
    this.#assertTenantMaySend(tenantId);
    const { perMinute, perHour } = this.#keyLimits(principal);
    const key = apiKeyId ?? '';
    const ofKey = this.#windowed(this.#keysPerMinute, 'key_requests_per_minute', key, perMinute);
    this.#windowed(this.#keysPerHour, 'key_requests_per_hour', key, perHour);
    const ofTenant = this.#windowed(
      this.#tenantsPerMinute,
      'tenant_requests_per_minute',
      tenantId,
      tenantRequestsPerMinute,
    );
    if (perMinute > 0) this.#keysPerMinute.count(key);
    if (perHour > 0) this.#keysPerHour.count(key);
    if (tenantRequestsPerMinute > 0) this.#tenantsPerMinute.count(tenantId);
    const told = ofKey ?? ofTenant;
    return told && { ...told, remaining: told.remaining - 1 };
  }

  /** What an admitted request turned out to bring: accepted items, and its bytes after inflating. */
  charge({ tenantId }: IngestPrincipal, signal: Signal, items: number, bytes: number): void {
    const { tenantItemsPerSecond } = this.#limits;
    if (tenantItemsPerSecond > 0) {
      this.#tenantItems.spend(tenantId, { perSecond: tenantItemsPerSecond, burst: tenantItemsPerSecond }, items);
    }
    this.#usage.add(tenantId, signal, items, bytes);
  }

  #keyLimits({ apiKeyId, requestsPerMinute }: IngestPrincipal): { perMinute: number; perHour: number } {
    if (apiKeyId === null) return { perMinute: 0, perHour: 0 };
    if (requestsPerMinute !== undefined) return { perMinute: requestsPerMinute, perHour: 0 };
    const { keyRequestsPerMinute: perMinute, keyRequestsPerHour } = this.#limits;
    return { perMinute, perHour: perMinute === 0 ? 0 : keyRequestsPerHour };
  }

  #windowed(windows: SlidingWindows, kind: LimitKind, key: string, limit: number): RateLimitStatus | undefined {
    if (limit === 0) return undefined;
    const state = windows.state(key, limit);
    if (state.remaining > 0) return state;
    const { who, per } = WORDS[kind];
    throw this.#refused(kind, new ThrottledError(`More than ${limit} requests per ${per} of this ${who}`, state));
  }

  #assertTenantMaySend(tenantId: string): void {
    const { tenantItemsPerSecond: items, tenantBytesPerDay: day, tenantBytesPerMonth: month } = this.#limits;
    if (items > 0) {
      const resetMs = this.#tenantItems.waitMs(tenantId, { perSecond: items, burst: items });
      if (resetMs > 0) {
        const message = `More than ${items} spans, data points and log records per second of this tenant`;
        throw this.#refused(
          'tenant_items_per_second',
          new ThrottledError(message, { limit: items, remaining: 0, resetMs }),
        );
      }
    }
    if (month > 0 && this.#usage.bytesThisMonth(tenantId) >= month) {
      throw this.#usedUp('tenant_bytes_per_month', month, this.#usage.msToNextMonth());
    }
    if (day > 0 && this.#usage.bytesToday(tenantId) >= day) {
      throw this.#usedUp('tenant_bytes_per_day', day, this.#usage.msToNextDay());
    }
  }

  #usedUp(kind: LimitKind, limit: number, resetMs: number): QuotaExceededError {
    const message = `The tenant has sent its ${limit} bytes of this UTC ${WORDS[kind].per}; the next begins in ${Math.ceil(resetMs / 1000)} s`;
    return this.#refused(kind, new QuotaExceededError(message, { limit, remaining: 0, resetMs }));
  }

  #refused<E extends Error>(kind: LimitKind, error: E): E {
    this.#refusals.set(kind, (this.#refusals.get(kind) ?? 0) + 1);
    return error;
  }
}

const WORDS: Record<LimitKind, { readonly who: string; readonly per: string }> = {
  key_requests_per_minute: { who: 'API key', per: 'minute' },
  key_requests_per_hour: { who: 'API key', per: 'hour' },
  tenant_requests_per_minute: { who: 'tenant', per: 'minute' },
  tenant_items_per_second: { who: 'tenant', per: 'second' },
  tenant_bytes_per_day: { who: 'tenant', per: 'day' },
  tenant_bytes_per_month: { who: 'tenant', per: 'month' },
};
