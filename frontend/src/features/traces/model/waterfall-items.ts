import type { LogRecord } from '@telemetryflow/contracts';
import type { TraceNode } from './trace-tree.js';

/** A log record of a span, at its place in the trace. */
export interface SpanLog {
  readonly record: LogRecord;
  /** Nanoseconds since the trace began. */
  readonly atNs: number;
}

/** A row of the waterfall: a span, or one of its log records below it. */
export interface WaterfallItem {
  readonly node: TraceNode;
  readonly log: SpanLog | null;
}

/** The records by span, in the order in which they are given. */
export function logsBySpan(records: readonly LogRecord[], startUnixNano: bigint): ReadonlyMap<string, SpanLog[]> {
  const logs = new Map<string, SpanLog[]>();
  for (const record of records) {
    const log = { record, atNs: Number(BigInt(record.timeUnixNano) - startUnixNano) };
    const known = logs.get(record.spanId);
    if (known === undefined) logs.set(record.spanId, [log]);
    else known.push(log);
  }
  return logs;
}

/** The visible spans, each with its records below it. */
export function waterfallItems(
  visible: readonly TraceNode[],
  logs: ReadonlyMap<string, readonly SpanLog[]>,
): WaterfallItem[] {
  const items: WaterfallItem[] = [];
  for (const node of visible) {
    items.push({ node, log: null });
    for (const log of logs.get(node.span.spanId) ?? []) items.push({ node, log });
  }
  return items;
}

/** Where a span is among the items, or -1. They are ordered by the spans' `index`. */
export function itemOf(items: readonly WaterfallItem[], node: TraceNode): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.node.index ?? Infinity) < node.index) low = middle + 1;
    else high = middle;
  }
  return items[low]?.node === node ? low : -1;
}
