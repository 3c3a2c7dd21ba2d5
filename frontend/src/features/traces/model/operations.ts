import type { CriticalPath } from './critical-path.js';
import { PIECE, type Pieces } from './pieces.js';
import { selfTimeNs } from './self-time.js';
import type { TraceTree } from './trace-tree.js';

/** What the spans of one operation come to. Times in nanoseconds. */
export interface Operation {
  readonly serviceName: string;
  readonly name: string;
  count: number;
  errorCount: number;
  totalNs: number;
  maxNs: number;
  selfNs: number;
  /** How long the trace waited for them. */
  criticalNs: number;
}

/** The operations of a trace, those that worked longest first. */
export function* listOperations(tree: TraceTree, path: CriticalPath): Pieces<Operation[]> {
  const operations = new Map<string, Operation>();
  for (const node of tree.rows) {
    const { serviceName, name } = node.span;
    const key = `${serviceName}\0${name}`;
    const operation = operations.get(key) ?? {
      ...{ serviceName, name, count: 0, errorCount: 0 },
      ...{ totalNs: 0, maxNs: 0, selfNs: 0, criticalNs: 0 },
    };
    operations.set(key, operation);
    operation.count += 1;
    operation.errorCount += node.isError ? 1 : 0;
    operation.totalNs += node.durationNs;
    operation.maxNs = Math.max(operation.maxNs, node.durationNs);
    operation.selfNs += selfTimeNs(node);
    for (const { startNs, endNs } of path.segments.get(node) ?? []) operation.criticalNs += endNs - startNs;
    if (node.index % PIECE === 0) yield;
  }
  return [...operations.values()].sort((a, b) => b.selfNs - a.selfNs);
}
