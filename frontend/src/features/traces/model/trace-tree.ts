import type { Span } from '@telemetryflow/contracts';
import { PIECE, runNow, type Pieces } from './pieces.js';

/** What a picture of the trace needs of a span. Times are nanoseconds since the trace began. */
export interface TraceSpan extends Pick<
  Span,
  'spanId' | 'parentSpanId' | 'name' | 'serviceName' | 'kind' | 'statusCode'
> {
  readonly startNs: number;
  readonly durationNs: number;
  readonly events: readonly { readonly name: string; readonly atNs: number }[];
}

/** One span in its place. Times are nanoseconds since the trace began: exact, as a trace is shorter than 2^53 ns. */
export interface TraceNode {
  readonly span: TraceSpan;
  /** Position in `TraceTree.rows`: parents before children, siblings by start. */
  index: number;
  parent: TraceNode | null;
  readonly children: TraceNode[];
  depth: number;
  /** How many spans are below, at any depth: what collapsing hides, and how far to skip in `rows`. */
  descendantCount: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly durationNs: number;
  readonly isError: boolean;
  /** It names a parent that the trace does not hold (not arrived, sampled away, or another system's). */
  readonly missingParent: boolean;
  /** How far it begins before or ends after its parent although both should nest; 0 when it nests. */
  skewNs: number;
  /** An error somewhere below: a collapsed row still shows that something failed. */
  errorBelow: boolean;
}

export interface TraceTree {
  /** Every span in the order in which the waterfall shows them. */
  readonly rows: readonly TraceNode[];
  readonly roots: readonly TraceNode[];
  /** Of an id that was sent twice the first. */
  readonly byId: ReadonlyMap<string, TraceNode>;
  /** The root that stands for the trace: the true root that began first, else the first orphan. Null without spans. */
  readonly main: TraceNode | null;
  readonly startUnixNano: bigint;
  readonly durationNs: number;
  readonly errorCount: number;
  readonly services: readonly string[];
  readonly missingParentCount: number;
  readonly skewedCount: number;
}

/** {@link arrangeTrace}, at once. */
export function buildTraceTree(spans: readonly TraceSpan[], startUnixNano = 0n): TraceTree {
  return runNow(arrangeTrace(spans, startUnixNano));
}

/**
 * Arranges spans as a tree. Tolerates what real traces hold: missing parents (the span becomes a root), a span id sent
 * twice (the first owns the children), parent cycles (cut at their earliest span), clocks that differ between hosts
 * (positions stay as sent; `skewNs` says by how much). Linear but for the sorting of siblings, and free of recursion: a
 * chain may be as deep as the trace is long.
 *
 * @param startUnixNano of the instant that the spans' times count from
 */
export function* arrangeTrace(spans: readonly TraceSpan[], startUnixNano: bigint): Pieces<TraceTree> {
  let base = Number.POSITIVE_INFINITY;
  const ids = new Set<string>();
  for (const span of spans) {
    base = Math.min(base, span.startNs);
    ids.add(span.spanId);
  }
  if (spans.length === 0) base = 0;
  yield;
  const nodes: TraceNode[] = [];
  const byId = new Map<string, TraceNode>();
  for (const span of spans) {
    const node = toNode(span, base, !ids.has(span.parentSpanId));
    if (!byId.has(span.spanId)) byId.set(span.spanId, node);
    if (nodes.push(node) % PIECE === 0) yield;
  }
  const roots: TraceNode[] = [];
  for (const node of nodes) {
    const parent = byId.get(node.span.parentSpanId);
    if (node.span.parentSpanId === '' || !parent || parent === node) {
      roots.push(node);
    } else {
      node.parent = parent;
      parent.children.push(node);
    }
  }
  yield;
  const rows = yield* flatten(roots, nodes);
  return yield* summarize({ rows, roots, byId, startUnixNano: startUnixNano + BigInt(base) });
}

function toNode(span: TraceSpan, base: number, parentUnknown: boolean): TraceNode {
  const startNs = span.startNs - base;
  const endNs = startNs + Math.max(0, span.durationNs);
  return {
    span,
    index: -1,
    parent: null,
    children: [],
    depth: 0,
    descendantCount: 0,
    startNs,
    endNs,
    durationNs: endNs - startNs,
    isError: span.statusCode === 'error',
    missingParent: span.parentSpanId !== '' && parentUnknown,
    skewNs: 0,
    errorBelow: false,
  };
}

const byStart = (a: TraceNode, b: TraceNode) => a.startNs - b.startNs || b.endNs - a.endNs;

function* flatten(roots: TraceNode[], nodes: readonly TraceNode[]): Pieces<TraceNode[]> {
  const rows: TraceNode[] = [];
  const placed = new Set<TraceNode>();
  function* place(root: TraceNode): Pieces<void> {
    const stack = [root];
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (placed.has(node)) continue;
      placed.add(node);
      node.index = rows.length;
      node.depth = node.parent ? node.parent.depth + 1 : 0;
      if (rows.push(node) % PIECE === 0) yield;
      node.children.sort(byStart);
      for (let i = node.children.length - 1; i >= 0; i--) {
        const child = node.children[i];
        if (child) stack.push(child);
      }
    }
  }
  for (const root of roots.sort(byStart)) yield* place(root);
  // What is left hangs in a cycle of parents. Cut it at its earliest span.
  for (const node of nodes.filter((node) => !placed.has(node)).sort(byStart)) {
    if (placed.has(node)) continue;
    if (node.parent) node.parent.children.splice(node.parent.children.indexOf(node), 1);
    node.parent = null;
    roots.push(node);
    yield* place(node);
  }
  return rows;
}

function* summarize(tree: Pick<TraceTree, 'rows' | 'roots' | 'byId' | 'startUnixNano'>): Pieces<TraceTree> {
  const { rows, roots } = tree;
  const services = new Set<string>();
  let durationNs = 0;
  let errorCount = 0;
  let missingParentCount = 0;
  let skewedCount = 0;
  for (let i = rows.length - 1; i >= 0; i--) {
    const node = rows[i];
    if (!node) continue;
    node.skewNs = skewOf(node);
    if (node.skewNs > 0) skewedCount++;
    if (node.isError) errorCount++;
    if (node.missingParent) missingParentCount++;
    durationNs = Math.max(durationNs, node.endNs);
    if (node.parent) {
      node.parent.descendantCount += node.descendantCount + 1;
      node.parent.errorBelow ||= node.isError || node.errorBelow;
    }
    if (i % PIECE === 0) yield;
  }
  for (const node of rows) services.add(node.span.serviceName);
  return {
    ...tree,
    main: roots.find((root) => !root.missingParent) ?? roots[0] ?? null,
    durationNs,
    errorCount,
    services: [...services],
    missingParentCount,
    skewedCount,
  };
}

/** Below this, a span that sticks out tells of clocks that tick in milliseconds (JavaScript's do), not of wrong ones. */
export const CLOCK_TICK_NS = 1_000_000;

/**
 * Only another service's clock can differ, and only a synchronous call must nest: a consumer rightly runs on after its
 * producer has ended, so there only an early start tells.
 */
function skewOf({ span, parent, startNs, endNs }: TraceNode): number {
  if (!parent || parent.span.serviceName === span.serviceName) return 0;
  const early = Math.max(0, parent.startNs - startNs);
  const asynchronous = span.kind === 'consumer' || parent.span.kind === 'producer';
  const skewNs = Math.max(early, asynchronous ? 0 : endNs - parent.endNs);
  return skewNs > 2 * CLOCK_TICK_NS ? skewNs : 0;
}
