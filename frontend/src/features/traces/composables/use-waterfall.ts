import { computed, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import type { TraceWindow } from '../model/bar.js';
import { ancestorsOf, visibleRows } from '../model/rows.js';
import type { TraceNode, TraceTree } from '../model/trace-tree.js';

/** What of a trace shows: which spans are collapsed, and which piece of its time. */
export function useWaterfall(tree: MaybeRefOrGetter<TraceTree>) {
  const collapsed = shallowRef<ReadonlySet<TraceNode>>(new Set());
  const window = shallowRef<TraceWindow>({ startNs: 0, endNs: 0 });
  const isZoomed = ref(false);
  const whole = (): TraceWindow => ({ startNs: 0, endNs: Math.max(1, toValue(tree).durationNs) });

  watch(
    () => toValue(tree),
    () => {
      collapsed.value = new Set();
      resetZoom();
    },
    { immediate: true },
  );

  function resetZoom(): void {
    window.value = whole();
    isZoomed.value = false;
  }
  function zoom(next: TraceWindow): void {
    window.value = next;
    isZoomed.value = next.startNs > 0 || next.endNs < toValue(tree).durationNs;
  }
  function toggle(node: TraceNode): void {
    setCollapsed(node, !collapsed.value.has(node));
  }
  function setCollapsed(node: TraceNode, isCollapsed: boolean): void {
    if (node.children.length === 0) return;
    const next = new Set(collapsed.value);
    if (isCollapsed) next.add(node);
    else next.delete(node);
    collapsed.value = next;
  }
  /** Opens whatever hides the span. */
  function expandTo(node: TraceNode): void {
    const hiding = ancestorsOf(node).filter((ancestor) => collapsed.value.has(ancestor));
    if (hiding.length > 0) collapsed.value = new Set([...collapsed.value].filter((other) => !hiding.includes(other)));
  }
  function collapseAll(): void {
    collapsed.value = new Set(toValue(tree).rows.filter((node) => node.depth > 0 && node.children.length > 0));
  }
  function expandAll(): void {
    collapsed.value = new Set();
  }

  const visible = computed(() => visibleRows(toValue(tree), collapsed.value));
  return {
    collapsed,
    visible,
    window,
    isZoomed,
    zoom,
    resetZoom,
    toggle,
    setCollapsed,
    expandTo,
    collapseAll,
    expandAll,
  };
}
