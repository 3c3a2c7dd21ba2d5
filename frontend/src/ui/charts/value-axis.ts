export interface ValueAxis {
  readonly min: number;
  readonly max: number;
  readonly interval: number;
}

const DECIMAL = [1, 2, 2.5, 5, 10];
const BINARY = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * Round bounds and a round step for values between `low` and `high`: zero is on the axis, and there are three to five
 * lines. Bytes step in powers of two, so that the labels are round in binary units; counts step in whole numbers.
 */
export function valueAxis(low: number, high: number, unit = '', isCount = false): ValueAxis {
  const from = Math.min(0, low);
  let to = Math.max(0, high);
  // A line at zero, or no data at all, still needs a scale to stand on.
  if (to === from) to = from + 1;
  const rough = (to - from) / 4;
  const step = isBytes(unit) && rough >= 1 ? binaryStep(rough) : decimalStep(rough);
  const interval = isCount ? Math.ceil(step) : step;
  return { min: Math.floor(from / interval) * interval, max: Math.ceil(to / interval) * interval, interval };
}

const isBytes = (unit: string) => unit === 'By' || unit.startsWith('By/') || unit === 'bytes';

function decimalStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = DECIMAL.find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function binaryStep(rough: number): number {
  const power = 1024 ** Math.floor(Math.log2(rough) / 10);
  const factor = BINARY.find((candidate) => candidate * power >= rough) ?? 1024;
  return factor * power;
}

/** Decades around durations or other positive values, for a logarithmic axis; at least one whole decade. */
export function logAxis(low: number, high: number): { min: number; max: number } {
  const min = 10 ** Math.floor(Math.log10(Math.max(low, Number.MIN_VALUE)));
  return { min, max: Math.max(min * 10, 10 ** Math.ceil(Math.log10(Math.max(high, min)))) };
}
