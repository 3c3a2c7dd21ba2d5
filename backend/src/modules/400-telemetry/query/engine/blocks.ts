import { rangeMs, type TimeRange } from '../range.js';
import { DAY_MS, HOUR_MS } from '../step.js';
import type { Steps } from './part.js';

const MINUTE_MS = 60_000;
/** A range is cut into at most so many blocks. */
const MAX_BLOCKS = 24;
/** Shorter ranges are asked as a whole. */
const SHORTEST_MS = 10 * MINUTE_MS;
const BLOCK_MS: readonly number[] = [
  ...[1, 5, 15, 30].map((n) => n * MINUTE_MS),
  ...[1, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 7, 30].map((n) => n * DAY_MS),
];

/** How a range is cut into blocks of time, aligned to the epoch, and those into cells of one step each. */
export interface BlockPlan {
  readonly blockMs: number;
  readonly cellMs: number;
  /** Where cells are whole: the first that begins within the range. */
  readonly cellsFromMs: number;
  /** Starts of adjoining blocks, all of which end within the range; the first may begin before it. */
  readonly blocks: readonly number[];
}

/**
 * The blocks of a range that end before `newestMs`; undefined when it is not worth cutting, or cannot be cut: days of a
 * calendar are not aligned to the epoch.
 */
export function blocksOf(range: TimeRange, steps: Steps | null, newestMs: number): BlockPlan | undefined {
  const lengthMs = rangeMs(range);
  if (lengthMs < SHORTEST_MS || (steps !== null && steps.stepMs >= DAY_MS)) return undefined;
  const stepMs = steps?.stepMs ?? 1;
  const blockMs = BLOCK_MS.find((ms) => ms * MAX_BLOCKS >= lengthMs && ms % stepMs === 0);
  if (blockMs === undefined) return undefined;
  const cellMs = steps?.stepMs ?? blockMs;
  const [fromMs, toMs] = [Number(range.fromNs) / 1e6, Number(range.toNs) / 1e6];
  const cellsFromMs = Math.ceil(fromMs / cellMs) * cellMs;
  const blocks: number[] = [];
  const endMs = Math.min(toMs, newestMs);
  for (let at = Math.floor(cellsFromMs / blockMs) * blockMs; at + blockMs <= endMs; at += blockMs) blocks.push(at);
  return blocks.length === 0 ? undefined : { blockMs, cellMs, cellsFromMs, blocks };
}

/** The longest run of what is there: position of its first, and how many. */
export function longestRun(items: readonly unknown[]): { readonly first: number; readonly count: number } {
  let best = { first: 0, count: 0 };
  let count = 0;
  for (const [i, item] of items.entries()) {
    count = item === undefined ? 0 : count + 1;
    if (count > best.count) best = { first: i - count + 1, count };
  }
  return best;
}
