/** What OTLP 1.11 requires of a server, in short; the position is the number that test names begin with. */
export const LINES = [
  'gRPC on 4317, HTTP on 4318; POST to `/v1/{traces,metrics,logs}`; profiles are in development.',
  'Compression none, gzip, zstd and deflate; protobuf and JSON share a port, with or without parameters; else 415.',
  'The answer has the request’s type, on errors too; an error body is a `google.rpc.Status`, with BadRequest for bad data.',
  'The size limit (64 MiB) applies after decompression, which is bounded; beyond it 413 or RESOURCE_EXHAUSTED without RetryInfo; answers stay under 4 MiB.',
  'Full success leaves `partial_success` unset; refused items are counted and explained; a warning is 0 and a message; an empty request succeeds.',
  'Clients retry HTTP 429, 502, 503 and 504 only: overload is 503 or 429 with `Retry-After` in whole seconds, never 500.',
  'Clients retry the transient gRPC codes only, RESOURCE_EXHAUSTED only with RetryInfo: overload is UNAVAILABLE with RetryInfo.',
  'The `Content-Type` of an answer is exact; a protobuf request gets a protobuf, possibly empty, body; chunked bodies are normal.',
  'JSON: hex ids, base64 bytes, int64 as string or number, integer enums, lowerCamelCase keys, unknown fields ignored, NaN and ±Infinity as strings.',
  'An attribute value may be empty, bytes, a list or a mixed array; nested.',
  'String-table references outside profiles are not fatal: treated as absent, told to the sender, and logged once.',
  'A log record with an invalid id is kept as uncorrelated; one bad item never costs the batch.',
  'Log time is the time, else the observed time, else now; event name; severities 1 to 24.',
  'Span flags are kept whole; trace state, links with their flags, dropped counts at every level.',
  'A data point without a time, and temporality UNSPECIFIED, are refused; flag bit 0 is "no recorded value".',
  'Histograms: one count more than bounds, or none of both; upper bounds inclusive; sum, min, max have presence.',
  'Exponential histograms: signed scale and offset, zero count and threshold, negative range.',
  'Summaries without temporality; gauges ignore the start time; exemplars, metadata, and schema URLs at both levels.',
  '`Resource.entity_refs` is tolerated.',
] as const;

/** Faults seen in other servers. */
export const FAULTS = [
  '500 on overload, which makes clients drop data.',
  'gzip is missing.',
  'Decompression without bounds.',
  'Hex ids decoded as base64.',
  'The charset parameter of the Content-Type is not understood.',
  'One bad id loses the batch.',
  'Ids in upper case are refused.',
  '`asInt: 0` is read as absent.',
  'An int64 passes through a float.',
  'A JSON answer to a protobuf request.',
  'A check for monotonic sums refuses up-down counters.',
  'A wrong key replayed for minutes by a collector costs a key check each time.',
] as const;
