/**
 * Why an item (span, log record, data point) was refused: a small closed set, so that counters and partial-success
 * messages stay bounded. Each names the field, the limit and the remedy.
 */
export const REASONS = {
  traceId: 'trace_id must be 16 bytes and not all zero: send the id the SDK generated',
  spanId: 'span_id must be 8 bytes and not all zero: send the id the SDK generated',
  timeOverflow: 'timestamps must be before 2262-04-11T23:47:16Z: send nanoseconds since the Unix epoch',
  tooDeep: 'an attribute or body value is nested deeper than 64 levels: flatten it',
  batchTooLarge:
    'the rows take more than 1 MiB and 32 times the request, or 256 MiB: shorten what all rows repeat (service.name, metric description) or send smaller batches',
  metricName: 'metric name must not be empty: name the instrument',
  metricNameLength: 'metric name must be at most 255 characters: shorten it',
  temporality: 'aggregation_temporality must be DELTA or CUMULATIVE: set it in the exporter',
  pointTime: 'time_unix_nano of a data point must not be 0: set the time of the observation',
  pointValue: 'a number data point needs as_double or as_int, or the no-recorded-value flag: set one',
  negativeSum: 'a monotonic sum must not be negative: send an up-down counter (is_monotonic false)',
  buckets: 'bucket_counts must hold one entry more than explicit_bounds, or both be empty: correct the histogram',
} as const;

/** What is told of a request beside its refused items, and logged: a small closed set too. */
export const WARNINGS = {
  stringReferences:
    'key_strindex and string_value_strindex refer to a string table, which only profiles have, and were read as absent: send key and string_value',
} as const;

export function tooOldReason(maxPastMs: number): string {
  return `time is more than ${maxPastMs / 1000} s before receipt: send sooner, or raise the limit for late data`;
}

export function tooNewReason(maxFutureMs: number): string {
  return `time is more than ${maxFutureMs / 1000} s after receipt: correct the sender's clock, or raise the limit`;
}
