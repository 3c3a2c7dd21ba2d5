import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { formatTfql, type QueryMeta } from '@telemetryflow/contracts';
import { CacheService } from '../../../../shared/cache/index.js';
import { rangeMs, type TimeRange } from '../range.js';
import type { ReadScope } from '../store.js';
import { blocksOf, longestRun, type BlockPlan } from './blocks.js';
import { cellRequest, cellsOf, isMergeable, mergedAnswer, sliceOf, withoutCells, type CellBlock } from './cells.js';
import type { GroupsAnswer, PartAnswer, PartRequest } from './part.js';

const MINUTE_MS = 60_000;
/** What is this new is asked for each time: it still comes in. */
const NEWEST_MS = 2 * MINUTE_MS;
/** What ended within so long may still be completed by late senders, and is believed for a shorter time. */
const RECENT_MS = 15 * MINUTE_MS;
const RECENT_TTL_MS = MINUTE_MS;
const TTL_MS = 5 * MINUTE_MS;
/** An answer with more numbers or values is not kept. */
const MAX_VALUES = 50_000;
/** The most that a part can answer: with more groups than these, blocks would not hold all. */
const MAX_GROUPS = 1000;

export interface CachedAnswer {
  readonly answer: PartAnswer;
  readonly cache: QueryMeta['cache'];
}
export type AskStore = (request: PartRequest) => Promise<PartAnswer>;

interface StoredBlock {
  readonly block: CellBlock;
  readonly columns: GroupsAnswer['columns'];
}

/**
 * Answers that need not be asked for again. What lies wholly in the past is kept as it is. Counts, sums, minima and maxima
 * of records are kept by blocks of time, so that of a range that moves on with the clock only the two ends are asked for.
 */
@Injectable()
export class AnswerCache {
  constructor(private readonly cache: CacheService) {}

  /** @throws what `ask` throws */
  async answer(request: PartRequest, scope: ReadScope, nowMs: number, ask: AskStore): Promise<CachedAnswer> {
    const toMs = Number(request.range.toNs) / 1e6;
    const isPast = toMs <= nowMs - NEWEST_MS;
    const key = keyOf(scope, 'answer', answerAsked(request));
    const known = isPast ? await this.cache.get<PartAnswer>(key) : undefined;
    if (known !== undefined) return { answer: known, cache: 'hit' };
    const plan = isMergeable(request.part) ? blocksOf(request.range, request.steps, nowMs - NEWEST_MS) : undefined;
    const merged = plan === undefined ? undefined : await this.#fromBlocks(request, plan, scope, nowMs, ask);
    const found: CachedAnswer = merged ?? { answer: await ask(request), cache: 'miss' };
    if (isPast && valuesIn(found.answer) <= MAX_VALUES) await this.#keep(key, found.answer, toMs, nowMs);
    return found;
  }

  /** Undefined when the part has too many groups for it. */
  async #fromBlocks(
    request: PartRequest,
    plan: BlockPlan,
    scope: ReadScope,
    nowMs: number,
    ask: AskStore,
  ): Promise<CachedAnswer | undefined> {
    const cells = cellsAsked(request);
    const blockKey = (startMs: number) => keyOf(scope, 'block', cells, plan.cellMs, plan.blockMs, startMs);
    const wideKey = keyOf(scope, 'wide', cells, plan.blockMs);
    const isWide = await this.cache.get<true>(wideKey);
    if (isWide === true) return undefined;
    const stored = await Promise.all(plan.blocks.map((start) => this.cache.get<StoredBlock>(blockKey(start))));
    const kept = keptOf(stored, plan, request.range);
    const asked = await Promise.all(
      gapsOf(request.range, kept).map(async (gap) => {
        const question = cellRequest(request, gap, plan.cellMs, MAX_GROUPS);
        const answer = await ask(question);
        if (answer.kind !== 'groups') throw new Error('A part with aggregations is answered by groups');
        const columns = answer.columns.slice(0, request.part.aggregations.length);
        return { gap, answer, block: cellsOf(answer, question), columns };
      }),
    );
    if (asked.some(({ answer }) => answer.totalGroups > answer.groups.length)) {
      await this.cache.set(wideKey, true, { ttlMs: TTL_MS });
      const [whole] = asked;
      if (whole === undefined || kept !== undefined || request.onlyGroups !== undefined) return undefined;
      return { answer: withoutCells(whole.answer, request), cache: 'miss' };
    }
    for (const { gap, block, columns } of asked) {
      for (const start of plan.blocks) {
        const end = start + plan.blockMs;
        if (start < Number(gap.fromNs) / 1e6 || end > Number(gap.toNs) / 1e6) continue;
        const value: StoredBlock = { block: sliceOf(block, start, end), columns };
        if (cellsIn(value.block) <= MAX_VALUES) await this.#keep(blockKey(start), value, end, nowMs);
      }
    }
    const blocks = [...(kept?.blocks ?? []), ...asked.map(({ block }) => block)];
    const columns = asked[0]?.columns ?? kept?.columns ?? [];
    const cache = kept === undefined ? 'miss' : asked.length === 0 ? 'hit' : 'partial';
    return { answer: mergedAnswer(blocks, request, columns), cache };
  }

  async #keep(key: string, value: unknown, endMs: number, nowMs: number): Promise<void> {
    await this.cache.set(key, value, { ttlMs: endMs > nowMs - RECENT_MS ? RECENT_TTL_MS : TTL_MS });
  }
}

