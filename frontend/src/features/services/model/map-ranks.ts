import type { LayeredGraph } from '../../../lib/layered-layout.js';

const SWEEPS = 6;

type Neighbours = ReadonlyMap<string, readonly string[]>;

/**
 * Nodes by rank, callers before what they call, each rank ordered so that neighbours stand at about the same height.
 * Calls that close a circle do not count. Linear in the edges: a layout that also routes every line takes seconds for
 * some hundred of them.
 */
export function ranksOf({ nodes, edges }: LayeredGraph): string[][] {
  const called = new Map<string, string[]>(nodes.map((id) => [id, []]));
  const near = new Map<string, string[]>(nodes.map((id) => [id, []]));
  for (const { source, target } of edges) {
    called.get(source)?.push(target);
    near.get(source)?.push(target);
    near.get(target)?.push(source);
  }
  const order = callersFirst(nodes, edges, called);
  const place = new Map(order.map((id, i) => [id, i]));
  const rank = new Map<string, number>();
  for (const id of order) {
    const own = rank.get(id) ?? 0;
    rank.set(id, own);
    for (const next of called.get(id) ?? []) {
      const isForward = (place.get(next) ?? 0) > (place.get(id) ?? 0);
      if (isForward) rank.set(next, Math.max(rank.get(next) ?? 0, own + 1));
    }
  }
  const ranks: string[][] = [];
  for (const [id, at] of rank) (ranks[at] ??= []).push(id);
  return orderRanks(ranks, near);
}

/** Every node before all that it calls, but for calls that close a circle. Begins with those that nobody calls. */
function callersFirst(nodes: readonly string[], edges: LayeredGraph['edges'], called: Neighbours): string[] {
  const hasCaller = new Set(edges.map(({ target }) => target));
  const starts = [...nodes.filter((id) => !hasCaller.has(id)), ...nodes];
  const seen = new Set<string>();
  const finished: string[] = [];
  for (const start of starts) {
    if (seen.has(start)) continue;
    seen.add(start);
    const stack = [{ id: start, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const child = called.get(top.id)?.[top.next];
      top.next += 1;
      if (child === undefined) {
        finished.push(top.id);
        stack.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        stack.push({ id: child, next: 0 });
      }
    }
  }
  return finished.reverse();
}

/** Sorts each rank by the mean height of its nodes' neighbours, again and again. */
function orderRanks(ranks: readonly (readonly string[])[], near: Neighbours): string[][] {
  let ordered = ranks.map((ids) => [...ids]);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const height = new Map(ordered.flatMap((ids) => ids.map((id, i) => [id, (i + 0.5) / ids.length] as const)));
    ordered = ordered.map((ids) => {
      const mean = new Map(
        ids.map((id) => {
          const heights = (near.get(id) ?? []).map((other) => height.get(other) ?? 0.5);
          return [id, heights.length === 0 ? 0.5 : heights.reduce((a, b) => a + b, 0) / heights.length];
        }),
      );
      return [...ids].sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0));
    });
  }
  return ordered;
}
