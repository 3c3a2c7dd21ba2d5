const DURATION_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

const SIZE_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WITH_UNIT = /^([+-]?(?:\d+\.?\d*|\.\d+))([a-zA-Zµμ]+)$/;

/** The literal as a finite decimal number, else undefined. */
export function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** `500ms`, `1.5s`, `2m` in nanoseconds; undefined without a unit of time. */
export function durationNsOf(text: string): number | undefined {
  const match = WITH_UNIT.exec(text);
  const unit = match?.[2] === undefined ? undefined : DURATION_NS[match[2]];
  return unit === undefined ? undefined : Math.round(Number(match?.[1]) * unit);
}

/** `10MB` (decimal), `4KiB` (binary) in bytes; undefined without a unit of size. */
export function sizeBytesOf(text: string): number | undefined {
  const match = WITH_UNIT.exec(text);
  const unit = match?.[2] === undefined ? undefined : SIZE_BYTES[match[2].toLowerCase()];
  return unit === undefined ? undefined : Math.round(Number(match?.[1]) * unit);
}
