import type { Steps } from '../../engine/part.js';
import type { TimeRange } from '../../range.js';
import type { Parameters } from '../parameters.js';

/** SQL for the position of the step that holds the instant `time` (DateTime64(9)), which lies in the range. */
export function stepPosition(steps: Steps, time: string, range: TimeRange, params: Parameters): string {
  const [first = 0] = steps.starts;
  if (isEven(steps, range)) {
    const [origin, width] = [params.add('Int64', nanos(first)), params.add('Int64', nanos(steps.stepMs))];
    return `toUInt16(intDiv(toUnixTimestamp64Nano(${time}) - ${origin}, ${width}))`;
  }
  const starts = params.add('Array(Int64)', steps.starts);
  return `toUInt16(indexOf(${starts}, roundDown(toUnixTimestamp64Milli(${time}), ${starts})) - 1)`;
}

/** How much of each step the range covers, in seconds. */
export function stepSeconds({ starts, stepMs }: Steps, range: TimeRange): number[] {
  const [fromMs, toMs] = [Number(range.fromNs) / 1e6, Number(range.toNs) / 1e6];
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? Math.max(toMs, start + stepMs);
    return (Math.min(end, toMs) - Math.max(start, fromMs)) / 1000;
  });
}

/** A day on which clocks change is uneven even alone. */
function isEven({ starts, stepMs }: Steps, { toNs }: TimeRange): boolean {
  const end = (starts.at(-1) ?? 0) + stepMs;
  return toNs <= BigInt(nanos(end)) && starts.every((start, i) => start - (starts[0] ?? 0) === i * stepMs);
}

function nanos(ms: number): string {
  return (BigInt(ms) * 1_000_000n).toString();
}
