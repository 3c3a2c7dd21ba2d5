import type { ApiKeyUsageQuery } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';

type Bucket = ApiKeyUsageQuery['bucket'];

/** What a usage chart covers: `from` at the beginning of its hour, `to` exclusive. */
export interface UsageRange {
  readonly from: Date;
  readonly to: Date;
  readonly bucket: Bucket;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_DAYS: Record<Bucket, number> = { hour: 1, day: 30, month: 90 };
/** Some hundred points at most, whoever asks. */
const MAX_DAYS: Record<Bucket, number> = { hour: 31, day: 366, month: 3_660 };

/**
 * The range that a query means; without bounds the last day, 30 days or 90 days.
 *
 * @throws ValidationError when it ends before it begins, or is longer than its buckets allow
 */
export function usageRange({ from, to, bucket }: ApiKeyUsageQuery, now: Date): UsageRange {
  const end = to === undefined ? now : new Date(to);
  const begin = from === undefined ? new Date(end.getTime() - DEFAULT_DAYS[bucket] * DAY_MS) : new Date(from);
  if (begin >= end) {
    throw new ValidationError([{ path: 'from', code: 'out_of_range', message: 'must be before `to`' }]);
  }
  if (end.getTime() - begin.getTime() > MAX_DAYS[bucket] * DAY_MS) {
    const message = `must be at most ${MAX_DAYS[bucket]} days before \`to\` with buckets of one ${bucket}`;
    throw new ValidationError([{ path: 'from', code: 'out_of_range', message }]);
  }
  return { from: new Date(Math.floor(begin.getTime() / HOUR_MS) * HOUR_MS), to: end, bucket };
}

/** The beginnings (UTC) of all buckets of the range, also of those in which nothing happened. */
export function bucketsOf({ from, to, bucket }: UsageRange): Date[] {
  const buckets: Date[] = [];
  for (let at = beginningOf(from, bucket); at < to; at = next(at, bucket)) buckets.push(at);
  return buckets;
}

function beginningOf(at: Date, bucket: Bucket): Date {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (bucket === 'month') return new Date(Date.UTC(year, month));
  if (bucket === 'day') return new Date(Date.UTC(year, month, day));
  return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
}

function next(at: Date, bucket: Bucket): Date {
  if (bucket === 'month') return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
  return new Date(at.getTime() + (bucket === 'day' ? DAY_MS : HOUR_MS));
}