interface Kept extends Pick<StoredBlock, 'columns'> {
  readonly fromMs: number;
  readonly toMs: number;
  readonly blocks: readonly CellBlock[];
}

/** The stored cells that are used: one run of them, if it is at least half of the range. */
function keptOf(
  stored: readonly (StoredBlock | undefined)[],
  { blocks, blockMs, cellsFromMs }: BlockPlan,
  range: TimeRange,
): Kept | undefined {
  const { first, count } = longestRun(stored);
  const run = stored.slice(first, first + count).flatMap((block) => block ?? []);
  const [oldest] = run;
  const start = blocks[first];
  if (oldest === undefined || start === undefined) return undefined;
  const [fromMs, toMs] = [Math.max(start, cellsFromMs), start + count * blockMs];
  if (2 * (toMs - fromMs) < rangeMs(range)) return undefined;
  return { fromMs, toMs, columns: oldest.columns, blocks: run.map(({ block }) => sliceOf(block, fromMs, toMs)) };
}

/** What is before and after; everything when nothing is kept. */
function gapsOf(range: TimeRange, kept: Kept | undefined): TimeRange[] {
  if (kept === undefined) return [range];
  const gaps = [
    { fromNs: range.fromNs, toNs: BigInt(kept.fromMs) * 1_000_000n },
    { fromNs: BigInt(kept.toMs) * 1_000_000n, toNs: range.toNs },
  ];
  return gaps.filter(({ fromNs, toNs }) => fromNs < toNs);
}

/** What the cells of a part depend on, beside their time. */
function cellsAsked({ part, filter }: PartRequest): unknown {
  const { signal, aggregations, groupBy } = part;
  return { signal, filter: formatTfql(filter), aggregations, groupBy };
}

/** What an answer depends on. */
function answerAsked({ part, filter, range, steps, onlyGroups }: PartRequest): unknown {
  const { label: _label, hidden: _hidden, ...asked } = part;
  return {
    ...asked,
    filter: formatTfql(filter),
    range: [range.fromNs.toString(), range.toNs.toString()],
    steps: steps === null ? null : [steps.stepMs, steps.timeZone, steps.starts.length, steps.starts[0]],
    onlyGroups,
  };
}

/** The whole question is hashed: nothing of it may be left out of the key. */
function keyOf({ workspaceId = '', tenantId }: ReadScope, kind: string, ...asked: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(asked)).digest('base64url');
  return `query:${kind}:${workspaceId}:${tenantId}:${hash}`;
}

function valuesIn(answer: PartAnswer): number {
  if (answer.kind === 'rows') return answer.rows.length * answer.columns.length;
  return answer.groups.reduce((sum, { values, series, distributions }) => {
    const points = series?.reduce((all, line) => all + line.length, 0) ?? 0;
    const counts = distributions?.reduce((all, d) => all + (d?.counts.length ?? 0) * (d?.bounds.length ?? 0), 0) ?? 0;
    return sum + values.length + points + counts;
  }, 0);
}

function cellsIn({ groups }: CellBlock): number {
  return groups.reduce((sum, { records, cells }) => sum + records.length * (cells.length + 1), 0);
}
