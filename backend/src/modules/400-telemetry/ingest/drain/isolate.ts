import type { TableName } from '@telemetryflow/otlp';
import type { SegmentStore } from './clickhouse-segment-store.js';
import { bytesOf, rowsOf, type Piece, type TableRows } from './segment-content.js';

/** Questions to the store about one table of one segment; what is not known to be good by then counts as bad. */
const MAX_QUESTIONS = 500;

export interface Split {
  readonly good: readonly Piece[];
  readonly bad: readonly Piece[];
}

/**
 * Finds the pieces that are no rows of their table, by halves. Undefined when the whole reads as rows: then it is refused
 * for another reason (a view, a limit) than its bytes, part of it may be in the store already, and a split under other
 * tokens could store rows twice.
 *
 * @throws InsertError when the store can't be asked
 */
export async function splitTable(store: SegmentStore, { table, pieces }: TableRows): Promise<Split | undefined> {
  if (await readsAs(store, table, pieces)) return undefined;
  const good: Piece[] = [];
  const bad: Piece[] = [];
  let questions = 1;
  const open: (readonly Piece[])[] = [pieces];
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    if (group.length === 1 || questions >= MAX_QUESTIONS) {
      bad.push(...group);
      continue;
    }
    const middle = group.length >> 1;
    for (const half of [group.slice(middle), group.slice(0, middle)]) {
      questions += 1;
      if (await readsAs(store, table, half)) good.push(...half);
      else open.push(half);
    }
  }
  const inOrder = (list: Piece[]) => list.sort((a, b) => a.record - b.record);
  return { good: inOrder(good), bad: inOrder(bad) };
}

function readsAs(store: SegmentStore, table: TableName, pieces: readonly Piece[]): Promise<boolean> {
  return store.reads(table, bytesOf(pieces), rowsOf(pieces));
}
