import { refDebounced } from '@vueuse/core';
import { computed, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { searchText } from '../model/rows.js';
import type { TraceNode, TraceTree } from '../model/trace-tree.js';

/** Spans looked through before the browser gets its turn: a few milliseconds' worth. */
const CHUNK = 2_000;
const texts = new WeakMap<TraceNode, string>();

function matches(node: TraceNode, needle: string): boolean {
  let text = texts.get(node);
  if (text === undefined) texts.set(node, (text = searchText(node)));
  return text.includes(needle);
}

/** Search within a trace: every word must occur somewhere in the span. Large traces are searched in pieces. */
export function useSpanSearch(tree: MaybeRefOrGetter<TraceTree>) {
  const text = ref('');
  const settled = refDebounced(text, 120);
  /** Null while nothing is searched. */
  const found = shallowRef<ReadonlySet<TraceNode> | null>(null);
  const current = ref(-1);
  let run = 0;

  watch([settled, () => toValue(tree)], async ([query, { rows }]) => {
    const mine = ++run;
    current.value = -1;
    const needles = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (needles.length === 0) {
      found.value = null;
      return;
    }
    const result = new Set<TraceNode>();
    for (let i = 0; i < rows.length; i += CHUNK) {
      for (const node of rows.slice(i, i + CHUNK)) {
        if (needles.every((needle) => matches(node, needle))) result.add(node);
      }
      await new Promise((resolve) => setTimeout(resolve));
      if (mine !== run) return;
    }
    found.value = result;
  });

  const ordered = computed(() => (found.value ? [...found.value] : []));
  /** The next match (or the one before), around the end; null without any. */
  function step(by: 1 | -1): TraceNode | null {
    const count = ordered.value.length;
    if (count === 0) return null;
    current.value = current.value < 0 && by < 0 ? count - 1 : (current.value + by + count) % count;
    return ordered.value[current.value] ?? null;
  }
  return { text, found, current, count: computed(() => ordered.value.length), step };
}
