import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import type { LayeredLayout } from '../../../lib/layered-layout.js';
import { structureOf, type MapGraph } from '../model/map-graph.js';

/** A map laid out, with the graph that it was made of; the numbers of that graph may be older than the map's. */
export interface PlacedMap {
  readonly graph: MapGraph;
  readonly layout: LayeredLayout;
}

/** Lays a map out anew whenever its nodes or edges are others. Null before the first. */
export function useMapLayout(graph: () => MapGraph): ShallowRef<PlacedMap | null> {
  const placed = shallowRef<PlacedMap | null>(null);
  const worker = new Worker(new URL('../model/map-layout.worker.ts', import.meta.url), { type: 'module' });
  let latest = 0;
  let asked: MapGraph = { nodes: [], edges: [] };
  worker.onmessage = ({ data }: MessageEvent<{ id: number; layout: LayeredLayout }>) => {
    // An answer to what was asked before is of no use.
    if (data.id === latest) placed.value = { graph: asked, layout: data.layout };
  };
  worker.onerror = (event) => reportError(event.error ?? new Error(event.message));
  watch(
    () => structureOf(graph()),
    () => {
      asked = graph();
      latest += 1;
      worker.postMessage({
        id: latest,
        input: {
          nodes: asked.nodes.map(({ id }) => id),
          edges: asked.edges.map(({ source, target }) => ({ source, target })),
        },
      });
    },
    { immediate: true },
  );
  onScopeDispose(() => worker.terminate());
  return placed;
}
