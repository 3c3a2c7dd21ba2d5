import type { Span } from '@telemetryflow/contracts';

/** One span in its place. Times are nanoseconds since the trace began: exact, as a trace is shorter than 2^53 ns. */
export interface TraceNode {
  readonly span: Span;
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
  /** The root that stands for the trace: the true root that began first, else the first orphan. Null without spans. */
  readonly main: TraceNode | null;
  readonly startUnixNano: bigint;
  readonly durationNs: number;
  readonly errorCount: number;
  readonly services: readonly string[];
  readonly missingParentCount: number;
  readonly skewedCount: number;
}

/**
 * Arranges spans as a tree. Tolerates what real traces hold: missing parents (the span becomes a root), a span id sent
 * twice (the first owns the children), parent cycles (cut at their earliest span), clocks that differ between hosts
 * (positions stay as sent; `skewNs` says by how much). Linear but for the sorting of siblings, and free of recursion: a
 * chain may be as deep as the trace is long.
 */
export function buildTraceTree(spans: readonly Span[]): TraceTree {
  const startUnixNano = spans.reduce<bigint | null>((min, span) => {
    const start = BigInt(span.startTimeUnixNano);
    return min === null || start < min ? start : min;
  }, null);
  const base = startUnixNano ?? 0n;
  const ids = new Set(spans.map((span) => span.spanId));
  const nodes = spans.map((span) => toNode(span, base, !ids.has(span.parentSpanId)));
  const owners = new Map<string, TraceNode>();
  for (const node of nodes) if (!owners.has(node.span.spanId)) owners.set(node.span.spanId, node);

  const roots: TraceNode[] = [];
  for (const node of nodes) {
    const parent = owners.get(node.span.parentSpanId);
    if (node.span.parentSpanId === '' || !parent || parent === node) {
      roots.push(node);
    } else {
      node.parent = parent;
      parent.children.push(node);
    }
  }
  const rows = flatten(roots, nodes);
  return summarize(rows, roots, base);
}

function toNode(span: Span, base: bigint, parentUnknown: boolean): TraceNode {
  const startNs = Number(BigInt(span.startTimeUnixNano) - base);
  const endNs = Math.max(startNs, Number(BigInt(span.endTimeUnixNano) - base));
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

function flatten(roots: TraceNode[], nodes: readonly TraceNode[]): TraceNode[] {
  const rows: TraceNode[] = [];
  const placed = new Set<TraceNode>();
  const place = (root: TraceNode) => {
    const stack = [root];
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (placed.has(node)) continue;
      placed.add(node);
      node.index = rows.length;
      node.depth = node.parent ? node.parent.depth + 1 : 0;
      rows.push(node);
      node.children.sort(byStart);
      for (let i = node.children.length - 1; i >= 0; i--) {
        const child = node.children[i];
        if (child) stack.push(child);
      }
    }
  };
  roots.sort(byStart).forEach(place);
  // What is left hangs in a cycle of parents. Cut it at its earliest span.
  for (const node of nodes.filter((node) => !placed.has(node)).sort(byStart)) {
    if (placed.has(node)) continue;
    if (node.parent) node.parent.children.splice(node.parent.children.indexOf(node), 1);
    node.parent = null;
    roots.push(node);
    place(node);
  }
  return rows;
}

function summarize(rows: readonly TraceNode[], roots: readonly TraceNode[], startUnixNano: bigint): TraceTree {
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
  }
  for (const node of rows) services.add(node.span.serviceName);
  return {
    rows,
    roots,
    main: roots.find((root) => !root.missingParent) ?? roots[0] ?? null,
    startUnixNano,
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
