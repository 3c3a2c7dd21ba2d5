import type { Steps } from '../../engine/part.js';
import type { Parameters } from '../parameters.js';

/** The position in `steps.starts` of the step that holds the column's instant, as an integer expression. */
export function stepIndex(column: string, steps: Steps, params: Parameters): string {
  const { starts, stepMs } = steps;
  const [first = 0] = starts;
  const ms = `toUnixTimestamp64Milli(${column})`;
  if (starts.every((start, i) => start === first + i * stepMs)) {
    return `toInt32(intDiv(${ms} - ${params.add('Int64', first)}, ${params.add('Int64', stepMs)}))`;
  }
  // The zone's clock changes within the range.
  return `toInt32(arrayCount(start -> start <= ${ms}, ${params.add('Array(Int64)', starts)})) - 1`;
}
