import type { LayeredGraph } from '../../../lib/layered-layout.js';
import { layoutMap } from './map-layout.js';

/** Lays maps out beside the page: with two hundred services it would stop every key and pointer for a while. */
addEventListener('message', ({ data }: MessageEvent<{ id: number; input: LayeredGraph }>) => {
  postMessage({ id: data.id, layout: layoutMap(data.input) });
});
