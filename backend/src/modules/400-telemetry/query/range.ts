import type { RangeQuery } from '@telemetryflow/contracts';
import type { FieldError } from '@telemetryflow/contracts';
import { ValidationError } from '../../../shared/platform/index.js';

/** Half-open [fromNs, toNs) in Unix nanoseconds. */
export interface TimeRange {
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

const MAX_RANGE_DAYS = 400;
const DAY_MS = 86_400_000;
/** 2000-01-01 and 2200-01-01: what DateTime64(9) can hold and a person can mean. */
const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 7_258_118_400_000;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
  w: 7 * DAY_MS,
};
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Reads a range whose ends are ISO instants, epoch milliseconds, or `now`, `now-30m`.
 *
 * @throws ValidationError naming `from`, `to`, or both
 */
export function parseRange(query: RangeQuery, nowMs: number): TimeRange {
  const errors: FieldError[] = [];
  const fromMs = parseInstant('from', query.from, nowMs, errors);
  const toMs = parseInstant('to', query.to, nowMs, errors);
  if (errors.length === 0 && fromMs >= toMs) {
    errors.push({ path: 'from', code: 'invalid_range', message: 'must be before "to"' });
  }
  if (errors.length === 0 && toMs - fromMs > MAX_RANGE_DAYS * DAY_MS) {
    errors.push({ path: 'from', code: 'invalid_range', message: `must be at most ${MAX_RANGE_DAYS} days before "to"` });
  }
  if (errors.length > 0) throw new ValidationError(errors, 'The time range is invalid');
  return { fromNs: BigInt(fromMs) * 1_000_000n, toNs: BigInt(toMs) * 1_000_000n };
}

/** Length of the range in whole milliseconds. */
export function rangeMs(range: TimeRange): number {
  return Number((range.toNs - range.fromNs) / 1_000_000n);
}

function parseInstant(path: 'from' | 'to', text: string, nowMs: number, errors: FieldError[]): number {
  const ms = readInstant(text.trim(), nowMs);
  if (Number.isNaN(ms)) {
    errors.push({
      path,
      code: 'invalid_format',
      message: 'must be an ISO instant, epoch milliseconds, "now" or relative like "now-30m"',
    });
  } else if (ms < EARLIEST_MS || ms > LATEST_MS) {
    errors.push({ path, code: 'invalid_range', message: 'must be between the years 2000 and 2200' });
  }
  return ms;
}

function readInstant(text: string, nowMs: number): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const relative = /^now(?:([+-])(\d{1,9})(ms|s|m|h|d|w))?$/.exec(text);
  if (relative !== null) {
    const [, sign, count = '0', unit = 's'] = relative;
    const offsetMs = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
    return sign === '-' ? nowMs - offsetMs : nowMs + offsetMs;
  }
  if (!ISO.test(text)) return Number.NaN;
  // Without a zone an instant is UTC, as everywhere in the API.
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) || !text.includes('T') ? text : `${text}Z`;
  return Date.parse(zoned.replace(/(\.\d{3})\d+/, '$1'));
}
